"""A server that is killed and started again: same data, same port, other process."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.serving import PROGRAM, RunningServer

PATIENCE = 30.0


class Process(NamedTuple):
    """One process ever: ids come back, but not with the same start."""

    pid: int
    started: int


class House:
    """One data directory and port; `server` is the process that serves it now.

    The next one gets what `environment` holds then.
    """

    def __init__(
        self,
        folder: Path,
        *,
        program: tuple[str, ...] = PROGRAM,
        data: Path | None = None,
        **environment: str,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._data = data or folder / "data"
        self._program = program
        self.folder = folder
        self.port = _free_port()
        self.environment = environment
        self._bereaved: set[Process] = set()
        self._logs: list[str] = []
        self.server = self._launch().__enter__()

    def _launch(self) -> RunningServer:
        flags = ("--data", str(self._data), "--port", str(self.port))
        return RunningServer(self.folder, flags, self.environment, self._program)

    def kill_server(self) -> None:
        """kill -9, and nobody in its place yet."""
        self._bereaved |= set(descendants(self.server.process.pid))
        self.server.kill()
        self._logs.append(self.server.log)

    def stillborn(self, seconds: float) -> None:
        """A server that is killed so long after its start."""
        early = self._launch()
        time.sleep(seconds)
        self._bereaved |= set(descendants(early.process.pid))
        early.kill()
        self._logs.append(early.log)

    def restart(self) -> None:
        self.server = self._launch().__enter__()

    def kill_worker(self, rng: random.Random) -> bool:
        """kill -9 of a process under the server, a function's or a voice's; False: there is none."""
        found = descendants(self.server.process.pid)
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(rng.choice(found).pid, signal.SIGKILL)
        return True

    def orphans(self) -> set[Process]:
        """Workers that outlive their killed servers, after they had time to end."""
        deadline = time.monotonic() + PATIENCE
        while (alive := {one for one in self._bereaved if _started(one.pid) == one.started}) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.1)
        return alive

    @property
    def log(self) -> str:
        """What all its servers wrote."""
        return "".join((*self._logs, self.server.log))

    def session(self) -> Any:
        return self.server.session()

    def stop(self) -> None:
        self.server.stop()


def descendants(pid: int) -> list[Process]:
    """All processes below one, by the chain of parents."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            below.setdefault(int(fields[1]), []).append(int(entry.name))
    found, pending = [], [pid]
    while pending:
        pending += (children := below.get(pending.pop(), []))
        found += children
    return [Process(one, started) for one in found if (started := _started(one)) is not None]


def _started(pid: int) -> int | None:
    """Clock ticks since the machine's start; None for one that is gone or a zombie."""
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None


def _stat(pid: int) -> list[str] | None:
    """/proc/PID/stat from the state on, proc_pid_stat(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
