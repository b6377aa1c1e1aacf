"""SSML and visemes, through boto3."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytest.importorskip("av", reason="needs the speech extra: pip install 'inhouse[speech]'")
neural = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None, reason="needs the speech extra"
)
TEXT = "Human speech is a powerful way to communicate."


@pytest.fixture
def polly(client: Callable[..., Any]) -> Any:
    return client("polly")


def speak(polly: Any, body: str, voice: str = "Tone", **more: Any) -> bytes:
    request = {
        "Text": f"<speak>{body}</speak>", "TextType": "ssml", "VoiceId": voice,
        "OutputFormat": "pcm", **more,
    }  # fmt: skip
    audio: bytes = polly.synthesize_speech(**request)["AudioStream"].read()
    return audio


def marks(polly: Any, body: str, *kinds: str, voice: str = "Tone") -> list[dict[str, Any]]:
    lines = speak(polly, body, voice, OutputFormat="json", SpeechMarkTypes=list(kinds))
    return [json.loads(line) for line in lines.splitlines()]


@neural
@pytest.mark.parametrize("voice", ["Matthew", "Vicki"])
def test_effects_are_heard(polly: Any, voice: str) -> None:
    plain = speak(polly, TEXT, voice)
    for attributes in ("name='whispered'", "phonation='soft'", "vocal-tract-length='+20%'"):
        changed = speak(polly, f"<amazon:effect {attributes}>{TEXT}</amazon:effect>", voice)
        assert changed != plain
        assert len(changed) == len(plain)


def test_a_longest_duration_is_kept(polly: Any) -> None:
    limited = speak(polly, f"<prosody amazon:max-duration='1s'>{TEXT}</prosody>")
    assert len(limited) / 2 / 16_000 <= 1.05 < len(speak(polly, TEXT)) / 2 / 16_000


def test_breaths_take_their_time(polly: Any) -> None:
    breathing = speak(polly, "One <amazon:breath duration='x-long'/> two")
    assert len(breathing) - len(speak(polly, "One two")) > 1.6 * 16_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<amazon:domain name='news'>x</amazon:domain>", "no speaking styles"),
        ("<amazon:emotion name='excited' intensity='low'>x</amazon:emotion>", "no emotions"),
        ("<amazon:effect name='echo'>x</amazon:effect>", "one of whispered, drc"),
        ("<say-as interpret-as='poem'>x</say-as>", "one of address"),
    ],
)
def test_what_can_not_be_honoured_is_refused(polly: Any, body: str, reason: str) -> None:
    with pytest.raises(ClientError) as raised:
        speak(polly, body)
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidSsmlException"
    assert reason in error["Message"]


@neural
@pytest.mark.parametrize("voice", ["Matthew", "Vicki", "Tone"])
def test_visemes_begin_with_words_and_end_in_silence(polly: Any, voice: str) -> None:
    found = marks(polly, "Mama am Abend", "viseme", "word", voice=voice)
    times = [mark["time"] for mark in found]
    assert times == sorted(times)
    words = [mark["time"] for mark in found if mark["type"] == "word"]
    shapes = {mark["time"]: mark for mark in found if mark["type"] == "viseme"}
    assert all(time in shapes for time in words)
    assert list(shapes[words[0]]) == ["time", "type", "value"]
    assert found[-1]["value"] == "sil"
