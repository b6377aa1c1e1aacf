"""Memory while many photographs are read, and while a large object passes through a function."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.page import table
from benchmarks.preprocessing.house import BUCKET, KEYS, PASS_THROUGH, Points, points

READS, STEPS, THREADS = 10_000, 5, 4
BYTES = 5 << 30
PART = 64 << 20


def run(reads: int = READS) -> dict[str, Any]:
    """Resident MiB of server and functions after each part of the reads."""
    held: list[tuple[int, float]] = []
    with points() as access, ThreadPoolExecutor(THREADS) as pool:
        for step in range(1, STEPS + 1):
            list(pool.map(lambda _: access.read(KEYS["100 KB"]), range(reads // STEPS)))
            held.append((step * (reads // STEPS), access.server.resident_mib))
    return {"held": held}


def run_large(size: int = BYTES) -> dict[str, Any]:
    """The most MiB that the server's own process took beside what it had before."""
    with points() as access:
        access.replace(PASS_THROUGH)
        _upload(access, size)
        before, most = _own_mib(access), 0.0
        done = threading.Event()
        peaks: list[float] = []

        def watch() -> None:
            while not done.wait(0.05):
                peaks.append(_own_mib(access))

        watching = threading.Thread(target=watch)
        watching.start()
        body = access.s3.get_object(Bucket=access.alias, Key="large.bin")["Body"]
        got = sum(len(chunk) for chunk in body.iter_chunks(1 << 20))
        done.set()
        watching.join()
        most = max([before, *peaks])
    if got != size:
        raise RuntimeError(f"{got:,} of {size:,} bytes came")
    return {"size": size, "before": before, "most": most}


def _upload(access: Points, size: int) -> None:
    s3, where = access.s3, {"Bucket": BUCKET, "Key": "large.bin"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    parts = []
    for number, at in enumerate(range(0, size, PART), 1):
        body = bytes(min(PART, size - at))
        answer = s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})


def _own_mib(access: Points) -> float:
    for line in Path(f"/proc/{access.server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def lines(found: dict[str, Any]) -> list[str]:
    return [
        "### Memory over many transformed reads",
        "",
        f"Server and functions together, {THREADS} readers of the photograph of 100 KB.",
        "",
        *table(
            ("after reads", "resident"),
            [(f"{reads:,}", f"{mib:.0f} MiB") for reads, mib in found["held"]],
        ),
    ]


def lines_large(found: dict[str, Any]) -> list[str]:
    gib = found["size"] / (1 << 30)
    return [
        f"### {gib:g} GiB through a function that passes them on",
        "",
        f"The server's process held {found['before']:.0f} MiB before and at most {found['most']:.0f} MiB meanwhile:",
        f"{found['most'] - found['before']:.0f} MiB more.",
    ]


if __name__ == "__main__":
    print("\n".join([*lines(run()), "", *lines_large(run_large())]))
