"""Workers as processes of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from inhouse.compute import seccomp
from inhouse.compute.isolation import interpreter, isolation, launch_command, system
from inhouse.compute.worker import WATCH, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inhouse.compute.isolation import Isolation
    from inhouse.compute.spec import WorkerSpec
    from inhouse.compute.worker import Output
log = structlog.get_logger()

MIB = 1 << 20
FIRST_UID, UIDS = 200_000, 65_536
"""Unprivileged users that belong to nobody else; each worker gets one of its own."""
IDLE_TICKS = 10
"""Looks at busy workers for each look at idle ones."""
HEADROOM = 1024 * MIB
"""A worker may ask for this much more than its memory before the kernel itself says no: the
watch ends it earlier, unless it grows by gigabytes in a tenth of a second."""
BY_SIGNAL = 128
"""bwrap's exit status for a worker that a signal ended, less the signal."""
PATIENCE = 30.0
"""Seconds that a launcher may take to make a network."""
NICENESS = 5
"""The server answers first, then workers run."""


class LocalWorkers:
    """Starts workers, watches what they use, ends them all with the server.

    `hidden` are folders of this machine that no worker may see, whatever else it may read.
    """

    def __init__(self, hidden: Sequence[Path] = (), kind: Isolation | None = None) -> None:
        self.isolation = kind or isolation()
        self._hidden = tuple(path.resolve() for path in hidden)
        self._root = _make_root()
        self._lock = _hold(self._root)
        self._workers: set[Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        tell = log.warning if self.isolation.kind == "weak" else log.info
        tell(
            "compute.isolation",
            isolation=self.isolation.kind,
            why=self.isolation.why,
            own_network=self.isolation.own_network,
        )

    async def start(self, spec: WorkerSpec, output: Output) -> Worker:
        """Starts a worker. What it prints goes to `output`, which answers how many seconds to
        wait before more is read: a worker that prints too fast has to wait as well.

        Raises OSError when the process cannot be made, or cannot have a network of its own.
        """
        if spec.network is not None and not self.isolation.own_network:
            raise OSError(
                errno.ENOTSUP,
                f"no worker can be kept from the network here (isolation: {self.isolation.kind})",
            )
        folder = self._root / secrets.token_hex(8)
        uid = self._free_uid()
        if self.isolation.own_root:
            folder.mkdir(0o700)
        else:
            await asyncio.to_thread(_furnish, folder, spec, uid)
        plan = self._plan(spec, folder, uid)
        channel, theirs = socket.socketpair()
        with channel:
            with theirs:
                plan["channel"] = theirs.fileno()
                process, pipe = await _launch(plan)
            worker = self._started(process, pipe, spec, uid, folder, output)
            try:
                await _tell(process, plan)
                if spec.network:
                    worker.listeners = await asyncio.to_thread(_receive, channel, len(spec.network))
            except BaseException:
                worker.kill()  # nobody will know of it
                raise
        return worker

    def _started(
        self,
        process: asyncio.subprocess.Process,
        pipe: int,
        spec: WorkerSpec,
        uid: int | None,
        folder: Path,
        output: Output,
    ) -> Worker:
        worker = Worker(
            process.pid,
            spec,
            uid=uid,
            wrapped=self.isolation.own_root,
            shared=self.isolation.kind == "weak",
            pipe=pipe,
            output=output,
        )
        self._workers.add(worker)
        self._keep(self._follow(worker, process, folder))
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._watch_forever())
        return worker

    async def close(self) -> None:
        """Ends all workers and removes what they left."""
        for worker in self._workers:
            worker.kill()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        if self._watch is not None:
            self._watch.cancel()
        await asyncio.to_thread(shutil.rmtree, self._root, True)
        os.close(self._lock)

    def _keep(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(
        self, worker: Worker, process: asyncio.subprocess.Process, folder: Path
    ) -> None:
        status = await process.wait()
        if (
            self.isolation.kind == "bubblewrap"
            and BY_SIGNAL < status <= BY_SIGNAL + signal.SIGRTMAX
        ):
            status = BY_SIGNAL - status
        worker.gone(status)
        self._workers.discard(worker)
        await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _watch_forever(self) -> None:
        for tick in itertools.count():
            if not self._workers:
                return
            for worker in list(self._workers):
                if worker.idle and tick % IDLE_TICKS:
                    continue
                if worker.measure() > worker.spec.memory * MIB:
                    worker.over_memory = True
                if worker.over_memory or worker.processes > worker.spec.processes:
                    worker.kill()
            await asyncio.sleep(WATCH)

    def _readable(self, spec: WorkerSpec) -> tuple[Path, ...]:
        if self.isolation.kind != "bubblewrap":
            return spec.readable
        return tuple(dict.fromkeys((*spec.readable, *interpreter()[1])))  # for the launcher inside

    def _free_uid(self) -> int | None:
        if self.isolation.kind not in ("namespaces", "users"):
            return None
        taken = {worker.uid for worker in self._workers}
        while True:
            uid = FIRST_UID + secrets.randbelow(UIDS)
            if uid not in taken:
                return uid

    def _plan(self, spec: WorkerSpec, folder: Path, uid: int | None) -> dict[str, Any]:
        def place(path: str) -> str:
            return path if self.isolation.own_root else _elsewhere(folder, path)

        limits = {
            "CORE": 0,
            "NOFILE": spec.open_files,
            "FSIZE": spec.scratch * MIB,
            "DATA": spec.memory * MIB + HEADROOM,
        }
        if uid is not None:  # counted by user: the server's own must not be limited
            limits["NPROC"] = spec.processes
        return {
            "kind": self.isolation.kind,
            "parent": os.getpid(),
            "root": str(folder),
            "uid": uid or 1000,
            "gid": uid or 1000,
            "binds": [
                *([str(path), str(path)] for path in self._readable(spec) if not system(path)),
                *([str(source), target] for target, source in spec.folders.items()),
            ],
            "hidden": [str(path) for path in (*self._hidden, self._root)],
            "scratch": spec.scratch * MIB,
            "interpreter": interpreter()[0],
            "network": spec.network,
            "command": list(spec.command),
            "environment": {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "TZ": ":UTC",
                "HOME": place("/tmp"),  # noqa: S108
                "TMPDIR": place("/tmp"),  # noqa: S108
                **spec.environment,
                **{name: ":".join(map(place, places)) for name, places in spec.paths.items()},
            },
            "cwd": place(spec.cwd),
            "limits": limits,
            "nice": NICENESS,
            "filter": seccomp.program().hex(),
        }


async def _launch(plan: dict[str, Any]) -> tuple[asyncio.subprocess.Process, int]:
    """A launcher that waits for its plan, and the end of the pipe that it prints into."""
    ours, theirs = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *launch_command(plan),
            stdin=asyncio.subprocess.PIPE,
            stdout=theirs,
            stderr=theirs,
            env={},
            start_new_session=True,
            pass_fds=(plan["channel"],) if plan["network"] else (),
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return process, ours


async def _tell(process: asyncio.subprocess.Process, plan: dict[str, Any]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(json.dumps(plan).encode())
        await process.stdin.drain()
        process.stdin.close()


def _receive(channel: socket.socket, most: int) -> list[socket.socket]:
    """The sockets that the launcher made; none when it could not."""
    channel.settimeout(PATIENCE)
    try:
        _, numbers, _, _ = socket.recv_fds(channel, 1, most)
    except OSError:
        return []
    return [socket.socket(fileno=number) for number in numbers]


def _elsewhere(folder: Path, path: str) -> str:
    """Where a worker without a root of its own finds what others find at `path`."""
    return str(folder) + path if path.startswith(("/tmp", "/var/", "/opt")) else path  # noqa: S108


def _furnish(folder: Path, spec: WorkerSpec, uid: int | None) -> None:
    """Copies a worker's folders for it alone, where they cannot be mounted."""
    folder.mkdir(0o700)
    (folder / "tmp").mkdir(0o700)
    for target, source in spec.folders.items():
        place = Path(str(folder) + target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, place)
    if uid is not None:
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(parent, name), uid, uid, follow_symlinks=False)
        os.chown(folder, uid, uid)


def _make_root() -> Path:
    """A folder for this server's workers; those that ended servers left are removed."""
    base = Path(tempfile.gettempdir())
    for old in base.glob("inhouse-workers-*"):
        with contextlib.suppress(OSError):
            if old.stat().st_uid == os.geteuid():
                os.close(_hold(old))
                shutil.rmtree(old, ignore_errors=True)
    root = Path(tempfile.mkdtemp(prefix="inhouse-workers-"))
    root.chmod(0o711)  # workers with users of their own pass through, and see no names
    return root


def _hold(root: Path) -> int:
    """Locks `root` for as long as the descriptor is open. Raises OSError when it is held."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
