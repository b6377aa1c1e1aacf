"""`inhouse voices` as a subprocess, with a hub on this machine that serves Joe under other names.

The German voice of these tests is Joe's model with a German configuration: it proves the way of a
voice from the hub to a newsroom, not the sound of German.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from inhouse.cli.failures import Failure
from inhouse.cli.voices import app
from inhouse.cli.voices.making import Configuration, gender, licence
from inhouse.engines.speech.voices import joe
from tests.cli.test_commands import run
from tests.engines.speech.added import GERMAN, configuration
from tests.engines.speech.conftest import needs_speech
from tests.serving import RunningServer
from tests.waiting import until

pytestmark = needs_speech

KEY = "de_DE-thorsten-medium"
PLACE = f"de/de_DE/thorsten/medium/{KEY}"
CARD = b"# Model card for thorsten (medium)\n\n* Language: de_DE\n\n## Dataset\n\n* License: CC0\n"


class TheHub:
    """Files by path; a path in `slow` stops half-way until the hub is closed."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.slow: set[str] = set()
        self.asked: list[str] = []
        self.closing = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.lstrip("/")
                hub.asked.append(path)
                body = hub.files.get(path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                if body and path in hub.slow:
                    self.wfile.write(body[: len(body) // 2])
                    hub.closing.wait(60)
                elif body:
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def offer(self, key: str, offered: dict[str, bytes], **facts: Any) -> None:
        """Adds a voice to the catalogue, with the sizes and digests of its files."""
        catalogue = json.loads(self.files.get("voices.json", b"{}"))
        catalogue[key] = {
            "key": key,
            "name": key.split("-")[1],
            "language": {"code": "de_DE", "family": "de", "name_english": "German"},
            "quality": "medium",
            "num_speakers": 1,
            "speaker_id_map": {},
            "files": {
                path: {"size_bytes": len(body), "md5_digest": hashlib.md5(body).hexdigest()}
                for path, body in offered.items()
            },
            "aliases": [],
        } | facts
        self.files |= offered
        self.files["voices.json"] = json.dumps(catalogue).encode()


@pytest.fixture
def hub() -> Iterator[TheHub]:
    there = TheHub()
    yield there
    there.closing.set()
    there.server.shutdown()
    there.server.server_close()


def german() -> bytes:
    return json.dumps(configuration(**GERMAN)).encode()


def offer_thorsten(hub: TheHub) -> None:
    hub.offer(
        KEY,
        {
            f"{PLACE}.onnx": joe().read_bytes(),
            f"{PLACE}.onnx.json": german(),
            "de/de_DE/thorsten/medium/MODEL_CARD": CARD,
        },
    )


def refused(*arguments: str) -> str:
    """The sentence with which a command fails, in this process: it starts sooner."""
    failure = CliRunner().invoke(app, arguments).exception
    assert isinstance(failure, Failure), failure
    return str(failure)


def left(data: Path) -> list[str]:
    shelf = data / "voices"
    return sorted(path.name for path in shelf.iterdir()) if shelf.exists() else []


@pytest.mark.slow
def test_a_voice_of_the_hub_comes_and_goes_on_a_running_server(
    hub: TheHub, durable_server: Callable[..., RunningServer]
) -> None:
    offer_thorsten(hub)
    server = durable_server()
    data = ("--data", str(server.data))
    polly = server.client("polly")

    def said(voice: str, **more: Any) -> bytes:
        members = {"OutputFormat": "pcm", "SampleRate": "16000"} | more
        answer = polly.synthesize_speech(
            Text="Guten Morgen, liebe Hörer.", VoiceId=voice, **members
        )
        return answer["AudioStream"].read()

    robotic = said("Vicki")
    added = run("voices", "add", KEY, "--hub", hub.address, *data)
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("Thorsten speaks de-DE, and for ")
    assert "Vicki" in added.stdout
    assert left(server.data) == ["Thorsten"]

    voices = {v["Id"]: v for v in polly.describe_voices(LanguageCode="de-DE")["Voices"]}
    assert voices["Thorsten"]["SupportedEngines"] == ["neural"]
    assert voices["Thorsten"]["Gender"] == "Male"
    sound = said("Thorsten", Engine="neural")
    marks = said("Thorsten", OutputFormat="json", SpeechMarkTypes=["word"], SampleRate="22050")
    words = [json.loads(line) for line in marks.splitlines()]
    assert [word["value"] for word in words] == ["Guten", "Morgen", "liebe", "Hörer"]
    times = [word["time"] for word in words]
    assert times == sorted(set(times))
    assert times[-1] < len(sound) / 2 / 16
    neural = said("Vicki")
    assert len({robotic, sound, neural}) == 3

    rows = json.loads(run("voices", "list", "--language", "de", "--json", *data).stdout)
    (row,) = (row for row in rows if row["id"] == "Thorsten")
    assert (row["hertz"], row["size"], row["licence"]) == (22050, 63_201_294, "CC0")
    assert row["from"] == f"{hub.address}/{PLACE}.onnx"
    assert "Vicki" in row["speaks for"]

    again = run("voices", "add", KEY, "--id", "Thorsten", "--hub", hub.address, *data)
    assert again.returncode == 1
    assert "there is already a voice Thorsten" in again.stderr

    assert run("voices", "remove", "Thorsten", *data).stdout == "Removed Thorsten.\n"
    assert left(server.data) == []
    assert said("Vicki") == robotic
    with pytest.raises(ClientError, match="Thorsten"):
        said("Thorsten")


@pytest.mark.slow
def test_a_german_newsroom_end_to_end(
    tmp_path: Path, durable_server: Callable[..., RunningServer], fresh_name: Callable[..., str]
) -> None:
    """From two files on a disk to the narrated article, English words within it included."""
    model = tmp_path / f"{KEY}.onnx"
    model.symlink_to(joe())
    Path(f"{model}.json").write_bytes(german())
    server = durable_server()
    data = ("--data", str(server.data))
    added = run("voices", "add", str(model), "--gender", "Female", *data)
    assert added.returncode == 0, added.stderr
    name = fresh_name("de")
    deployed = run("narration", "deploy", "--name", name, "--language", "de-DE", *data)
    assert deployed.returncode == 0, deployed.stderr
    made = json.loads(deployed.stdout)
    assert (made["voice"], made["language"]) == ("Vicki", "de-DE")
    article = {
        "article_id": "rathaus", "version": 1, "title": "Das Rathaus öffnet wieder",
        "paragraphs": ['Die <span lang="en">New York Times</span> berichtet aus München.'],
    }  # fmt: skip
    server.client("sns").publish(TopicArn=made["topic_arn"], Message=json.dumps(article))
    s3 = server.client("s3")
    manifest = _heard(s3, made["audio_bucket"], "rathaus/manifest.json")
    assert manifest["full"]["seconds"] > 3
    audio = s3.get_object(Bucket=made["audio_bucket"], Key=manifest["full"]["key"])["Body"].read()
    assert len(audio) > 10_000


def _heard(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    def manifest() -> dict[str, Any] | None:
        with contextlib.suppress(s3.exceptions.NoSuchKey):
            found: dict[str, Any] = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
            return found
        return None

    return until(manifest, key)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("model", "the model can't be a voice: it isn't a model of Piper's"),
        ("digest", "came damaged"),
        ("longer", "more than the"),
        ("missing", "answers 404"),
        ("configuration", "espeak.voice is missing"),
    ],
)
def test_a_broken_voice_leaves_nothing(
    hub: TheHub, tmp_path: Path, spoil: str, reason: str
) -> None:
    model, told = b"no network " * 100, german()
    if spoil == "configuration":
        told = json.dumps(configuration(**GERMAN) | {"espeak": {}}).encode()
    hub.offer(KEY, {f"{PLACE}.onnx": model, f"{PLACE}.onnx.json": told})
    if spoil == "digest":
        hub.files[f"{PLACE}.onnx"] = model[:-1] + b"!"
    if spoil == "longer":
        hub.files[f"{PLACE}.onnx"] = model * 2
    if spoil == "missing":
        del hub.files[f"{PLACE}.onnx"]
    done = run("voices", "add", KEY, "--hub", hub.address, "--data", str(tmp_path))
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert left(tmp_path) == []


def test_a_killed_add_leaves_nothing_half(hub: TheHub, tmp_path: Path) -> None:
    offer_thorsten(hub)
    hub.slow.add(f"{PLACE}.onnx")
    command = [sys.executable, "-m", "inhouse.cli", "voices", "add", KEY]
    command += ["--hub", hub.address, "--data", str(tmp_path)]
    adding = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: any((tmp_path / "voices").glob(".adding-*/model.onnx")))
        rows = json.loads(run("voices", "list", "--json", "--data", str(tmp_path)).stdout)
        assert "Thorsten" not in {row["id"] for row in rows}
        busy = run("voices", "remove", "Thorsten", "--data", str(tmp_path))
        assert busy.returncode == 1
        assert any(name.startswith(".adding-") for name in left(tmp_path))
    finally:
        os.kill(adding.pid, signal.SIGKILL)
        adding.wait()
    assert run("voices", "remove", "Thorsten", "--data", str(tmp_path)).returncode == 1
    assert left(tmp_path) == []


def test_without_a_hub_one_sentence_says_so(tmp_path: Path) -> None:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "INHOUSE_"))
    } | {"INHOUSE_VOICES_HUB": "http://127.0.0.1:9"}
    for arguments in (["add", KEY], ["list", "--of-hub"]):
        done = run("voices", *arguments, "--data", str(tmp_path), environment=environment)
        assert done.returncode == 1
        assert "the hub of voices can't be reached at http://127.0.0.1:9" in done.stderr
        assert "inhouse voices add ./NAME.onnx" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert left(tmp_path) == []


def test_a_hostile_catalogue_names_no_paths(hub: TheHub, tmp_path: Path) -> None:
    evil = {"size_bytes": 3, "md5_digest": "x"}
    for number, path in enumerate(
        ("../../x.onnx", "/etc/x.onnx", "a/../x.onnx", "http://x/y.onnx")
    ):
        hub.offer(
            f"de_DE-evil{number}-low", {}, files={path: evil, f"{path}.json": evil},
        )  # fmt: skip
    hub.offer("../../de_DE-up-low", {f"{PLACE}.onnx": b"x", f"{PLACE}.onnx.json": b"x"})
    hub.offer("de_DE-odd-low", {}, files=[1], language=None)
    hub.offer(KEY, {f"{PLACE}.onnx": b"x", f"{PLACE}.onnx.json": b"x"})
    listed = CliRunner().invoke(app, ["list", "--of-hub", "--json", "--hub", hub.address])
    assert [row["id"] for row in json.loads(listed.output)] == [KEY]
    data = str(tmp_path / "d")
    sentence = refused("add", "de_DE-evil0-low", "--hub", hub.address, "--data", data)
    assert f"it has {KEY}" in sentence
    assert left(tmp_path / "d") == []
    assert set(hub.asked) == {"voices.json"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["add", "../../etc/passwd"], "ends with .onnx"),
        (["add", "Thorsten"], "nor a voice of the hub"),
        (["add", "./none.onnx"], "none.onnx is missing"),
        (["add", KEY, "--hub", "file:///etc"], "use the http or https address"),
        (["remove", "../x"], "no voice '../x' was added"),
    ],
)
def test_wrong_calls_say_what_would_be_right(
    tmp_path: Path, arguments: list[str], reason: str
) -> None:
    assert reason in refused(*arguments, "--data", str(tmp_path))
    assert left(tmp_path) == []


def test_options_that_do_not_fit_the_voice(tmp_path: Path) -> None:
    model = tmp_path / f"{KEY}.onnx"
    model.write_bytes(b"never tried")
    Path(f"{model}.json").write_bytes(german())
    for options, reason in (
        (["--as", "Joanna"], "--as Joanna: that voice speaks en-US, and this one de-DE"),
        (["--as", "Nobody"], "Polly has no such voice"),
        (["--id", "Vicki"], "there is already a voice Vicki"),
        (["--id", "../up"], "use a capital and up to 31 letters or digits"),
        (["--speaker", "3"], "this voice has only one speaker"),
    ):
        assert reason in refused("add", str(model), *options, "--data", str(tmp_path / "d"))
        assert left(tmp_path / "d") == []


def test_configurations_name_the_field_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx.json"
    for change, reason in (
        ({"phoneme_type": "text"}, "phoneme_type is 'text'"),
        ({"phoneme_id_map": {"a": [1]}}, "phoneme_id_map must map"),
        ({"audio": {}}, "audio.sample_rate is missing"),
        ({"audio": {"sample_rate": 1}}, "audio.sample_rate is 1"),
        ({"espeak": "de"}, "espeak.voice is missing"),
    ):
        path.write_text(json.dumps(configuration() | change))
        with pytest.raises(Failure, match=reason):
            Configuration.read(path, "")
    for text in ("[]", "{", "1"):
        path.write_text(text)
        with pytest.raises(Failure, match="JSON"):
            Configuration.read(path, "")
    path.write_text(json.dumps(configuration(num_speakers=2, speaker_id_map={"a": 0, "b": 1})))
    several = Configuration.read(path, "")
    assert several.speaker("b") == several.speaker("1") == (1, "b")
    assert several.speaker(None) == (0, "a")
    with pytest.raises(Failure, match="the speakers a, b"):
        several.speaker("c")


def test_cards_and_pitch_are_read(tmp_path: Path) -> None:
    assert licence(tmp_path) == ""
    (tmp_path / "MODEL_CARD").write_bytes(CARD)
    assert licence(tmp_path) == "CC0"
    assert (gender(95.0), gender(210.0)) == ("Male", "Female")
