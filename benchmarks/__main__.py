"""`make bench`: everything, side by side, into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import gateway, narration
from benchmarks.servers import install_peers

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main() -> None:
    versions = install_peers()
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures everything below in one run and writes this page. Peers are",
        f"ministack {versions['ministack']} and moto {versions['moto']}, from PyPI, each one process on loopback, in their",
        "default (volatile) mode. Inhouse is one process with signatures, authorization and access",
        "log on, and its data on disk with an fsync before every acknowledgement.",
        f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}; the load generator shares them.",
        "",
        *small_requests(gateway.run()),
        *newsroom(narration.run()),
    ]
    PAGE.write_text("\n".join(lines) + "\n")
    print(PAGE.read_text())


def small_requests(found: dict[str, Any]) -> list[str]:
    lines = [
        "## Small requests",
        "",
        f"{gateway.CONNECTIONS} connections, best of {gateway.ROUNDS} runs of {gateway.SECONDS:g} s; requests a second.",
        "",
        "| case | inhouse | ministack | moto | over ministack | over moto | p99 inhouse |",
        "|---|---|---|---|---|---|---|",
    ]
    for case, by_server in found["cases"].items():
        rate = {name: one["per_second"] for name, one in by_server.items()}
        ours = rate["inhouse"]
        lines.append(
            f"| {case} | {ours:,.0f} | {rate['ministack']:,.0f} | {rate['moto']:,.0f} "
            f"| {ours / rate['ministack']:.1f}× | {ours / rate['moto']:.1f}× "
            f"| {by_server['inhouse']['p99_ms']:.1f} ms |"
        )
    idle = ", ".join(f"{name} {mib:.0f} MiB" for name, mib in found["idle_mib"].items())
    return [*lines, "", f"Resident memory when idle: {idle}.", ""]


def newsroom(found: dict[str, Any] | None) -> list[str]:
    lines = ["## Narrating a newsroom", ""]
    if found is None:
        return [*lines, "Not measured: the newsroom data is not at hand (INHOUSE_TEST_DATA)."]
    return [
        *lines,
        f"{found['saves']} saves of {found['articles']} articles with the voice `Tone`, replayed in",
        f"{found['seconds']:.0f} s ({found['saves'] / found['seconds']:.1f} saves a second).",
        "",
        "| | characters | saved |",
        "|---|---|---|",
        f"| every save synthesized whole | {found['characters_received']:,} | |",
        f"| narrated | {found['characters_synthesized']:,} | {found['percent_saved']:.1f} % |",
        "",
        f"From save to audio: {found['seconds_to_audio_median']:.1f} s median, "
        f"{found['seconds_to_audio_p95']:.1f} s p95, all saves being published as fast as they are",
        "accepted.",
    ]


if __name__ == "__main__":
    main()
