"""Topics, queues that topics may send to, and a web endpoint."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

import pytest

WAIT = 20.0


@pytest.fixture
def sns(client: Callable[..., Any]) -> Any:
    return client("sns")


@pytest.fixture
def sqs(client: Callable[..., Any]) -> Any:
    return client("sqs")


@pytest.fixture
def topic(sns: Any, fresh_name: Callable[..., str]) -> str:
    arn: str = sns.create_topic(Name=fresh_name("topic"))["TopicArn"]
    return arn


class Inbox:
    """A queue. `allow=False`: its policy does not let SNS in."""

    def __init__(self, sqs: Any, name: str, *, allow: bool = True) -> None:
        self._sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        shown = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = shown["Attributes"]["QueueArn"]
        if allow:
            self.allow({})

    def allow(self, condition: dict[str, Any]) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": condition,
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})

    def next(self, wait: float = WAIT) -> dict[str, Any]:
        """The next message, taken out of the queue."""
        found = self._sqs.receive_message(
            QueueUrl=self.url, WaitTimeSeconds=int(wait), MessageAttributeNames=["All"]
        )
        (message,) = found["Messages"]
        self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return dict(message)

    def envelope(self) -> dict[str, Any]:
        return dict(json.loads(self.next()["Body"]))

    def empty(self) -> bool:
        """Nothing has come. Ask after something that was sent later has arrived elsewhere."""
        return "Messages" not in self._sqs.receive_message(QueueUrl=self.url)


@pytest.fixture
def inbox(sqs: Any, fresh_name: Callable[..., str]) -> Callable[..., Inbox]:
    return lambda **arguments: Inbox(sqs, fresh_name("inbox"), **arguments)


class Endpoint:
    """A web server that keeps what is posted to it, and answers as told."""

    def __init__(self) -> None:
        self.posts: Queue[tuple[dict[str, str], str]] = Queue()
        self.statuses: Queue[int] = Queue()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.posts.put((headers, body))
                try:
                    status = endpoint.statuses.get_nowait()
                except Empty:
                    status = 200
                self.send_response(status)
                self.send_header("location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self) -> tuple[dict[str, str], str]:
        """Headers, by lower-case name, and body of the next post."""
        return self.posts.get(timeout=WAIT)

    def envelope(self) -> dict[str, Any]:
        return dict(json.loads(self.next()[1]))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()
