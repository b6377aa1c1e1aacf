"""The newsroom's CMS: publishes each save until it is acknowledged, and remembers which were."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from inhouse.solutions.narration import Deployment
from inhouse.solutions.narration.functions import ledger
from inhouse.solutions.narration.functions.bucket import Bucket
from tests.solutions.narration.fire.saves import Save

PAUSE = 0.1
LOOK = 0.5
MOST_UNDER_WAY = 16
"""Saves acknowledged and not yet on the ledger: editors do not save everything at once."""
OVERTAKEN = ("Signature expired", "Signature not yet current", "RequestTimeTooSkewed")
"""What is said of requests that were under way while somebody set the clock."""
Name = tuple[str, int]


class Desk(threading.Thread):
    """Sends saves in order, an article's next one when the one before is on the ledger.

    A publish without an answer, or with a server's fault, is sent again. One that was answered is
    never sent again: what becomes of it is the server's business.
    """

    def __init__(self, session: Any, deployment: Deployment, saves: list[Save]) -> None:
        super().__init__(name="desk", daemon=True)
        # As a CMS is set up: boto3 repeats a few times by itself, the desk goes on from there.
        config = Config(
            retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=10
        )
        self._sns = session.client("sns", config=config)
        self._bucket = Bucket(session.client("s3", config=config), deployment.fragments_bucket)
        self._topic_arn = deployment.topic_arn
        self._queues: dict[str, deque[Save]] = {}
        for save in saves:
            self._queues.setdefault(save["article_id"], deque()).append(save)
        self.acknowledged: list[Name] = []
        self.repeats = 0
        self.fault: BaseException | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        try:
            while any(self._queues.values()) and not self._ended.is_set():
                self._send_next(self._listed())
                time.sleep(PAUSE)
        except BaseException as fault:
            self.fault = fault

    def end(self) -> None:
        self._ended.set()
        self.join()

    def _send_next(self, listed: set[Name]) -> None:
        waiting = [name for name in self.acknowledged if name not in listed]
        busy = {article_id for article_id, _ in waiting}
        room = MOST_UNDER_WAY - len(waiting)
        due = [
            queue for article_id, queue in self._queues.items() if queue and article_id not in busy
        ]
        for queue in due[: max(0, room)]:
            if self._publish(queue[0]):
                save = queue.popleft()
                self.acknowledged.append((save["article_id"], save["version"]))

    def _publish(self, save: Save) -> bool:
        """Whether it was acknowledged; False when the desk was ended first."""
        text = json.dumps(save, ensure_ascii=False)
        while not self._ended.is_set():
            try:
                self._sns.publish(TopicArn=self._topic_arn, Message=text)
            except (BotoCoreError, ClientError) as error:
                _raise_unless_passing(error)
                self.repeats += 1
                time.sleep(PAUSE)
            else:
                return True
        return False

    def _listed(self) -> set[Name]:
        while not self._ended.is_set():
            try:
                return accepted(self._bucket)
            except (BotoCoreError, ClientError) as error:
                _raise_unless_passing(error)
                time.sleep(PAUSE)
        return set()


def accepted(bucket: Bucket) -> set[Name]:
    """Articles and versions on the ledger."""
    entries = map(ledger.entry, bucket.keys(ledger.SAVES))
    return {(entry.article_id, entry.version) for entry in entries}


def _raise_unless_passing(error: BotoCoreError | ClientError) -> None:
    """A refusal is not what a client repeats; a silence or a fault of the server is."""
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        overtaken = any(words in str(error) for words in OVERTAKEN)
        if status < 500 and status != 429 and not overtaken:
            raise error
