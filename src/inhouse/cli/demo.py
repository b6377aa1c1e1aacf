"""`inhouse demo`: the narration of an article and of its edits, on a temporary server."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import inhouse
from inhouse.cli.demo_article import FOREIGN, STEPS, Step
from inhouse.cli.failures import Failure
from inhouse.local_session import NotRunning
from inhouse.solutions import narration

STARTUP, PATIENCE = 60.0, 300.0
console = Console()
HEADINGS = ("save", "fragments", "characters", "audio", "heard after")
WIDTHS = (28, 12, 12, 10, 12)


def demo(
    output: Annotated[Path, typer.Option(help="Folder for the audio.")] = Path("demo-output"),
    voice: Annotated[str, typer.Option(help="Polly voice; Tone needs no speech extra.")] = "Joanna",
) -> None:
    """Narrate an article and its edits on a temporary server, and leave the audio in a folder.

    Shows after each save what had to be spoken again. Takes a minute or two.
    """
    with _server() as data:
        session = inhouse.session(data=data)
        console.print(f"A server is listening on {session.client('sts').meta.endpoint_url}.")
        made = narration.deploy(session, "demo", voice=voice)
        console.print(f"Deployed the narration with {voice}: topic {made.topic_arn}\n")
        newsroom = Newsroom(session, made, output)
        console.print(_row(HEADINGS), style="bold")
        for step in STEPS:
            with console.status(f"{step.title} …"):
                row = newsroom.save(step)
            console.print(_row(row))
        _summary(session)
        with console.status("titles in other languages …"):
            _speak_titles(session.client("polly"), voice, output)
    console.print("\nListen:")
    for path in sorted(output.glob("*")):
        console.print(f"  {path}", soft_wrap=True, highlight=False)


class Newsroom:
    """Publishes saves as a CMS would, and waits for what is heard of them."""

    def __init__(self, session: Any, made: narration.Deployment, output: Path) -> None:
        self._sns, self._s3 = session.client("sns"), session.client("s3")
        self._made = made
        self._output = output
        self._spoken: set[str] = set()
        output.mkdir(parents=True, exist_ok=True)

    def save(self, step: Step) -> tuple[str, ...]:
        """One save, heard: what it was, and what it cost, as a row of text."""
        started = time.monotonic()
        self._sns.publish(TopicArn=self._made.topic_arn, Message=json.dumps(step.article))
        manifest = self._heard(step)
        waited = time.monotonic() - started
        teaser = manifest["teaser"]
        parts = [*manifest["parts"], *(teaser["parts"] if teaser else ())]
        new = {p["name"]: p["characters"] for p in parts if p["name"] not in self._spoken}
        self._spoken |= new.keys()
        for audio in (manifest["full"], teaser):
            if audio:
                self._keep(audio["key"], step)
        return (
            step.title,
            f"{len(new)} of {len(parts)}",
            f"{sum(new.values())}",
            f"{manifest['full']['seconds']:.1f} s",
            f"{waited:.1f} s",
        )

    def _heard(self, step: Step) -> dict[str, Any]:
        key = f"{step.article['article_id']}/manifest.json"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                body = self._s3.get_object(Bucket=self._made.audio_bucket, Key=key)["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                body = b"{}"
            manifest: dict[str, Any] = json.loads(body)
            if manifest.get("version", 0) >= step.article["version"]:
                return manifest
            time.sleep(0.05)
        raise Failure(f"{step.title}: nothing was heard within {PATIENCE:g} seconds")

    def _keep(self, key: str, step: Step) -> None:
        name = f"{step.article['version']}-{Path(key).name}"
        body = self._s3.get_object(Bucket=self._made.audio_bucket, Key=key)["Body"].read()
        (self._output / name).write_bytes(body)


@contextmanager
def _server() -> Iterator[Path]:
    """A server in a process and a folder of its own, both gone after the block."""
    with tempfile.TemporaryDirectory(prefix="inhouse-demo-") as folder:
        data, log = Path(folder) / "data", Path(folder) / "server.log"
        command = [sys.executable, "-m", "inhouse.cli", "serve", "--port", "0", "--data", str(data)]
        with log.open("w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603
        yield from _until_ended(process, data, log)


def _until_ended(process: subprocess.Popen[bytes], data: Path, log: Path) -> Iterator[Path]:
    try:
        deadline = time.monotonic() + STARTUP
        while not (data / "server.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotRunning(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield data
    finally:
        process.terminate()
        process.wait(30)


def _speak_titles(polly: Any, voice: str, output: Path) -> None:
    """German and French titles within English, in the narrator's own voice."""
    for name, sentence in FOREIGN.items():
        answer = polly.synthesize_speech(
            Text=f"<speak>{sentence}</speak>", TextType="ssml", VoiceId=voice, OutputFormat="mp3"
        )
        (output / name).write_bytes(answer["AudioStream"].read())


def _row(cells: tuple[str, ...]) -> str:
    return "".join(f"{cell:{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def _summary(session: Any) -> None:
    found = narration.report(session, "demo")
    console.print(
        f"\n{found.characters_received:,} characters were saved in all, and "
        f"{found.characters_synthesized:,} spoken: {found.percent_saved:.0f} % less to pay for."
    )
