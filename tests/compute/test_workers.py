"""Workers start, are limited and end, whatever keeps them apart."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from pathlib import Path

import pytest

from inhouse.compute import isolation
from inhouse.compute.isolation import interpreter
from tests.compute.conftest import Start, finish, kinds
from tests.waiting import eventually

every_kind = pytest.mark.parametrize("start", kinds(), indirect=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def running(name: str) -> list[int]:
    """Processes that go by `name`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if arguments[0] == name.encode():
            found.append(int(pid))
    return found


@every_kind
async def test_a_worker_gets_what_its_spec_says(start: Start, tmp_path: Path) -> None:
    task = tmp_path / "task"
    task.mkdir(mode=0o755)
    (task / "module.py").write_text("print(__import__('json').dumps(__import__('os').getcwd()))")
    source = (
        "import json, os, sys\n"
        "open('/tmp/x' if os.environ['HOME'] == '/tmp' else os.environ['HOME'] + '/x', 'w')\n"
        "print(json.dumps([dict(os.environ), os.listdir(os.getcwd()), sys.stdin.read()]))\n"
    )
    variables, files, given = await finish(
        await start(
            source,
            environment={"COLOUR": "green"},
            paths={"ROOT": ("/var/task",)},
            folders={"/var/task": task},
            cwd="/var/task",
        )
    )
    assert set(variables) - {"LC_CTYPE"} == {
        "PATH", "LANG", "TZ", "HOME", "TMPDIR", "COLOUR", "ROOT",
    }  # fmt: skip
    assert variables["COLOUR"] == "green"
    assert variables["ROOT"].endswith("/var/task")
    assert files == ["module.py"]
    assert given == ""


@every_kind
async def test_limits_hold(start: Start) -> None:
    source = (
        "import json, os, resource as r\n"
        "names = ['CORE', 'NOFILE', 'FSIZE']\n"
        "status = dict(l.split(':\\t') for l in open('/proc/self/status').read().splitlines())\n"
        "limits = [r.getrlimit(getattr(r, 'RLIMIT_' + n))[1] for n in names]\n"
        "print(json.dumps([limits, status['NoNewPrivs'], os.umask(0), os.listdir('/proc/self/fd')]))\n"
    )
    limits, no_new_privileges, umask, files = await finish(
        await start(source, open_files=100, scratch=3)
    )
    assert limits == [0, 100, 3 << 20]
    assert (no_new_privileges, umask) == ("1", 0o077)
    assert len(files) == 4  # three streams, and the one that lists


@every_kind
async def test_too_much_memory_ends_a_worker(start: Start) -> None:
    worker, _ = await start("import time; x = bytearray(300_000_000); time.sleep(60)", memory=128)
    await worker.ended.wait()
    assert worker.over_memory
    assert worker.status == -signal.SIGKILL
    assert worker.peak > 128 << 20


@every_kind
async def test_memory_counts_children_too(start: Start) -> None:
    source = (
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0: x = bytearray(60_000_000); time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    worker, _ = await start(source, memory=128)
    await worker.ended.wait()
    assert worker.over_memory


@every_kind
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("raise SystemExit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
async def test_a_worker_s_end_is_known(start: Start, body: str, status: int) -> None:
    worker, _ = await start(body)
    await worker.ended.wait()
    assert worker.status == status


@every_kind
async def test_ending_a_worker_ends_all_it_started(start: Start) -> None:
    source = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: print('up', flush=True); time.sleep(600)\n"
        "    time.sleep(600)\n"
        "time.sleep(600)\n"
    )
    from inhouse.compute import usage

    worker, printed = await start(source)
    while not printed:
        await asyncio.sleep(0.01)
    pids = usage.tree(worker.pid)
    assert len(pids) >= 3
    worker.kill()
    await worker.ended.wait()
    await eventually(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize(
    "start", [kind for kind in kinds() if kind.values != ("weak",)], indirect=True
)
async def test_orphans_end_with_their_worker(start: Start) -> None:
    """Daemons: forked twice, in a session of their own, with a parent that is gone."""
    source = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.execv('/bin/sleep', ['sleep-{mark}', '600'])\n"
        "    os._exit(0)\n"
        "os.wait(); time.sleep(0.2); print('up', flush=True); time.sleep(600)\n"
    )
    mark = secrets.token_hex(8)
    worker, printed = await start(source.replace("{mark}", mark))
    while not printed:
        await asyncio.sleep(0.01)
    (daemon,) = running(f"sleep-{mark}")
    worker.kill()
    await worker.ended.wait()
    await eventually(lambda: not alive(daemon))


async def test_a_worker_that_prints_too_fast_waits(start: Start) -> None:
    """Backpressure: what is not read is not printed."""
    worker, printed = await start("import os\nwhile True: os.write(1, b'x' * 65536)")
    worker._output = lambda piece: printed.append(piece) or 0.05  # type: ignore[func-returns-value]
    while sum(map(len, printed)) < 1 << 20:
        await asyncio.sleep(0.01)
    worker.kill()
    await worker.ended.wait()
    assert worker.status == -signal.SIGKILL


async def test_what_a_worker_may_read_can_lie_in_tmp(start: Start, tmp_path: Path) -> None:
    """As the packages of a checkout in /tmp do; the worker's own /tmp must not cover them."""
    if "namespaces" not in isolation().kind:
        pytest.skip("workers see this machine's own /tmp")
    library = tmp_path / "library"
    library.mkdir(mode=0o755)
    (library / "text").write_text("there")
    source = f"open('/tmp/own', 'w').close(); print(__import__('json').dumps(open('{library}/text').read()))"
    assert await finish(await start(source, readable=(*interpreter()[1], library))) == "there"
