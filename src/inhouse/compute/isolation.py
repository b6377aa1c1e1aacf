"""How well this machine lets us keep workers apart. Found out by trying, once."""

from __future__ import annotations

import ctypes
import functools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from inhouse.compute import bubblewrap, launcher, seccomp

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["namespaces", "user-namespaces", "bubblewrap", "users", "weak"]
LAUNCHER = Path(__file__).with_name("launcher.py")
_WHY: dict[Kind, str] = {
    "namespaces": "workers have users, files and processes of their own",
    "user-namespaces": "workers have files and processes of their own",
    "bubblewrap": "workers have files and processes of their own, made by bwrap",
    "users": "workers have users of their own; this machine grants no namespaces",
}


@dataclass(frozen=True, slots=True)
class Isolation:
    """What keeps a worker from the server, the data directory and other workers.

    namespaces:      own user id, own file system, own process table (server runs as root).
    user-namespaces: the same from an unprivileged server; user ids are the server's outside.
    bubblewrap:      the same, where only bwrap may make user namespaces.
    users:           own user id; file modes protect the rest, and Landlock where there is one.
    weak:            the server's own user; Landlock, where the kernel has it, protects files and
                     processes, and nothing does elsewhere.

    own_network: whether a worker can be given a network of its own, and so be kept from this one.
    """

    kind: Kind
    why: str
    own_network: bool = False

    @property
    def own_root(self) -> bool:
        """Whether workers see a file system made for them."""
        return self.kind in ("namespaces", "user-namespaces", "bubblewrap")


def launch_command(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """What becomes the worker that `plan` describes; it reads the plan from standard input."""
    if plan["kind"] == "bubblewrap":
        return bubblewrap.command(plan)
    return (sys.executable, "-I", "-S", str(LAUNCHER))


def interpreter() -> tuple[str, tuple[Path, ...]]:
    """The interpreter without its virtual environment, and what it needs to be readable."""
    return os.path.realpath(sys.executable), (Path(os.path.realpath(sys.base_prefix)),)


@functools.cache
def isolation() -> Isolation:
    """The best kind that works here."""
    wanted: tuple[Kind, ...] = (
        ("namespaces", "users") if os.geteuid() == 0 else ("user-namespaces", "bubblewrap")
    )
    failures = []
    for kind in wanted:
        failure = _try(kind)
        if failure is None:
            return Isolation(kind, _WHY[kind], kind != "users" and _try(kind, []) is None)
        failures.append(f"{kind}: {failure}")
    return Isolation("weak", f"{_weakness()} ({'; '.join(failures)})")


def landlock() -> int:
    """The version of the kernel's Landlock, 0 or less where it has none. From 1 on, workers without
    a root of their own are kept to their files; from 6 on, also to their processes."""
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(launcher.LANDLOCK_RULESET), None, 0, 1))


def _weakness() -> str:
    found = landlock()
    if found < 1:
        return "functions can read what the server can"
    rest = "" if found >= 6 else ", not from ending it"
    return f"functions have the server's user; Landlock keeps them from its files{rest}"


def _try(kind: Kind, network: list[Any] | None = None) -> str | None:
    """Runs an interpreter that way; the reason when it cannot be done."""
    if kind == "bubblewrap" and bubblewrap.program() is None:
        return "bwrap is not installed"
    program, needed = interpreter()
    with tempfile.TemporaryDirectory(prefix="inhouse-probe-") as root:
        plan: dict[str, Any] = {
            "kind": kind,
            "parent": os.getpid(),
            "root": root,
            "uid": 200_000,
            "gid": 200_000,
            "binds": [[str(path), str(path)] for path in needed if not system(path)],
            "hidden": [],
            "scratch": 1 << 20,
            "interpreter": program,
            "command": [program, "-I", "-S", "-c", "pass"],
            "environment": {},
            "cwd": "/",
            "limits": {},
            "nice": 0,
            "network": network,
            "filter": seccomp.program().hex(),
        }
        done = subprocess.run(  # noqa: S603  our own launcher
            launch_command(plan),
            input=json.dumps(plan).encode(),
            capture_output=True,
            timeout=30,
            check=False,
            env={},
        )
    if done.returncode == 0:
        return None
    return done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}"


def system(path: Path) -> bool:
    """Whether `path` lies in the system's folders, which every worker sees."""
    return path.parts[1:2] in [(name,) for name in ("usr", "bin", "sbin", "lib", "lib64", "lib32")]
