"""`make bench`: everything, side by side, into docs/benchmarks.md; or the sections named.

`python -m benchmarks edit merge` measures these two and leaves the rest of the page as it is.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Sequence

from benchmarks import gateway, page
from benchmarks.narration import edit, listeners, merge, newsroom, stream, synthesis
from benchmarks.narration.house import FILE
from benchmarks.preprocessing import burst, latency, memory, transforms

SECTIONS: dict[str, Callable[[], Sequence[str]]] = {
    "requests": lambda: gateway.lines(gateway.run()),
    "edit": lambda: edit.lines(edit.run()),
    "merge": lambda: merge.lines(merge.run()),
    "synthesis": lambda: synthesis.lines(synthesis.run()),
    "listeners": lambda: listeners.lines(listeners.run()),
    "stream": lambda: stream.lines(stream.run()),
    "newsroom": lambda: newsroom.lines(newsroom.run()),
    "transforms": lambda: transforms.lines(transforms.run()),
    "latency": lambda: latency.lines(latency.run()),
    "cold": lambda: latency.lines_cold(latency.run_cold()),
    "burst": lambda: burst.lines(burst.run()),
    "memory": lambda: memory.lines(memory.run()),
    "passing": lambda: memory.lines_large(memory.run_large()),
}
RECORDED = ("edit", "synthesis", "listeners", "stream", "newsroom")
"""Sections that need the newsroom's saves."""


def main(wanted: Sequence[str]) -> None:
    """Measures sections, all by default; one whose data is not at hand stays as it was."""
    if unknown := set(wanted) - set(SECTIONS):
        sys.exit(f"There is no section {unknown.pop()!r}; there are {', '.join(SECTIONS)}.")
    for name in wanted or SECTIONS:
        if name in RECORDED and not FILE.exists():
            print(f"{name} is not measured: it needs {FILE}; set INHOUSE_TEST_DATA.")
            continue
        lines = SECTIONS[name]()
        print("\n".join(lines), flush=True)
        page.write(_head(), {name: lines}, SECTIONS)


def _head() -> list[str]:
    return [
        "# Benchmarks",
        "",
        "`make bench` measures everything below and writes this page. What is compared within a",
        "section is measured in one run. Inhouse is one process with signatures, authorization and",
        "access log on, and its data on disk with an fsync before every acknowledgement.",
        f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}; the load shares them.",
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
