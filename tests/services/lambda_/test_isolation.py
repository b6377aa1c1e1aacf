"""Functions that reach for what is not theirs, on a running server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inhouse.compute import isolation

pytestmark = pytest.mark.skipif(
    isolation().kind == "weak", reason=f"this machine cannot isolate: {isolation().why}"
)


def test_the_server_is_out_of_reach(server: Any, make: Callable[..., str], run: Any) -> None:
    pid, data = server.process.pid, server.data
    name = make(
        "import os\n"
        "def attempt(work):\n"
        "    try:\n"
        "        return repr(work())\n"
        "    except BaseException:\n"
        "        return None\n"
        "def handler(e, c):\n"
        f"    return [attempt(lambda: os.listdir('{data}')),\n"
        f"        attempt(lambda: open('{data}/credentials.json').read()),\n"
        f"        attempt(lambda: open('/proc/{pid}/environ').read()),\n"
        f"        attempt(lambda: os.kill({pid}, 9)),\n"
        "        attempt(lambda: open('/var/task/new.py', 'w')),\n"
        "        attempt(lambda: open('/etc/passwd', 'a')),\n"
        "        attempt(lambda: __import__('inhouse.core.call')),\n"
        "        attempt(lambda: __import__('sqlalchemy'))]\n"
    )
    assert run(name) == ([None] * 8, None)
    assert server.process.poll() is None


def test_functions_share_nothing(make: Callable[..., str], run: Any) -> None:
    first = make("def handler(e, c):\n    open('/tmp/secret', 'w').write('x')\n")
    run(first)
    second = make(
        "import os\n"
        "def handler(e, c):\n"
        "    pids = [int(p) for p in os.listdir('/proc') if p.isdigit()]\n"
        "    names = set()\n"
        "    for pid in pids:\n"
        "        try:\n"
        "            env = open(f'/proc/{pid}/environ').read()\n"
        "        except OSError:\n"
        "            continue\n"
        "        names |= {v for v in env.split('\\0') if v.startswith('AWS_LAMBDA_FUNCTION_NAME')}\n"
        # what a checkout in /tmp shows of itself are the packages that functions may import
        "    own = [n for d, _, files in os.walk('/tmp') if '/site-packages' not in d for n in files]\n"
        "    return [own, sorted(names), os.listdir('/var/task')]\n"
    )
    assert run(second)[0] == [[], [f"AWS_LAMBDA_FUNCTION_NAME={second}"], ["main.py"]]


def listening(pid: int) -> list[int]:
    """The TCP ports on which a process listens."""
    held = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            held.add(os.readlink(each))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [
        int(row[1].split(":")[1], 16)
        for row in rows
        if row[3] == "0A" and f"socket:[{row[9]}]" in held
    ]


def test_no_function_takes_another_s_events(
    server: Any, make: Callable[..., str], run: Any
) -> None:
    """Every port on which the server listens is asked for the next event, and for a worker's."""
    victim = make("def handler(e, c):\n    return [e, 'mine']\n")
    run(victim, 0)
    thief = make(
        "import os, socket\n"
        "def ask(port, text):\n"
        "    with socket.create_connection(('127.0.0.1', port), 2) as s:\n"
        "        s.settimeout(2)\n"
        "        s.sendall(text)\n"
        "        try:\n"
        "            return s.recv(100).decode('latin-1')\n"
        "        except ConnectionError:\n"
        "            return ''\n"
        "        except TimeoutError:\n"
        "            return 'it waits with us'\n"
        "def handler(e, c):\n"
        "    own = int(os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')[1])\n"
        "    home = int(os.environ['AWS_ENDPOINT_URL'].rsplit(':', 1)[1])\n"
        "    base = '/2018-06-01/runtime/'\n"
        "    found = {}\n"
        "    for port in e:\n"
        "        if port in (own, home): continue\n"
        "        for line in ('GET ' + base + 'invocation/next', 'POST ' + base + 'init/error'):\n"
        "            try:\n"
        "                got = ask(port, f'{line} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\n\\r\\n'.encode())\n"
        "            except OSError:\n"
        "                continue\n"
        "            if got.startswith(('HTTP/1.1 2', 'it waits')): found[str(port)] = got\n"
        "    return [own in e, found]\n",
        Timeout=60,
    )
    assert run(thief, [])[0] == [False, {}]  # it has its own port from now on
    ports = listening(server.process.pid)
    assert len(ports) > 2
    assert run(thief, ports)[0] == [True, {}]
    assert run(victim, 1) == ([1, "mine"], None)


@pytest.mark.slow
def test_a_flood_of_output_slows_only_its_own_function(
    client: Callable[..., Any], make: Callable[..., str], run: Any
) -> None:
    flood = make(
        "def handler(e, c):\n    for n in range(80_000): print('x' * 99)\n    return 'done'\n",
        Timeout=60,
    )
    assert run(flood) == ("done", None)
    events = client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{flood}", filterPattern="xxx", limit=5
    )["events"]
    assert len(events) == 5
