"""Which Python runtimes this machine offers, and what functions may import from it."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inhouse.compute.isolation import interpreter
from inhouse.services.lambda_.names import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIMES = ("python3.11", "python3.12", "python3.13", "python3.14")
OWN = f"python3.{sys.version_info.minor}"
OFFERED = ("awslambdaric", "boto3", "av", "numpy", "opencv-python-headless", "requests")
"""Packages functions find without bringing them, as far as they are installed; and what these
need in turn. Nothing else of the server's is importable."""
PROBE = """
import awslambdaric.bootstrap, boto3, json, runtime_client, sys
print(json.dumps([sys.executable, sys.base_prefix, sys.prefix, *sys.path[1:]]))
"""


@dataclass(frozen=True, slots=True)
class Runtime:
    """An interpreter that can run functions.

    `offered` is a folder of links to the packages functions may import, shown at /var/runtime;
    None for an interpreter that has its own.
    """

    name: str
    program: str
    readable: tuple[Path, ...]
    offered: Path | None


class Runtimes:
    """Finds interpreters; `folder` is where links to our own packages are kept.

    The first look at an interpreter runs it, so ask from a thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def clear(self) -> None:
        """At start: links that an earlier installation left may lead nowhere."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def get(self, name: str) -> Runtime:
        """The runtime `python3.x`. Raises InvalidParameterValueException naming those there are."""
        if name == OWN:
            return self._own()
        found = _other(name) if name in RUNTIMES else None
        if found is None:
            there = ", ".join(each for each in RUNTIMES if each == OWN or _other(each))
            raise invalid(
                f"Runtime: {name!r} is not available on this machine; available: {there}. Another "
                "python3.x needs that interpreter on PATH with awslambdaric and boto3 installed."
            )
        return found

    def _own(self) -> Runtime:
        program, readable = interpreter()
        packages = offered()
        with self._lock:
            if not self._folder.exists():
                _compile(packages)
                self._link(packages)
        sites = dict.fromkeys(path.parent for path in packages)
        return Runtime(OWN, program, (*readable, *sites), self._folder)

    def _link(self, packages: tuple[Path, ...]) -> None:
        scratch = self._folder.with_suffix(".new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True, mode=0o755)
        for path in packages:
            (scratch / path.name).symlink_to(path)
        scratch.replace(self._folder)


@functools.cache
def runtime_version(region: str, name: str) -> str:
    """The ARN that tells one interpreter from another that was installed in its place."""
    program = sys.executable if name == OWN else shutil.which(name)
    about = (name, os.path.realpath(program or ""), sys.version if name == OWN else "")
    return f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(repr(about).encode()).hexdigest()}"


def _compile(packages: tuple[Path, ...]) -> None:
    """Leaves bytecode beside packages that were installed without, as uv does: workers cannot
    write there and would compile anew at each cold start. Where we cannot either, nothing changes.
    """
    bare = [
        str(path)
        for path in packages
        if (path / "__init__.py").exists()
        and not (path / "__pycache__").exists()
        and os.access(path, os.W_OK)
    ]
    if bare:
        command = [sys.executable, "-m", "compileall", "-qq", *bare]
        subprocess.run(command, check=False, env={})  # noqa: S603  our own interpreter


@functools.cache
def offered() -> tuple[Path, ...]:
    """Top-level files and folders of the offered packages and of all that these need."""
    found: dict[str, Path] = {}
    for distribution in _closure(OFFERED):
        for file in distribution.files or ():
            name = file.parts[0]
            if name not in ("..", "__pycache__") and name not in found:
                path = Path(os.path.realpath(str(distribution.locate_file(""))), name)
                if path.exists():
                    found[name] = path
    return tuple(found.values())


def _closure(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    waiting, seen = list(names), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        yield distribution
        for line in distribution.requires or ():
            needed = re.match(r"[A-Za-z0-9._-]+", line)
            if needed and "extra ==" not in line:
                waiting.append(needed[0])


@functools.cache
def _other(name: str) -> Runtime | None:
    """An interpreter on PATH that can run functions by itself."""
    program = shutil.which(name)
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  an interpreter the operator installed
            [program, "-s", "-c", PROBE], capture_output=True, timeout=20, check=True, env={}
        )
    except (OSError, subprocess.SubprocessError):
        return None
    executable, base, *rest = json.loads(done.stdout)
    folders = dict.fromkeys(Path(path) for path in (base, *rest) if os.path.isdir(path))
    return Runtime(name, executable, tuple(folders), None)
