"""The newsroom's real saves, narrated with the voice Tone: what is saved, and how fast it goes."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import inhouse
from benchmarks.servers import KEY_ID, ROOT, SECRET
from benchmarks.servers import inhouse as server
from inhouse.solutions import narration

DATA = Path(os.environ.get("INHOUSE_TEST_DATA", ROOT.parent / "shared" / "data"))
FILE = DATA / "newsroom" / "edits.jsonl.gz"


def run(limit: int | None = None) -> dict[str, Any] | None:
    """The report of a replay, and its seconds; None where the data is not at hand."""
    if not FILE.exists():
        return None
    with server() as running:
        session = inhouse.session(
            running.endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
        )
        narration.deploy(session, "newsroom", voice="Tone")
        started = time.monotonic()
        narration.replay(session, "newsroom", FILE, limit=limit)
        seconds = time.monotonic() - started
        found = json.loads(narration.report(session, "newsroom").to_json())
        return {**found, "seconds": seconds}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
