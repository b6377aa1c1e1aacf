"""Workers that try to get at what is not theirs."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from inhouse.compute import isolation, usage
from inhouse.compute.isolation import landlock
from tests.compute.conftest import Start, finish, kinds

isolated = pytest.mark.parametrize(
    "start", [kind for kind in kinds() if kind.values != ("weak",)], indirect=True
)
kept = pytest.mark.parametrize(
    "start",
    [kind for kind in kinds() if kind.values != ("weak",) or landlock() >= 6],
    indirect=True,
)
"""Landlock's scopes keep even workers with the server's own user from it."""
PROBE = """
import json, os
found = {}
def attempt(name, work):
    try:
        found[name] = repr(work())
    except BaseException as error:
        found[name] = None
"""
TELL = "\nprint(json.dumps({k: v for k, v in found.items() if v is not None}))\n"


@kept
async def test_the_data_directory_is_out_of_reach(start: Start, secrets: Path) -> None:
    got = await finish(
        await start(
            PROBE
            + f"attempt('read', lambda: open('{secrets}/credentials.json').read())\n"
            + f"attempt('list', lambda: os.listdir('{secrets}'))\n"
            + f"attempt('write', lambda: open('{secrets}/mine', 'w'))\n"
            + f"attempt('link', lambda: open('/proc/{os.getpid()}/root{secrets}/credentials.json'))\n"
            + f"attempt('cwd', lambda: os.listdir('/proc/{os.getpid()}/cwd'))\n"
            + TELL
        )
    )
    assert got == {}
    assert [path.name for path in secrets.iterdir()] == ["credentials.json"]


@isolated
async def test_it_is_hidden_even_inside_what_may_be_read(start: Start, secrets: Path) -> None:
    """A data directory inside the folder of an installation."""
    from inhouse.compute.isolation import interpreter

    parent = secrets.parent
    parent.chmod(0o755)
    (parent / "library.txt").write_text("fine")
    (parent / "library.txt").chmod(0o644)
    source = (
        PROBE
        + f"attempt('data', lambda: os.listdir('{secrets}') or 1 / 0)\n"
        + f"attempt('secret', lambda: open('{secrets}/credentials.json').read())\n"
        + TELL
    )
    got = await finish(await start(source, readable=(*interpreter()[1], parent)))
    assert got == {}


@kept
async def test_the_server_s_process_is_out_of_reach(start: Start) -> None:
    server = os.getpid()
    got = await finish(
        await start(
            PROBE
            + f"attempt('environ', lambda: open('/proc/{server}/environ').read())\n"
            + f"attempt('mem', lambda: open('/proc/{server}/mem', 'rb'))\n"
            + f"attempt('fd', lambda: os.listdir('/proc/{server}/fd'))\n"
            + f"attempt('kill', lambda: os.kill({server}, 0))\n"
            + "attempt('parent', lambda: os.kill(os.getppid(), 9) if os.getppid() > 1 else 1 / 0)\n"
            + TELL
        )
    )
    assert got == {}


@kept
async def test_it_writes_nowhere_but_in_its_own_folder(start: Start, tmp_path: Path) -> None:
    task = tmp_path / "task"
    task.mkdir(mode=0o755)
    got = await finish(
        await start(
            PROBE
            + "for place in ('/', '/usr', '/etc', '/bin', '/lib', '/dev', '/proc', '/root', '/home',"
            f" '/opt', '/var', '{tmp_path}', '{sys.prefix}'):\n"
            + "    attempt(place, lambda: open(place + '/written-by-a-worker', 'w'))\n"
            + "attempt('remount', lambda: os.system('mount -o remount,rw / 2>/dev/null') and 1 / 0)\n"
            + TELL,
            folders={"/var/task": task},
        )
    )
    assert got == {}
    assert list(task.iterdir()) == []


@kept
async def test_workers_do_not_see_each_other(start: Start) -> None:
    first, printed = await start(
        "import os, time\n"
        "place = os.environ['HOME'] + '/secret'\n"
        "open(place, 'w').write('mine')\n"
        "print(place, os.getpid(), flush=True)\n"
        "time.sleep(600)\n",
        environment={"PASSWORD": "of-the-first"},
    )
    while not printed:
        await asyncio.sleep(0.01)
    place = printed[0].decode().split()[0]
    got = await finish(
        await start(
            PROBE
            + f"attempt('file', lambda: open('{place}').read())\n"
            + "try: pids = os.listdir('/proc')\n"
            "except OSError: pids = []\n"
            f"for pid in [*pids, '{first.pid}']:\n"
            "    if pid.isdigit() and int(pid) != os.getpid():\n"
            "        attempt(pid, lambda: 'of-the-first' in open(f'/proc/{pid}/environ').read() or 1 / 0)\n"
            "        if int(pid) > 1: attempt('kill ' + pid, lambda: os.kill(int(pid), 0))\n" + TELL
        )
    )
    assert got == {}
    assert not first.ended.is_set()


@isolated
async def test_it_cannot_become_somebody_else(start: Start) -> None:
    got = await finish(
        await start(
            PROBE
            + "attempt('uid', lambda: os.setuid(0) or 1 / (os.getuid() == 0))\n"
            + "attempt('gid', lambda: os.setgid(0) or 1 / (os.getgid() == 0))\n"
            + "attempt('chown', lambda: os.chown(os.environ['HOME'], 0, 0))\n"
            + "status = open('/proc/self/status').read()\n"
            + "attempt('caps', lambda: 1 / int('CapEff:\\t0000000000000000' not in status))\n"
            + "attempt('sudo', lambda: 1 / (os.system('su -c true 2>/dev/null </dev/null') == 0))\n"
            + TELL
        )
    )
    assert got == {}


@isolated
async def test_no_process_is_traced_and_no_kernel_setting_changed(start: Start) -> None:
    server = os.getpid()
    got = await finish(
        await start(
            PROBE
            + "import ctypes\n"
            + "libc = ctypes.CDLL(None, use_errno=True)\n"
            + f"attempt('attach', lambda: 1 / (libc.ptrace(16, {server}, 0, 0) == 0))\n"
            + f"attempt('seize', lambda: 1 / (libc.ptrace(0x4206, {server}, 0, 0) == 0))\n"
            + "for place in ('sys/kernel/core_pattern', 'sys/vm/drop_caches', 'sysrq-trigger'):\n"
            + "    attempt(place, lambda: open('/proc/' + place, 'w'))\n"
            + "attempt('kcore', lambda: open('/proc/kcore', 'rb').read(1))\n"
            + "attempt('mount', lambda: 1 / (libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0) == 0))\n"
            + "attempt('hostname', lambda: 1 / (libc.sethostname(b'mine', 4) == 0))\n"
            + TELL
        )
    )
    assert got == {}


@pytest.mark.skipif(landlock() < 6, reason="this kernel does not keep them apart")
@pytest.mark.parametrize("start", kinds(), indirect=True)
async def test_abstract_sockets_and_signals_stay_inside(start: Start) -> None:
    """Names of abstract sockets are in no file system; without a user of its own a worker could
    end the server."""
    name = f"inhouse-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0{name}")
        listening.listen()
        got = await finish(
            await start(
                PROBE
                + "import signal, socket, subprocess\n"
                + f"attempt('socket', lambda: socket.socket(socket.AF_UNIX).connect('\\0{name}') or 1)\n"
                + f"attempt('signal', lambda: os.kill({os.getpid()}, 0) or 1)\n"
                + "own = subprocess.Popen(['/bin/sleep', '600'])\n"
                + "os.kill(own.pid, signal.SIGTERM)\n"
                + "assert own.wait() == -signal.SIGTERM\n"
                + TELL
            )
        )
    assert got == {}


@isolated
async def test_nothing_of_the_server_s_environment_is_inherited(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INHOUSE_ADMIN_SECRET_ACCESS_KEY", "of-the-admin")
    got = await finish(
        await start(
            PROBE
            + f"seen = {['self', *filter(str.isdigit, os.listdir('/proc'))]}\n"
            + "try: seen += filter(str.isdigit, os.listdir('/proc'))\n"
            + "except PermissionError: pass\n"
            + "for pid in seen:\n"
            + "    attempt(pid, lambda: 1 / ('of-the-admin' in open(f'/proc/{pid}/environ').read()))\n"
            + "attempt('open', lambda: [n for n in os.listdir('/proc/self/fd') if int(n) > 2\n"
            + "    and not os.readlink(f'/proc/self/fd/{n}').endswith('/fd')][0])\n"
            + TELL
        )
    )
    assert got == {}


@isolated
async def test_a_fork_bomb_ends_with_its_worker(start: Start) -> None:
    worker, _ = await start(
        "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)\n",
        processes=40,
    )
    async with asyncio.timeout(60):
        while worker.processes < 20 and not worker.ended.is_set():
            await asyncio.sleep(0.01)
        worker.kill()
        await worker.ended.wait()
        while worker.uid is not None and usage.of_user(worker.uid):
            await asyncio.sleep(0.01)  # the kernel is still at it
    assert await finish(await start("print(1)")) == 1


@isolated
async def test_a_worker_with_too_many_processes_is_ended(start: Start) -> None:
    worker, _ = await start(
        "import subprocess, time\n"
        "for _ in range(6): subprocess.Popen(['/bin/sleep', '600'])\n"
        "time.sleep(600)\n",
        processes=5,
    )
    async with asyncio.timeout(60):
        await worker.ended.wait()
    assert worker.status != 0
    assert not worker.over_memory


def test_the_machine_s_kind_is_told_with_a_reason() -> None:
    found = isolation()
    assert found.kind in ("namespaces", "user-namespaces", "bubblewrap", "users", "weak")
    assert found.why


@pytest.mark.parametrize("start", ["weak"], indirect=True)
async def test_weak_isolation_says_so(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    """The fixture made the workers: their warning is in the log."""
    assert (await finish(await start("print(1)"))) == 1


CALLS = """
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    answer = libc.syscall(ctypes.c_long(number), *arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return answer
"""
x86 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are of x86-64")


@pytest.mark.parametrize("start", kinds(), indirect=True)
@x86
async def test_nothing_makes_memory_that_nobody_counts(start: Start) -> None:
    """Namespaces in which one may mount, files and segments in memory, and the kernel's own."""
    got = await finish(
        await start(
            PROBE
            + CALLS
            + "attempt('own namespaces', lambda: call(272, 0x10020000))\n"
            + "attempt('born into them', lambda: call(56, 0x10000011, 0, 0, 0, 0) or os._exit(0))\n"
            + "attempt('by clone3', lambda: call(435, ctypes.create_string_buffer(88), 88))\n"
            + "attempt('memory file', lambda: os.memfd_create('x'))\n"
            + "attempt('segment', lambda: call(29, 0, 1 << 20, 0o1600))\n"
            + "attempt('ring', lambda: call(425, 8, ctypes.create_string_buffer(200)))\n"
            + "attempt('keys', lambda: call(250, 0, -3, 0))\n"
            + "attempt('faults', lambda: call(323, 1))\n"
            + "attempt('another way', lambda: call(0x40000000 + 39))\n"
            + TELL
        )
    )
    assert got == {}


@pytest.mark.parametrize("start", kinds(), indirect=True)
@x86
async def test_only_sockets_that_a_network_holds(start: Start) -> None:
    """Those of virtual machines pass every network namespace."""
    got = await finish(
        await start(
            PROBE
            + CALLS
            + "for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
            + "    socket.socket(family, socket.SOCK_DGRAM).close()\n"
            + "for family in (17, 38, 40):\n"
            + "    attempt(str(family), lambda: call(41, family, 5 if family == 38 else 1, 0))\n"
            + TELL
        )
    )
    assert got == {}


@pytest.mark.skipif(landlock() < 1, reason="this kernel has no Landlock")
@pytest.mark.parametrize("start", ["weak"], indirect=True)
async def test_without_a_root_of_its_own_it_still_has_what_it_needs(
    start: Start, tmp_path: Path
) -> None:
    task = tmp_path / "task"
    task.mkdir()
    (task / "module.py").write_text("WORD = 'found'\n")
    got = await finish(
        await start(
            "import json, os, socket, subprocess, sys, tempfile\n"
            "sys.path.insert(0, os.environ['TASK'])\n"
            "import module\n"
            "with tempfile.NamedTemporaryFile('w+') as file:\n"
            "    file.write('x'); file.flush(); os.truncate(file.name, 0)\n"
            "    os.rename(file.name, file.name + '.new'); os.rename(file.name + '.new', file.name)\n"
            "open('/dev/null', 'w').write('x')\n"
            "socket.getaddrinfo('localhost', 80)\n"
            "done = subprocess.run(['/bin/sh', '-c', 'exit 3']).returncode\n"
            "print(json.dumps([module.WORD, done]))\n",
            folders={"/var/task": task},
            paths={"TASK": ("/var/task",)},
        )
    )
    assert got == ["found", 3]


@x86
async def test_programs_and_threads_are_started_as_ever(start: Start) -> None:
    got = await finish(
        await start(
            "import json, subprocess, threading, ctypes\n"
            "done = []\n"
            "thread = threading.Thread(target=done.append, args=(1,))\n"
            "thread.start(); thread.join()\n"
            "done.append(subprocess.run(['/bin/echo', 'x'], capture_output=True).returncode)\n"
            "back = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)\n"
            "print(json.dumps([*done, back(1)]))\n"
        )
    )
    assert got == [1, 0, 2]
