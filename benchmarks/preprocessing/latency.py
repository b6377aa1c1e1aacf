"""What a warm transform adds to a plain GET, and what the first one takes that starts a function."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.page import table
from benchmarks.preprocessing import loop
from benchmarks.preprocessing.house import BUCKET, KEYS, PASS_THROUGH, SIZES, Points, points
from benchmarks.preprocessing.photographs import photograph

TIMES, STARTS = 300, 10
WITH_OPENCV = f"import cv2\nimport numpy\n{PASS_THROUGH}"


def run(times: int = TIMES) -> dict[str, Any]:
    """Median milliseconds, one request after another, in turns."""
    loop.prepare()
    found: dict[str, dict[str, float]] = {}
    with points() as access, points() as passing:
        passing.replace(PASS_THROUGH)
        for case, key in KEYS.items():
            data = photograph(SIZES[case])
            ways: dict[str, Callable[[], object]] = {
                "plain": partial(_plain, access, key),
                "passed on": partial(passing.read, key),
                "transformed": partial(access.read, key),
                "OpenCV": partial(loop.transform, data, 1),
            }
            for way in ways.values():
                way()
            taken: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(times):
                for name, way in ways.items():
                    taken[name].append(_milliseconds(way))
            found[case] = {name: statistics.median(each) for name, each in taken.items()}
    return {"cases": found, "times": times}


def run_cold(starts: int = STARTS) -> dict[str, Any]:
    """Seconds of reads that each start a function, and of warm ones."""
    with points() as access:
        found = {"images": _starts(access, starts)}
        access.replace(WITH_OPENCV)
        found["OpenCV and boto3"] = _starts(access, starts)
    return {"functions": found, "starts": starts}


def _starts(access: Points, starts: int) -> dict[str, float]:
    access.read(KEYS["100 KB"])
    taken = []
    for _ in range(starts):
        access.cold()
        taken.append(_milliseconds(lambda: access.read(KEYS["100 KB"])) / 1000)
    return {"median": statistics.median(taken), "slowest": max(taken)}


def _plain(access: Points, key: str) -> bytes:
    body: bytes = access.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return body


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def lines(found: dict[str, Any]) -> list[str]:
    rows = [
        (case, *(f"{each:.1f} ms" for each in ms.values()),
         f"{ms['passed on'] - ms['plain']:.1f} ms",
         f"{ms['transformed'] - ms['plain'] - ms['OpenCV']:.1f} ms")
        for case, ms in found["cases"].items()
    ]  # fmt: skip
    return [
        "### What a transform adds to a read",
        "",
        f"Median of {found['times']} reads with boto3, one after another, in turns, functions being warm. A function",
        "that passes the object on, written with urllib3 and boto3 as AWS's guide has it, adds all that",
        "is not the transform itself. `images` makes it small and grey; it adds what is neither the",
        "plain GET nor OpenCV's own work.",
        "",
        *table(
            ("photograph", "plain GET", "passed on", "small and grey", "OpenCV alone",
             "added by passing on", "added by `images`"),
            rows,
        ),
    ]  # fmt: skip


def lines_cold(found: dict[str, Any]) -> list[str]:
    return [
        "### A read that starts a function",
        "",
        f"The whole read of the photograph of 100 KB with boto3, {found['starts']} times, each after a change of the",
        "function that ended its workers. `images` imports OpenCV and numpy; the other one imports boto3 as",
        "well, as functions usually do, and makes a client.",
        "",
        *table(
            ("function", "median", "slowest"),
            [
                (name, f"{told['median']:.2f} s", f"{told['slowest']:.2f} s")
                for name, told in found["functions"].items()
            ],
        ),
    ]


if __name__ == "__main__":
    print("\n".join([*lines(run()), "", *lines_cold(run_cold())]))
