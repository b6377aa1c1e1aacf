"""Workers inside bubblewrap: for machines that grant namespaces to it and not to everybody.

Some systems keep unprivileged users from making user namespaces, but ship `bwrap` with the right
to. It makes the same root as our launcher does, and then runs the launcher inside for the rest.

Manual page followed: bwrap(1).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from inhouse.compute import launcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INSIDE = "/run/inhouse/launcher.py"


def program() -> str | None:
    return shutil.which("bwrap")


def command(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """What becomes the worker of `plan`, which the launcher inside reads from standard input."""
    return (
        program() or "bwrap",
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent"),
        *(("--unshare-net",) if plan["network"] is not None else ()),
        *("--uid", str(plan["uid"]), "--gid", str(plan["gid"]), "--cap-drop", "ALL"),
        *_root(plan),
        *("--", plan["interpreter"], "-I", "-S", INSIDE),
    )


def _root(plan: Mapping[str, Any]) -> Iterator[str]:
    for name in launcher.SYSTEM:
        if os.path.islink(f"/{name}"):
            yield from ("--symlink", os.readlink(f"/{name}"), f"/{name}")
        elif os.path.isdir(f"/{name}"):
            yield from ("--ro-bind", f"/{name}", f"/{name}")
    for name in launcher.ETC:
        yield from ("--ro-bind-try", os.path.realpath(f"/etc/{name}"), f"/etc/{name}")
    yield from ("--dev", "/dev", "--perms", "1777", "--size", str(64 << 20), "--tmpfs", "/dev/shm")  # noqa: S108
    yield from ("--remount-ro", "/dev", "--proc", "/proc")
    for name in launcher.SETTINGS:
        yield from ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")
    yield from ("--perms", "1777", "--size", str(plan["scratch"]), "--tmpfs", "/tmp")  # noqa: S108
    for source, target in plan["binds"]:
        yield from ("--ro-bind", source, target)
    for path in plan["hidden"]:
        if os.path.isdir(path) and _shown(path, plan):
            yield from ("--perms", "0000", "--size", "4096", "--tmpfs", path, "--remount-ro", path)
    yield from ("--ro-bind", str(Path(launcher.__file__)), INSIDE, "--remount-ro", "/")


def _shown(path: str, plan: Mapping[str, Any]) -> bool:
    """Whether a folder of this machine would be seen where it is."""
    same = [source for source, target in plan["binds"] if source == target]
    system = [f"/{name}" for name in launcher.SYSTEM]
    return any(PurePath(path).is_relative_to(place) for place in (*same, *system))
