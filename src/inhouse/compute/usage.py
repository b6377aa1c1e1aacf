"""What a process tree uses, from /proc. Manual page followed: proc(5)."""

from __future__ import annotations

import os


def tree(pid: int) -> list[int]:
    """`pid` and all its descendants that are alive, parents first."""
    found = [pid]
    for process in found:  # grows while it is walked
        try:
            threads = os.listdir(f"/proc/{process}/task")
        except OSError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                    found.extend(int(child) for child in file.read().split())
            except OSError:
                continue
    return found


def of_user(uid: int) -> list[int]:
    """All processes whose real user is `uid`."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/status", "rb") as file:
                    if f"\nUid:\t{uid}\t".encode() in file.read():
                        found.append(int(name))
            except OSError:
                continue
    return found


def memory(pids: list[int]) -> int:
    """Bytes that belong to these processes alone: anonymous and shared memory, no files."""
    return sum(_memory(pid) for pid in pids)


def _memory(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            text = file.read()
    except OSError:
        return 0
    total = 0
    for name in (b"RssAnon:", b"RssShmem:"):
        start = text.find(name)
        if start >= 0:
            total += int(text[start + len(name) : text.index(b"kB", start)])
    return total * 1024
