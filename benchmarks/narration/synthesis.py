"""Many fragments through Polly tasks, beside Piper alone with the same texts on the same cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.narration.house import Newsroom, newsroom, paragraphs, until
from benchmarks.page import table
from benchmarks.servers import ROOT

TEXTS, ROUNDS = 48, 3
VOICE = "Matthew"
"""The neural voice at its own pitch: others take longer for the same words."""
LOOK = 0.5


def run(count: int = TEXTS, rounds: int = ROUNDS) -> dict[str, Any]:
    """The best of some rounds of each, taking turns."""
    texts = paragraphs(count)
    alone: list[dict[str, float]] = []
    encoded: list[dict[str, float]] = []
    ours: list[float] = []
    with newsroom(voice="Tone") as room:
        _spoken(room, ["Good morning."] * 8, "warm")
        for number in range(rounds):
            alone.append(_alone(texts, "wav"))
            encoded.append(_alone(texts, "mp3"))
            ours.append(_spoken(room, texts, f"round-{number}"))
    best = min(alone, key=lambda one: one["seconds"])
    return {
        "texts": count,
        "characters": sum(map(len, texts)),
        "alone": best["seconds"],
        "encoded": min(one["seconds"] for one in encoded),
        "sound": best["sound"],
        "ours": min(ours),
    }


def _alone(texts: list[str], form: str) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "texts.json")
        file.write_text(json.dumps(texts))
        command = [sys.executable, "-m", "benchmarks.narration.piper_alone", form, str(file)]
        done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _spoken(room: Newsroom, texts: list[str], prefix: str) -> float:
    """Seconds until every text lies in the bucket as MP3."""
    polly, bucket = room.session.client("polly"), room.deployment.audio_bucket
    began = time.perf_counter()
    for text in texts:
        polly.start_speech_synthesis_task(
            Engine="neural",
            VoiceId=VOICE,
            Text=text,
            OutputFormat="mp3",
            SampleRate="24000",
            OutputS3BucketName=bucket,
            OutputS3KeyPrefix=f"{prefix}/a",
        )

    def stored() -> bool | None:
        time.sleep(LOOK)
        found = room.s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")
        return found["KeyCount"] >= len(texts) or None

    until(stored, "speech")
    return time.perf_counter() - began


def lines(found: dict[str, Any]) -> list[str]:
    def row(name: str, seconds: float) -> tuple[str, ...]:
        return (
            name,
            f"{seconds:.2f}",
            f"{found['sound'] / seconds:.0f}×",
            f"{found['alone'] / seconds:.2f}",
            f"{found['encoded'] / seconds:.2f}",
        )

    return [
        "### Synthesis",
        "",
        f"{found['texts']} paragraphs of {found['characters'] // found['texts']} characters, the same voice on {len(os.sched_getaffinity(0))} cores, warm. Piper alone is",
        "its own Python API, one process a core, its sound kept in memory as WAV or encoded by LAME as",
        "ours is. Tasks make MP3 at one loudness with the times of words, durably in a bucket.",
        "",
        *table(
            ("", "seconds", "real time", "of Piper as WAV", "of Piper as MP3"),
            [
                row("Piper alone, WAV", found["alone"]),
                row("Piper alone, MP3", found["encoded"]),
                row("Inhouse, speech synthesis tasks", found["ours"]),
            ],
        ),
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
