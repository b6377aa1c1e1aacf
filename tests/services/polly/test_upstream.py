"""Chosen voices are spoken by Amazon Polly itself, here a second server with other keys."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.polly import upstream
from tests.services.polly.tasks import ended
from tests.services.polly.upstream import as_upstream, calls, speak
from tests.serving import RunningServer

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None,
    reason="needs the speech extra: pip install 'inhouse[speech]'",
)
LOGGED = 0.4
"""Seconds after which a request is in the access log."""


@pytest.fixture(scope="module")
def amazon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with upstream.amazon(tmp_path_factory.mktemp("amazon")) as running:
        yield running


@pytest.fixture(scope="module")
def near(
    tmp_path_factory: pytest.TempPathFactory, amazon: RunningServer
) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("near")
    with upstream.near(folder, amazon.endpoint, "Marlene, neural") as running:
        yield running


def arrivals(amazon: RunningServer, ask: Callable[[], Any]) -> list[dict[str, Any]]:
    """The calls that upstream logs while `ask` runs."""
    time.sleep(LOGGED)
    before = len(calls(amazon))
    ask()
    time.sleep(LOGGED)
    return calls(amazon)[before:]


def test_the_sound_is_upstreams_and_the_call_signed_with_its_keys(
    near: RunningServer, amazon: RunningServer, server: RunningServer
) -> None:
    heard: list[bytes] = []
    ask = lambda: heard.append(speak(near.client("polly"), Text="Guten Abend."))  # noqa: E731
    (call,) = arrivals(amazon, ask)
    assert call["caller"] == f"arn:aws:iam::{upstream.ACCOUNT}:user/admin"
    assert heard[0] == speak(as_upstream(amazon), Text="Guten Abend.")
    assert heard[0] != speak(server.client("polly"), Text="Guten Abend.")


@pytest.mark.parametrize(
    "asked",
    [
        {"OutputFormat": "pcm", "SampleRate": "8000"},
        {"OutputFormat": "ogg_opus"},
        {"OutputFormat": "json", "SpeechMarkTypes": ["word", "viseme"]},
        {"TextType": "ssml", "Text": "<speak>Guten <break time='1s'/>Abend</speak>"},
        {"LanguageCode": "nl-NL"},
    ],
    ids=str,
)
def test_all_parameters_go_along(
    near: RunningServer, amazon: RunningServer, asked: dict[str, Any]
) -> None:
    request = {"Text": "Guten Abend.", "VoiceId": "Marlene", "OutputFormat": "mp3", **asked}
    ours = near.client("polly").synthesize_speech(**request)
    theirs = as_upstream(amazon).synthesize_speech(**request)
    assert ours["ContentType"] == theirs["ContentType"]
    assert ours["RequestCharacters"] == theirs["RequestCharacters"]
    assert ours["AudioStream"].read() == theirs["AudioStream"].read()


def test_an_engine_goes_upstream_and_what_was_not_chosen_stays(
    near: RunningServer, amazon: RunningServer
) -> None:
    polly = near.client("polly")
    assert len(arrivals(amazon, lambda: speak(polly, VoiceId="Joanna", Engine="neural"))) == 1
    assert arrivals(amazon, lambda: speak(polly, VoiceId="Hans")) == []
    assert arrivals(amazon, lambda: speak(polly, VoiceId="Tone")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"Text": "<speak><b>fett</b></speak>", "TextType": "ssml"},
        {"Text": "x" * 3001},
        {"SampleRate": "7"},
        {"Engine": "generative"},
        {"OutputFormat": "json", "SpeechMarkTypes": ["ssml"]},
        {"LanguageCode": "xx-XX"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_upstreams_errors_are_ours(
    near: RunningServer, amazon: RunningServer, wrong: dict[str, Any]
) -> None:
    answers = []
    for polly in (near.client("polly"), as_upstream(amazon)):
        with pytest.raises(ClientError) as raised:
            speak(polly, **wrong)
        response = raised.value.response
        answers.append((response["Error"], response["ResponseMetadata"]["HTTPStatusCode"]))
    assert answers[0] == answers[1]


LEXICON = (
    '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" '
    'alphabet="ipa" xml:lang="de-DE"><lexeme><grapheme>DPA</grapheme>'
    "<alias>Presseagentur {}</alias></lexeme></lexicon>"
)


def test_lexicons_go_along_by_their_content(near: RunningServer, amazon: RunningServer) -> None:
    ours, theirs = near.client("polly"), as_upstream(amazon)
    said = {"Text": "Die DPA meldet.", "LexiconNames": ["agency"]}
    for word in ("eins", "zwei", "eins"):
        for polly in (ours, theirs):
            polly.put_lexicon(Name="agency", Content=LEXICON.format(word))
        assert speak(ours, **said) == speak(theirs, **said)
    stored = [one["Name"] for one in theirs.list_lexicons()["Lexicons"]]
    sent = [name for name in stored if name.startswith("inhouse")]
    assert len(sent) == 2

    for name in sent:
        theirs.delete_lexicon(Name=name)
    assert speak(ours, **said) == speak(theirs, **said)
    with pytest.raises(ours.exceptions.LexiconNotFoundException):
        speak(ours, LexiconNames=["nothing"])


def test_old_lexicons_of_ours_make_room(near: RunningServer, amazon: RunningServer) -> None:
    ours, theirs = near.client("polly"), as_upstream(amazon)
    there = {one["Name"] for one in theirs.list_lexicons()["Lexicons"]}
    for number in range(100 - len(there)):
        theirs.put_lexicon(Name=f"inhouse{number}", Content=LEXICON.format(number))
    ours.put_lexicon(Name="another", Content=LEXICON.format("drei"))
    plain = speak(ours, Text="Die DPA meldet.")
    assert len(speak(ours, Text="Die DPA meldet.", LexiconNames=["another"])) > len(plain)
    left = {one["Name"] for one in theirs.list_lexicons()["Lexicons"]}
    assert len(left) <= 100
    assert {name for name in there if not name.startswith("inhouse")} <= left


def test_a_task_is_ours_with_upstreams_sound(
    near: RunningServer, amazon: RunningServer, fresh_name: Callable[..., str]
) -> None:
    polly, s3, bucket = near.client("polly"), near.client("s3"), fresh_name("audio")
    s3.create_bucket(Bucket=bucket)
    said = {"Text": "Guten Abend.", "VoiceId": "Marlene", "OutputFormat": "mp3"}
    task = polly.start_speech_synthesis_task(OutputS3BucketName=bucket, **said)["SynthesisTask"]
    assert task["RequestCharacters"] == 12
    done = ended(polly, task["TaskId"])
    assert done["TaskStatus"] == "completed"
    stored = s3.get_object(Bucket=bucket, Key=f"{task['TaskId']}.mp3")
    assert stored["Body"].read() == speak(as_upstream(amazon), **said)
    assert stored["ContentType"] == "audio/mpeg"


def test_a_task_that_upstream_refuses_fails_with_its_reason(
    near: RunningServer, fresh_name: Callable[..., str]
) -> None:
    polly, bucket = near.client("polly"), fresh_name("audio")
    near.client("s3").create_bucket(Bucket=bucket)
    topic, queue = upstream.told(near, fresh_name())
    task = polly.start_speech_synthesis_task(
        OutputS3BucketName=bucket, Text="<speak><b>fett</b></speak>", TextType="ssml",
        VoiceId="Marlene", OutputFormat="mp3", SnsTopicArn=topic,
    )["SynthesisTask"]  # fmt: skip
    failed = ended(polly, task["TaskId"])
    assert failed["TaskStatus"] == "failed"
    assert "InvalidSsmlException" in failed["TaskStatusReason"]
    told = upstream.message(near, queue)
    created = datetime.fromisoformat(told.pop("creationTime"))
    assert abs(created - task["CreationTime"]) < timedelta(seconds=1)
    assert told == {
        "taskId": task["TaskId"],
        "taskStatus": "failed",
        "taskStatusReason": failed["TaskStatusReason"],
        "outputUri": task["OutputUri"],
        "requestCharacters": 4,
        "snsTopicArn": topic,
        "outputFormat": "mp3",
        "speechMarkTypes": [],
        "textType": "ssml",
        "voiceId": "Marlene",
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Text": "x" * 3001}, "TextLengthExceededException"),
        ({"Text": "<speak>offen", "TextType": "ssml"}, "InvalidSsmlException"),
        (
            {"Text": "<!DOCTYPE speak []><speak>a</speak>", "TextType": "ssml"},
            "InvalidSsmlException",
        ),
        ({"TextType": "html"}, "ValidationException"),
        ({"OutputFormat": "flac"}, "ValidationException"),
        ({"LexiconNames": ["nothing"]}, "LexiconNotFoundException"),
    ],
)
def test_tasks_that_cannot_be_done_are_refused_at_once(
    near: RunningServer, fresh_name: Callable[..., str], wrong: dict[str, Any], code: str
) -> None:
    bucket = fresh_name("audio")
    near.client("s3").create_bucket(Bucket=bucket)
    asked = {"Text": "Guten Abend.", "VoiceId": "Marlene", "OutputFormat": "mp3", **wrong}
    with pytest.raises(ClientError) as raised:
        near.client("polly").start_speech_synthesis_task(OutputS3BucketName=bucket, **asked)
    assert raised.value.response["Error"]["Code"] == code


def test_no_secret_in_a_log(near: RunningServer, amazon: RunningServer) -> None:
    speak(near.client("polly"))
    time.sleep(LOGGED)
    for running in (near, amazon):
        assert upstream.SECRET not in running.log
