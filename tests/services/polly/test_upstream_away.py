"""When Amazon Polly cannot be had: what callers are told, what the log says, and who waits."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.polly import upstream
from tests.services.polly.upstream import log_lines, speak
from tests.serving import RunningServer, start
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None,
    reason="needs the speech extra: pip install 'inhouse[speech]'",
)


def refused(polly: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as raised:
        speak(polly)
    error, facts = raised.value.response["Error"], raised.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], facts["HTTPStatusCode"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
    return port


@pytest.mark.slow
def test_a_task_waits_for_upstream_to_come_back(tmp_path: Path) -> None:
    port = free_port()
    with upstream.near(tmp_path, f"http://127.0.0.1:{port}", "all") as near:
        polly = near.client("polly")
        assert refused(polly) == (
            "ServiceFailureException",
            "The upstream Polly cannot be reached (EndpointConnectionError). Try again later.",
            500,
        )
        near.client("s3").create_bucket(Bucket="kept")
        task = polly.start_speech_synthesis_task(
            OutputS3BucketName="kept", Text="Guten Abend.", VoiceId="Marlene", OutputFormat="mp3"
        )["SynthesisTask"]
        until(lambda: unreached(near) >= 2)
        with upstream.amazon(tmp_path, "--port", str(port)) as amazon:
            status = lambda: polly.get_speech_synthesis_task(TaskId=task["TaskId"])  # noqa: E731
            until(lambda: status()["SynthesisTask"]["TaskStatus"] == "completed")
            stored = near.client("s3").get_object(Bucket="kept", Key=f"{task['TaskId']}.mp3")
            theirs = speak(upstream.as_upstream(amazon), Text="Guten Abend.")
            assert stored["Body"].read() == theirs


def unreached(near: RunningServer) -> int:
    return sum(line["event"] == "polly.upstream_unreachable" for line in log_lines(near))


@pytest.mark.slow
def test_a_failure_is_told_beyond_kill_9(tmp_path: Path) -> None:
    """The task waits for upstream, the server is killed, and the next one has no upstream."""
    data = ("--data", str(tmp_path / "data"))
    with upstream.near(tmp_path, f"http://127.0.0.1:{free_port()}", "all", *data) as first:
        first.client("s3").create_bucket(Bucket="kept")
        topic, queue = upstream.told(first, "ends")
        task = first.client("polly").start_speech_synthesis_task(
            OutputS3BucketName="kept", Text="<speak><b>fett</b></speak>", TextType="ssml",
            VoiceId="Marlene", OutputFormat="mp3", SnsTopicArn=topic,
        )["SynthesisTask"]  # fmt: skip
        until(lambda: unreached(first) >= 1)
        first.kill()
    with start(tmp_path, *data) as second:
        told = upstream.message(second, queue.replace(first.endpoint, second.endpoint))
        assert (told["taskId"], told["taskStatus"]) == (task["TaskId"], "failed")
        assert "InvalidSsmlException" in told["taskStatusReason"]


def test_keys_that_upstream_does_not_take(tmp_path: Path) -> None:
    wrong = "the-wrong-secret-of-upstream-012345"
    with (
        upstream.amazon(tmp_path) as amazon,
        upstream.near(
            tmp_path, amazon.endpoint, "all", INHOUSE_POLLY_UPSTREAM_SECRET_ACCESS_KEY=wrong
        ) as near,
    ):
        code, message, status = refused(near.client("polly"))
        assert (code, status) == ("ServiceFailureException", 500)
        assert upstream.KEY_ID not in message
        (told,) = [one for one in log_lines(near) if one["event"] == "polly.upstream_refused"]
        assert "INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID" in told["advice"]
        assert wrong not in near.log


@pytest.mark.slow
def test_a_named_profile(tmp_path: Path) -> None:
    """The profile's keys, and not its endpoint, which may be that of this very server."""
    (tmp_path / "config").write_text(
        f"[profile newsroom]\naws_access_key_id = {upstream.KEY_ID}\n"
        f"aws_secret_access_key = {upstream.SECRET}\nendpoint_url = http://127.0.0.1:9\n"
    )
    profile = {
        "INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID": "",
        "INHOUSE_POLLY_UPSTREAM_SECRET_ACCESS_KEY": "",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    with upstream.amazon(tmp_path) as amazon:
        for name, heard in (("newsroom", True), ("nobody", False)):
            profile["INHOUSE_POLLY_UPSTREAM_PROFILE"] = name
            with upstream.near(tmp_path, amazon.endpoint, "Marlene", **profile) as near:
                if heard:
                    assert speak(near.client("polly")) == speak(upstream.as_upstream(amazon))
                else:
                    assert refused(near.client("polly"))[0] == "ServiceFailureException"
                    assert "nobody" in near.log


def test_an_upstream_that_is_silent_does_not_hold_the_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with upstream.near(tmp_path, f"http://127.0.0.1:{port}", "Marlene") as near:
            near.client("s3").create_bucket(Bucket="kept")
            polly = near.client("polly")
            polly.start_speech_synthesis_task(
                OutputS3BucketName="kept", Text="Gut.", VoiceId="Marlene", OutputFormat="mp3"
            )
            connection, _ = silent.accept()
            with connection:
                assert speak(polly, VoiceId="Hans")
                near.stop()
                assert near.process.returncode == 0


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"INHOUSE_POLLY_UPSTREAM": "all"}, "INHOUSE_POLLY_UPSTREAM_PROFILE"),
        (
            {"INHOUSE_POLLY_UPSTREAM": "Jonna", "INHOUSE_POLLY_UPSTREAM_PROFILE": "p"},
            "'Jonna' is neither",
        ),
        (
            {
                "INHOUSE_POLLY_UPSTREAM": "all",
                "INHOUSE_POLLY_UPSTREAM_SECRET_ACCESS_KEY": "secret-without-a-key-id",
            },
            "set both or none",
        ),
    ],
)
def test_settings_that_cannot_work_are_told_at_start(
    tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(AssertionError) as raised, start(tmp_path, "--ephemeral", **environment):
        pass
    assert sentence in str(raised.value)
    assert "secret-without-a-key-id" not in str(raised.value)
    assert "Traceback" not in str(raised.value)
