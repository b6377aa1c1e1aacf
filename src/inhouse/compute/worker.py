"""A worker that runs on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from inhouse.compute import usage

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from inhouse.compute.spec import WorkerSpec

    Output = Callable[[bytes], float]
PIECE = 64 << 10
PIECES = 16
"""Pieces read at one go: other workers want to be heard as well."""
WATCH = 0.1
"""Seconds between looks at what a worker uses."""
LAUNCHERS = 2
"""Processes of the launcher above the worker, where it has namespaces."""


class Worker:
    """A running worker process.

    `uid` is the user only this worker has, None where it has the server's. `shared` tells that
    nothing keeps it from others. Set `idle` while it has nothing to do: it is watched less. `peak`
    is the most memory seen, in bytes. `ended` is set once it is gone; then `status` is its exit
    status, negative for a signal, and `over_memory` tells whether it was ended for using too much.
    `listeners` are the sockets of its own network, in the order of `spec.network`; whoever uses them
    closes them. `processes` is how many it had when it was last looked at.
    """

    def __init__(
        self,
        pid: int,
        spec: WorkerSpec,
        *,
        uid: int | None,
        wrapped: bool,
        shared: bool,
        pipe: int,
        output: Output,
    ) -> None:
        self.pid = pid
        self.uid = uid
        self.shared = shared
        self.spec = spec
        self.peak = 0
        self._measured = 0.0
        self.processes = 0
        self.listeners: list[socket.socket] = []
        self.over_memory = False
        self.idle = False
        self.status: int | None = None
        self.ended = asyncio.Event()
        self._wrapped = wrapped
        self._pipe = pipe
        self._output = output
        self._loop = asyncio.get_running_loop()
        os.set_blocking(pipe, False)
        self._loop.add_reader(pipe, self.read)

    def kill(self) -> None:
        """Ends the worker and all it started, at once. A worker that is gone stays gone."""
        if self.status is not None:
            return
        pids = usage.tree(self.pid)
        if self.uid is not None and not self._wrapped:
            pids += usage.of_user(self.uid)  # orphans have left the tree
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def notice(self, *, anew: bool) -> None:
        """Measures, unless that was done a moment ago: not each of many short events has to be seen."""
        if anew or time.monotonic() - self._measured > WATCH:
            self.measure()

    def measure(self) -> int:
        """Bytes in use now; remembers the peak."""
        self._measured = time.monotonic()
        pids = usage.tree(self.pid)[LAUNCHERS if self._wrapped else 0 :]
        self.processes = len(pids)
        used = usage.memory(pids)
        self.peak = max(self.peak, used)
        return used

    def read(self) -> None:
        """Hands over what the worker has printed so far, up to a megabyte."""
        pause = 0.0
        for _ in range(PIECES):
            if self._pipe < 0 or pause:
                break
            try:
                piece = os.read(self._pipe, PIECE)
            except BlockingIOError:
                break
            if piece:
                pause = self._output(piece)
            else:
                self._close_output()
        if pause and self._pipe >= 0:
            self._loop.remove_reader(self._pipe)
            self._loop.call_later(pause, self._resume)

    def gone(self, status: int) -> None:
        """Told by whoever waited for the process."""
        self.kill()  # what it started and left behind
        self.status = status
        self.read()
        self._close_output()
        self.ended.set()

    def _resume(self) -> None:
        if self._pipe >= 0:
            self._loop.add_reader(self._pipe, self.read)

    def _close_output(self) -> None:
        if self._pipe >= 0:
            self._loop.remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = -1
