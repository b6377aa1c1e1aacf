"""What a warm transform adds to a plain GET, and what the first one takes that starts a function."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.page import table
from benchmarks.preprocessing import loop
from benchmarks.preprocessing.house import BUCKET, KEYS, SIZES, points
from benchmarks.preprocessing.photographs import photograph

TIMES, STARTS = 300, 10


def run(times: int = TIMES) -> dict[str, Any]:
    """Median milliseconds, one request after another, in turns."""
    found: dict[str, dict[str, float]] = {}
    with points() as access:
        for case, key in KEYS.items():
            data = photograph(SIZES[case])
            ways: dict[str, Callable[[], object]] = {
                "plain": lambda key=key: access.s3.get_object(Bucket=BUCKET, Key=key)[
                    "Body"
                ].read(),
                "transformed": lambda key=key: access.read(key),
                "loop": lambda data=data: loop.transform(data, 1),
            }  # type: ignore[dict-item]
            for way in ways.values():
                way()
            taken: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(times):
                for name, way in ways.items():
                    taken[name].append(_milliseconds(way))
            found[case] = {name: statistics.median(each) for name, each in taken.items()}
    return {"cases": found, "times": times}


def run_cold(starts: int = STARTS) -> dict[str, Any]:
    """Seconds of reads that each start a function."""
    with points() as access:
        access.read(KEYS["100 KB"])
        taken = []
        for _ in range(starts):
            access.cold()
            taken.append(_milliseconds(lambda: access.read(KEYS["100 KB"])) / 1000)
    return {"median": statistics.median(taken), "slowest": max(taken), "starts": starts}


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def lines(found: dict[str, Any]) -> list[str]:
    rows = [
        (case, *(f"{ms[way]:.1f} ms" for way in ("plain", "transformed", "loop")),
         f"{ms['transformed'] - ms['plain'] - ms['loop']:.1f} ms")
        for case, ms in found["cases"].items()
    ]  # fmt: skip
    return [
        "### What a transform adds to a read",
        "",
        f"Median of {found['times']} reads with boto3, one after another, functions being warm. Added is what is",
        "neither the plain GET nor OpenCV's own work.",
        "",
        *table(("photograph", "plain GET", "transformed GET", "OpenCV alone", "added"), rows),
    ]


def lines_cold(found: dict[str, Any]) -> list[str]:
    return [
        "### A read that starts a function",
        "",
        "The function imports OpenCV, numpy and boto3 before it reads the photograph of 100 KB.",
        "",
        *table(
            ("", "seconds"),
            [
                (f"median of {found['starts']}", f"{found['median']:.2f}"),
                ("slowest", f"{found['slowest']:.2f}"),
            ],
        ),
    ]


if __name__ == "__main__":
    print("\n".join([*lines(run()), "", *lines_cold(run_cold())]))
