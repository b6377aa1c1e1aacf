"""What a worker is to be: the same description serves a local process and a remote one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker process.

    command:     program and arguments; the program by absolute path.
    environment: all variables it gets, besides PATH, LANG, TZ and HOME.
    paths:       variables made of places the worker sees, joined by `:`. They are kept apart
                 because where the machine cannot isolate, places are elsewhere.
    folders:     read-only trees, by where the worker sees them (`/var/task`).
    readable:    paths of this machine it may read where they are: interpreters, libraries.
    cwd:         working folder, as the worker sees it.
    memory:      MiB of memory for all its processes together; using more ends it.
    scratch:     MiB in `/tmp`, which is its own and goes with it.
    processes:   processes and threads at once.
    open_files:  file descriptors.
    network:     None for this machine's network. Else a network of its own that leads nowhere but
                 to these addresses `(host, port)`: who starts the worker answers them, on the
                 sockets in `Worker.listeners`.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    cwd: str = "/tmp"  # noqa: S108  the worker's own
    memory: int = 512
    scratch: int = 512
    processes: int = 1024
    open_files: int = 1024
    network: tuple[tuple[str, int], ...] | None = None
