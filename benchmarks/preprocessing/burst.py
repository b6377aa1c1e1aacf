"""Two hundred readers at once, when no function is warm."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.page import table
from benchmarks.preprocessing.house import KEYS, points

READERS = 200


def run(readers: int = READERS) -> dict[str, Any]:
    """How many failed, and how long the first and the last took. Nobody tries twice."""
    with points() as access:
        expected = access.read(KEYS["100 KB"])
        access.cold()
        clients = [access.server.client("s3", retries=0) for _ in range(readers)]
        together = Barrier(readers)

        def read(client: Any) -> float | str:
            together.wait()
            began = time.perf_counter()
            try:
                answer = client.get_object(Bucket=access.alias, Key=KEYS["100 KB"])
                right = answer["Body"].read() == expected
            except (BotoCoreError, ClientError) as error:
                return str(error)
            return time.perf_counter() - began if right else "another body"

        with ThreadPoolExecutor(readers) as pool:
            answers = list(pool.map(read, clients))
    taken = [one for one in answers if isinstance(one, float)]
    failures = [one for one in answers if isinstance(one, str)]
    return {
        "readers": readers,
        "failures": failures,
        "first": min(taken, default=0.0),
        "last": max(taken, default=0.0),
    }


def lines(found: dict[str, Any]) -> list[str]:
    reasons = "; ".join(sorted(set(found["failures"])))
    return [
        f"### {found['readers']} readers at once",
        "",
        "Each reads the photograph of 100 KB through the access point, at the same moment and once, when",
        "no function is warm.",
        "",
        *table(
            ("failed", "first answer", "last answer"),
            [(len(found["failures"]), f"{found['first']:.1f} s", f"{found['last']:.1f} s")],
        ),
        *([f"\nFailures: {reasons}"] if reasons else []),
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
