"""Answers that only a busy or broken Amazon Polly gives, here from a server of a few lines."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.services.polly import upstream
from tests.services.polly.tasks import ended
from tests.services.polly.upstream import speak
from tests.serving import RunningServer

SOUND = b"the sound of upstream" * 1000


class Moody(ThreadingHTTPServer):
    """Gives the answers of `moods` in turn, then speaks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.moods: list[str] = []
        self.asked = 0


class _Handler(BaseHTTPRequestHandler):
    server: Moody

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        match self.server.moods.pop(0) if self.server.moods else "well":
            case "throttled":
                self._answer(400, {"message": "Rate exceeded"}, "ThrottlingException")
            case "broken":
                self._answer(500, {"message": "Oh dear"}, "ServiceFailureException")
            case "refused":
                secret = "User: arn:aws:iam::999988887777:user/inhouse is not authorized"
                self._answer(403, {"Message": secret}, "AccessDeniedException")
            case "cut off":
                self._speak(SOUND[: len(SOUND) // 2])
            case _:
                self._speak(SOUND)

    def _answer(self, status: int, body: dict[str, str], code: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("x-amzn-ErrorType", code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _speak(self, sent: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "audio/mpeg")
        self.send_header("x-amzn-RequestCharacters", "7")
        self.send_header("Content-Length", str(len(SOUND)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Moody]:
    with Moody() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def moody() -> Iterator[Moody]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory, moody: Moody) -> Iterator[RunningServer]:
    folder, endpoint = tmp_path_factory.mktemp("near"), f"http://127.0.0.1:{moody.server_port}"
    with upstream.near(folder, endpoint, "all") as server:
        yield server


@pytest.mark.parametrize(
    ("mood", "code", "status"),
    [
        ("throttled", "ThrottlingException", 400),
        ("broken", "ServiceFailureException", 500),
        ("refused", "ServiceFailureException", 500),
    ],
)
def test_what_callers_are_told(
    near: RunningServer, moody: Moody, mood: str, code: str, status: int
) -> None:
    moody.moods = [mood] * 2
    with pytest.raises(ClientError) as raised:
        speak(near.client("polly"))
    moody.moods = []
    told = raised.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert "999988887777" not in told["Error"]["Message"]


def test_a_moment_of_throttling_is_not_seen(near: RunningServer, moody: Moody) -> None:
    moody.moods = ["throttled"]
    assert speak(near.client("polly")) == SOUND


def test_sound_that_breaks_off_is_not_taken_for_whole(near: RunningServer, moody: Moody) -> None:
    moody.moods = ["cut off"]
    with pytest.raises(BotoCoreError):
        speak(near.client("polly"))


@pytest.mark.slow
def test_tasks_wait_however_often_upstream_fails(near: RunningServer, moody: Moody) -> None:
    """More often than a job may fail."""
    polly, s3 = near.client("polly"), near.client("s3")
    s3.create_bucket(Bucket="kept")
    moody.moods = ["cut off", *["throttled"] * 2, *["broken"] * 2, "refused", "refused"]
    moody.asked = 0
    task = polly.start_speech_synthesis_task(
        OutputS3BucketName="kept", Text="Gut.", VoiceId="Marlene", OutputFormat="mp3"
    )["SynthesisTask"]
    assert ended(polly, task["TaskId"])["TaskStatus"] == "completed"
    stored = s3.get_object(Bucket="kept", Key=f"{task['TaskId']}.mp3")
    assert stored["Body"].read() == SOUND
    assert moody.asked == 8
