"""Sends recorded saves through a narration, in order, and waits until all is narrated.

What was accepted is known from the bucket, so a replay that was interrupted goes on where it was.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from inhouse.solutions.narration.functions import ledger, manifest, plan
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3

LARGEST_BATCH = 250_000
"""Bytes of one PublishBatch, a little below what SNS takes."""
MOST_IN_BATCH = 10
POLL_SECONDS = 0.5
MOST_UNDER_WAY = 32
"""Saves sent and not yet accepted. An article's next version follows when one was accepted."""
MOST_LOOKED_AT = 16
"""Articles whose manifests are read at each look."""
PATIENCE_SECONDS = 150.0
"""Without any progress so long, the unfinished saves are sent again: a repeated save resumes."""
MOST_REPEATS = 3


class Unfinished(Exception):
    """Saves that neither became audio nor were refused, however often they were sent."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`sent` counts saves given to SNS or accepted before, `settled` articles whose audio is out."""

    saves: int
    sent: int
    accepted: int
    refused: int
    articles: int
    settled: int
    resumed: int = 0


class Line(NamedTuple):
    """One save of the file; without article_id or version it can only be refused."""

    text: str
    article_id: str | None
    version: int | None


def replay(
    session: boto3.Session,
    name: str,
    file: Path | str,
    *,
    progress: Callable[[Progress], object] = lambda _: None,
    limit: int | None = None,
    wait: bool = True,
) -> Progress:
    """Publishes the saves of `file` (JSON, JSON lines, or either gzipped), `limit` the first ones.

    Each article's versions go out in the file's order, the next when the one before was accepted,
    as an editor would save them; without `wait` everything goes out at once. Raises ValueError when the file holds no saves, Unfinished when waiting does not help.
    """
    lines = read(Path(file), limit)
    replaying = _Replaying(session, Names.of(session, name), lines, progress)
    left = replaying.unaccepted()
    if wait:
        replaying.feed(left)
    else:
        replaying.send(left)
    return replaying.state


def read(file: Path, limit: int | None = None) -> list[Line]:
    """The saves in a file, in order."""
    data = file.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    saves = []
    for found in _values(text, file):
        saves.append(_line(found))
        if len(saves) == limit:
            break
    if not saves:
        raise ValueError(f"{file} holds no saves; it must be a JSON list or one JSON object a line")
    return saves


def _values(text: str, file: Path) -> Iterator[Any]:
    if text.lstrip().startswith("["):
        yield from json.loads(text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ValueError(f"{file}, line {number} is not JSON: {error}") from None


def _line(found: Any) -> Line:
    fields = found if isinstance(found, dict) else {}
    article_id, version = fields.get("article_id"), fields.get("version")
    return Line(
        json.dumps(found, ensure_ascii=False),
        article_id if isinstance(article_id, str) else None,
        version if isinstance(version, int) and not isinstance(version, bool) else None,
    )


class _Replaying:
    def __init__(
        self,
        session: boto3.Session,
        names: Names,
        lines: list[Line],
        progress: Callable[[Progress], object],
    ) -> None:
        self._sns: Any = session.client("sns")
        s3 = session.client("s3")
        self._topic_arn = names.topic_arn
        self._fragments = Bucket(s3, names.fragments_bucket)
        self._audio = Bucket(s3, names.audio_bucket)
        self._lines = lines
        self._progress = progress
        self._messages: dict[str, Line] = {}
        self._refused: set[Line] = set()
        self._settled: set[str] = set()
        self._accepted: set[tuple[str | None, int | None]] = set()
        self._failed: set[tuple[str, int]] = set()
        self._under_way: set[Line] = set()
        self._looks = 0
        articles = {line.article_id for line in lines if line.article_id}
        self.state = Progress(len(lines), 0, 0, 0, len(articles), 0)

    def unaccepted(self) -> list[Line]:
        self._accepted = self._listed()
        left = [line for line in self._lines if not self._taken(line)]
        done = len(self._lines) - len(left)
        self._tell(sent=done, accepted=done, resumed=done)
        return left

    def send(self, lines: list[Line]) -> None:
        """Publishes in order; a full or refused batch stops nothing but itself."""
        for batch in _batches(lines):
            self._publish(batch)
            self._tell(sent=self.state.sent + len(batch))

    def _publish(self, batch: list[Line]) -> None:
        entries = [{"Id": str(at), "Message": line.text} for at, line in enumerate(batch)]
        answer = self._sns.publish_batch(
            TopicArn=self._topic_arn, PublishBatchRequestEntries=entries
        )
        for one in answer["Successful"]:
            self._messages[one["MessageId"]] = batch[int(one["Id"])]
        if failed := answer.get("Failed"):
            raise RuntimeError(f"SNS did not take a save: {failed[0]['Message']}")

    def feed(self, lines: list[Line]) -> None:
        """Sends as saves are accepted, until all were or were refused and all audio is out."""
        queues: dict[str | None, deque[Line]] = {}
        for line in lines:
            queues.setdefault(line.article_id, deque()).append(line)
        changed, repeats = time.monotonic(), 0
        while True:
            before = self.state
            self._send_next(queues)
            self._look()
            if self._done():
                return
            if self.state != before:
                changed = time.monotonic()
            elif time.monotonic() - changed > PATIENCE_SECONDS:
                self._again(repeats)
                repeats, changed = repeats + 1, time.monotonic()
            time.sleep(POLL_SECONDS)

    def _send_next(self, queues: dict[str | None, deque[Line]]) -> None:
        self._under_way = {line for line in self._under_way if not self._taken(line)}
        busy = {line.article_id for line in self._under_way}
        batch: list[Line] = []
        for article_id in [one for one in queues if one not in busy]:
            if len(self._under_way) + len(batch) >= MOST_UNDER_WAY:
                break
            batch.append(queues[article_id].popleft())
            if not queues[article_id]:
                del queues[article_id]
        self.send(batch)
        self._under_way |= set(batch)

    def _taken(self, line: Line) -> bool:
        return line in self._refused or (line.article_id, line.version) in self._accepted

    def _again(self, repeats: int) -> None:
        unfinished = self._unfinished()
        if repeats >= MOST_REPEATS:
            first = ", ".join(f"{one.article_id} {one.version}" for one in unfinished[:5])
            raise Unfinished(f"{len(unfinished)} saves came to no end: {first}")
        for batch in _batches(unfinished):
            self._publish(batch)

    def _done(self) -> bool:
        state = self.state
        return state.accepted + state.refused >= state.saves and state.settled == len(self._due())

    def _due(self) -> dict[str, int]:
        """The newest version of each article that was not refused, unless that one failed."""
        due: dict[str, int] = {}
        for line in self._lines:
            if line.article_id and line.version and line not in self._refused:
                due[line.article_id] = max(due.get(line.article_id, 0), line.version)
        return {one: version for one, version in due.items() if (one, version) not in self._failed}

    def _look(self) -> None:
        for key in self._fragments.keys(ledger.REFUSED):
            message = key.removeprefix(ledger.REFUSED).removesuffix(".json")
            if message in self._messages:
                self._refused.add(self._messages[message])
        self._accepted = accepted = self._listed()
        self._failed = set(map(ledger.failed, self._fragments.keys(ledger.FAILED)))
        due = self._due()
        ready = [
            article_id
            for article_id, version in due.items()
            if article_id not in self._settled and (article_id, version) in accepted
        ]
        self._looks += MOST_LOOKED_AT
        first = self._looks % len(ready) if ready else 0
        ready = [*ready[first:], *ready[:first]][:MOST_LOOKED_AT]
        with ThreadPoolExecutor(4) as pool:
            states = pool.map(lambda one: self._is_out(one, due[one]), ready)
            self._settled |= {one for one, out in zip(ready, states, strict=True) if out}
        count = sum((line.article_id, line.version) in accepted for line in self._lines)
        refused = sum(line in self._refused for line in self._lines)
        self._tell(accepted=count, refused=refused, settled=len(self._settled & due.keys()))

    def _is_out(self, article_id: str, version: int) -> bool:
        """Whether what is published is what this version says, or a newer one."""
        held = self._audio.json(manifest.key(article_id))
        if held is None or held.fields["version"] >= version:
            return held is not None
        wanted = self._fragments.json(plan.key(article_id, version))
        return (
            wanted is not None
            and plan.Plan.from_fields(wanted.fields).says == (held.fields["says"])
        )

    def _listed(self) -> set[tuple[str | None, int | None]]:
        entries = map(ledger.entry, self._fragments.keys(ledger.SAVES))
        return {(entry.article_id, entry.version) for entry in entries}

    def _unfinished(self) -> list[Line]:
        accepted, due = self._accepted, self._due()
        return [
            line
            for line in self._lines
            if line not in self._refused
            and (
                (line.article_id, line.version) not in accepted
                or (
                    line.article_id not in self._settled
                    and due.get(line.article_id or "") == line.version
                )
            )
        ]

    def _tell(self, **changes: int) -> None:
        self.state = replace(self.state, **changes)
        self._progress(self.state)


def _batches(lines: list[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        length = len(line.text.encode())
        if batch and (len(batch) == MOST_IN_BATCH or size + length > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch
