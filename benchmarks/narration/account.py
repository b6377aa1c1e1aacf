"""What a narration keeps account of, and when it has nothing left to do."""

from __future__ import annotations

import re
import urllib.request

from benchmarks.narration.house import Newsroom, until
from inhouse.solutions.narration.functions import ledger
from inhouse.solutions.narration.functions.bucket import Bucket

_JOBS = re.compile(r'inhouse_jobs\{kind="([^"]+)",state="ready"\} ([\d.e+]+)')
_UPKEEP = "cloudwatch.RollUp"


def seconds_to_audio(room: Newsroom, prefix: str = "") -> list[float]:
    """Seconds from save to new audio, of articles whose ids begin with `prefix`."""
    bucket = Bucket(room.s3, room.deployment.fragments_bucket)
    return [
        ledger.entry(key).number / 1000
        for key in bucket.keys(f"{ledger.PUBLISHED}{prefix}")
        if not key.endswith(ledger.UNCHANGED)
    ]


def settle(room: Newsroom) -> None:
    """Waits until no job is left that has to do with saves."""

    def idle() -> bool | None:
        with urllib.request.urlopen(f"{room.server.endpoint}/metrics") as page:
            left = _JOBS.findall(page.read().decode())
        return not any(float(count) for kind, count in left if kind != _UPKEEP) or None

    until(idle, "the end of all jobs")


def written(room: Newsroom, prefix: str) -> list[str]:
    """Keys of the account, in the order in which they were written."""
    found = Bucket(room.s3, room.deployment.fragments_bucket).entries(prefix)
    return [one.key for one in sorted(found, key=lambda one: -one.age)]
