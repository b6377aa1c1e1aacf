"""Workers of every kind of isolation that works on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inhouse.compute import Isolation, LocalWorkers, Worker, WorkerSpec, isolation
from inhouse.compute.isolation import _try, interpreter

Start = Callable[..., Awaitable[tuple[Worker, list[bytes]]]]


def kinds() -> list[Any]:
    """Every kind, the ones that do not work here marked as skipped."""
    found: list[Any] = []
    for kind in ("namespaces", "user-namespaces", "bubblewrap", "users", "weak"):
        why = None
        if kind in ("namespaces", "users") and os.geteuid() != 0:
            why = "needs root"
        elif kind != "weak":
            why = _try(kind)  # type: ignore[arg-type]
        marks = [pytest.mark.skip(reason=f"{kind} does not work here: {why}")] if why else []
        found.append(pytest.param(kind, marks=marks))
    return found


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A data directory, as a server has it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "credentials.json").write_text('{"secret": "of the admin"}')
    (folder / "credentials.json").chmod(0o600)
    return folder


@pytest.fixture
async def start(request: pytest.FixtureRequest, secrets: Path) -> AsyncIterator[Start]:
    """`await start(source, **spec)` runs Python; give a kind of isolation as the parameter."""
    kind = getattr(request, "param", None)
    own_network = kind in ("namespaces", "user-namespaces", "bubblewrap") and not _try(kind, [])
    chosen = Isolation(kind, "for the test", own_network) if kind else isolation()
    workers = LocalWorkers(hidden=(secrets,), kind=chosen)
    program, readable = interpreter()

    async def run(source: str, **more: Any) -> tuple[Worker, list[bytes]]:
        printed: list[bytes] = []

        def output(piece: bytes) -> float:
            printed.append(piece)
            return 0.0

        spec = replace(WorkerSpec(command=(program, "-c", source), readable=readable), **more)
        return await workers.start(spec, output), printed

    yield run
    await workers.close()


def networked() -> list[Any]:
    """The kinds that keep a worker from the network."""
    return [each for each in kinds() if each.values[0] not in ("users", "weak")]


async def finish(started: tuple[Worker, list[bytes]]) -> Any:
    """What a worker that prints JSON printed, once it has ended."""
    worker, printed = started
    await worker.ended.wait()
    text = b"".join(printed)
    assert worker.status == 0, text.decode()
    return json.loads(text)
