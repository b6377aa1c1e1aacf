"""Marks of what was spoken lately are answered without speaking again, and are the same."""

from __future__ import annotations

import importlib.util
import json
import re
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.services.polly.tasks import ended
from tests.serving import RunningServer, start
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("piper") is None,
    reason="needs the speech extra: pip install 'inhouse[speech]'",
)
TYPES = ["sentence", "word", "ssml", "viseme"]
SSML = (
    "<speak>Der <mark name='eins'/>Rat <prosody rate='120%'>tagt</prosody> bis "
    "<break time='300ms'/>heute &amp; morgen.</speak>"
)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that remembers nothing: what it answers was just spoken."""
    folder = tmp_path_factory.mktemp("forgetful")
    with start(folder, "--ephemeral", INHOUSE_POLLY_MARKS_MIB="0") as running:
        yield running


def answers(server: RunningServer) -> dict[str, int]:
    """Texts answered so far, by who answered."""
    with urllib.request.urlopen(f"{server.endpoint}/metrics") as page:
        text = page.read().decode()
    found = re.findall(r'inhouse_polly_answers_total\{by="(\w+)"\} (\d+)', text)
    return {by: int(float(count)) for by, count in found}


def by_voice_and_memory(server: RunningServer, ask: Callable[[], Any]) -> tuple[int, int]:
    before = answers(server)
    ask()
    after = answers(server)
    voice, memory = (after.get(by, 0) - before.get(by, 0) for by in ("voice", "memory"))
    return voice, memory


def speak(polly: Any, **arguments: Any) -> bytes:
    audio: bytes = polly.synthesize_speech(**{"OutputFormat": "mp3", **arguments})[
        "AudioStream"
    ].read()
    return audio


def marks(polly: Any, types: list[str] = TYPES, **arguments: Any) -> bytes:
    return speak(polly, **{**arguments, "OutputFormat": "json", "SpeechMarkTypes": types})


def task_ended(polly: Any, **arguments: Any) -> dict[str, Any]:
    task = polly.start_speech_synthesis_task(**arguments)["SynthesisTask"]
    return ended(polly, task["TaskId"])


@pytest.mark.parametrize(
    "asked",
    [
        {"VoiceId": "Joanna", "Text": "The council approved 21 trees. Who plants them?"},
        {"VoiceId": "Marlene", "Text": SSML, "TextType": "ssml"},
    ],
    ids=["neural", "espeak"],
)
def test_marks_after_the_sound_are_not_spoken_and_the_same(
    server: RunningServer, forgetful: RunningServer, asked: dict[str, str]
) -> None:
    polly, types = server.client("polly"), TYPES if "TextType" in asked else ["sentence", "word"]
    speak(polly, **asked)
    remembered: list[bytes] = []
    asking = lambda: remembered.append(marks(polly, types, **asked))  # noqa: E731
    assert by_voice_and_memory(server, asking) == (0, 1)
    assert remembered[0]
    assert remembered[0] == marks(forgetful.client("polly"), types, **asked)


def test_a_type_at_a_time(server: RunningServer, fresh_name: Callable[..., str]) -> None:
    polly, asked = (
        server.client("polly"),
        {"VoiceId": "Marlene", "Text": f"Guten Tag {fresh_name()}."},
    )
    spoken = marks(polly, ["word"], **asked)
    assert {json.loads(line)["type"] for line in spoken.splitlines()} == {"word"}

    def ask() -> None:
        for kind in ("sentence", "viseme"):
            found = [
                json.loads(line)["type"] for line in marks(polly, [kind], **asked).splitlines()
            ]
            assert set(found) == {kind}

    assert by_voice_and_memory(server, ask) == (0, 2)


def test_what_changes_the_sound_is_spoken(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    polly = server.client("polly")
    said = {"VoiceId": "Marlene", "Text": f"Die DPA meldet {fresh_name()}."}
    speak(polly, **said)
    for other in ({"LanguageCode": "nl-NL"}, {"VoiceId": "Hans"}, {"Text": said["Text"] + "!"}):
        changed = {**said, **other}
        assert by_voice_and_memory(server, partial(marks, polly, ["word"], **changed)) == (1, 0)


def test_a_lexicon_counts_by_its_content(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    polly, name = server.client("polly"), "agency"
    said = {"VoiceId": "Marlene", "Text": f"Die DPA meldet {fresh_name()}.", "LexiconNames": [name]}
    for alias in ("Presse", "Presseagentur"):
        polly.put_lexicon(Name=name, Content=lexicon(alias))
        assert by_voice_and_memory(server, lambda: speak(polly, **said)) == (1, 0)
        assert by_voice_and_memory(server, lambda: marks(polly, ["word"], **said)) == (0, 1)
    polly.put_lexicon(Name=name, Content=lexicon("Presse"))
    assert by_voice_and_memory(server, lambda: marks(polly, ["word"], **said)) == (0, 1)


def test_marks_are_there_with_the_object(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    polly, s3, bucket = server.client("polly"), server.client("s3"), fresh_name("audio")
    s3.create_bucket(Bucket=bucket)
    said = {"VoiceId": "Marlene", "Text": f"Der Rat tagt {fresh_name()}."}

    def speak_and_ask() -> None:
        polly.start_speech_synthesis_task(OutputS3BucketName=bucket, OutputFormat="mp3", **said)
        until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"), "the object")
        marks(polly, ["word"], **said)

    assert by_voice_and_memory(server, speak_and_ask) == (1, 1)


def lexicon(alias: str) -> str:
    return (
        '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" '
        'alphabet="ipa" xml:lang="de-DE"><lexeme><grapheme>DPA</grapheme>'
        f"<alias>{alias}</alias></lexeme></lexicon>"
    )


@pytest.mark.slow
def test_a_task_is_remembered_beyond_kill_9_and_not_beyond_its_voice(
    durable_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    first = durable_server()
    first.client("s3").create_bucket(Bucket="kept")
    said = {"VoiceId": "Marlene", "Text": "Der Rat tagt bis morgen."}
    task_ended(first.client("polly"), OutputS3BucketName="kept", OutputFormat="mp3", **said)
    first.kill()

    second = durable_server()
    polly = second.client("polly")
    assert by_voice_and_memory(second, lambda: marks(polly, ["word"], **said)) == (0, 1)
    task = task_ended(
        polly, OutputS3BucketName="kept", OutputFormat="json", SpeechMarkTypes=["word"], **said
    )
    stored = second.client("s3").get_object(Bucket="kept", Key=task["OutputUri"].rpartition("/")[2])
    assert stored["Body"].read() == marks(polly, ["word"], **said)
    assert answers(second) == {"memory": 3}
    second.stop()

    table = tmp_path / "voices.toml"
    table.write_text('[Marlene]\nvariant = "f4"\n')
    third = durable_server(INHOUSE_VOICES=str(table))
    polly = third.client("polly")
    assert by_voice_and_memory(third, lambda: marks(polly, ["word"], **said)) == (1, 0)


def test_memory_is_bounded(durable_server: Callable[..., RunningServer]) -> None:
    first = durable_server()
    first.stop()
    now, day, third_of_a_mib = time.time(), 86_400, (1 << 20) // 3
    rows = [
        ("too old", now - 4 * day, 10),
        ("too much", now - 2 * day, third_of_a_mib),
        *((f"fits {n}", now - day, third_of_a_mib // 2) for n in range(4)),
        ("new", now - 60, third_of_a_mib // 2),
    ]
    with closing(sqlite3.connect(first.data / "inhouse.db")) as connection, connection:
        connection.executemany(
            "INSERT INTO polly_marks (digest, created, size, marks) VALUES (?, ?, ?, x'00')", rows
        )

    second = durable_server(INHOUSE_POLLY_MARKS_MIB="1")
    speak(second.client("polly"), VoiceId="Marlene", Text="Der Rat tagt.")
    second.stop()
    with closing(sqlite3.connect(first.data / "inhouse.db")) as connection:
        left = [digest for (digest,) in connection.execute("SELECT digest FROM polly_marks")]
    assert {digest for digest in left if " " in digest or digest == "new"} == {
        "new", "fits 0", "fits 1", "fits 2", "fits 3",
    }  # fmt: skip
    assert len(left) == 6
