"""Transformed GETs a second, beside the bare loop, thumbor and ministack."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.gateway import measure, prepared
from benchmarks.page import table
from benchmarks.preprocessing import loop
from benchmarks.preprocessing.house import KEYS, SIZES, Points, points
from benchmarks.preprocessing.photographs import photograph
from benchmarks.preprocessing.thumbor import request, thumbor
from benchmarks.servers import Server, install_peers, ministack

SECONDS, ROUNDS = 3.0, 6
CONNECTIONS = 2 * (os.cpu_count() or 1)
PEERS = ("thumbor", "ministack")
WARM = 4
REDUCTION = {"1 MB": 4, "100 KB": 1}
"""What `reduced` comes to for these photographs, whose shorter sides are 1,557 and 492 pixels."""


def run(seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, Any]:
    """The best of `rounds` a second, of each and of both photographs."""
    versions = install_peers("thumbor", "opencv-python-headless", "numpy")
    best: dict[str, dict[str, float]] = {case: {} for case in KEYS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for case, key in KEYS.items():
            (folder / key).write_bytes(photograph(SIZES[case]))
        ours, reduced = (stack.enter_context(points(reduced=one)) for one in (False, True))
        theirs = Points(stack.enter_context(ministack()))
        images = stack.enter_context(thumbor(folder))
        for case, key in KEYS.items():
            asked: dict[str, tuple[Server, list[bytes]]] = {
                "inhouse": _asked(ours, key),
                "inhouse, reduced": _asked(reduced, key),
                "ministack": _asked(theirs, key),
                "thumbor": (images, [request(images, key)]),
            }
            for _ in range(rounds):
                for name, (server, requests) in asked.items():
                    rate = measure(server, requests, seconds, CONNECTIONS)["per_second"]
                    best[case][name] = max(rate, best[case].get(name, 0.0))
                for name, reduction in (("loop", 1), ("loop, reduced", REDUCTION[case])):
                    rate = loop.measure(folder / key, seconds, reduction)
                    best[case][name] = max(rate, best[case].get(name, 0.0))
    return {"rates": best, "versions": versions, "rounds": rounds, "seconds": seconds}


def _asked(access: Points, key: str) -> tuple[Server, list[bytes]]:
    for _ in range(WARM):
        access.read(key)
    return access.server, [prepared(access.s3, "get_object", Bucket=access.alias, Key=key)]


def lines(found: dict[str, Any]) -> list[str]:
    rows = []
    for case, rates in found["rates"].items():
        for ours, limit in (("inhouse", "loop"), ("inhouse, reduced", "loop, reduced")):
            others = (f"{rates[ours] / rates[peer]:.1f}×" for peer in PEERS)
            said = f"{case}, reduced" if "reduced" in ours else case
            rows.append(
                (said, f"{rates[ours]:,.1f}", f"{rates[limit]:,.1f}",
                 f"{rates[ours] / rates[limit]:.2f}", *others)
            )  # fmt: skip
    peers = " and ".join(f"{name} {found['versions'][name]}" for name in PEERS)
    return [
        "### Photographs made small and grey while they are read",
        "",
        "GETs a second through an Object Lambda access point whose function makes a JPEG 256 by 256 and",
        f"grey, over {CONNECTIONS} connections, best of {found['rounds']} runs of {found['seconds']:g} s. The limit is",
        "a loop of the same OpenCV calls on all cores, its memory kept as a function's is. `reduced` decodes the JPEG at a part of its size,",
        f"which thumbor always does. Peers are {peers} from PyPI; ministack runs the same function.",
        "",
        *table(
            ("photograph", "inhouse", "the limit", "of the limit", *(f"over {p}" for p in PEERS)),
            rows,
        ),
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
