"""Workers with a network of their own reach what they are given, and nothing else."""

from __future__ import annotations

import asyncio
import socket

import pytest

from inhouse.compute import Isolation, LocalWorkers, WorkerSpec
from tests.compute.conftest import Start, finish, networked
from tests.compute.test_breakout import PROBE, TELL

apart = pytest.mark.parametrize("start", networked(), indirect=True)


@apart
async def test_nothing_is_reached_from_a_network_that_leads_nowhere(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0inhouse-test")
        abstract.listen()
        port = mine.getsockname()[1]
        got = await finish(
            await start(
                PROBE
                + "import socket\n"
                + f"attempt('loopback', lambda: socket.create_connection(('127.0.0.1', {port}), 2))\n"
                + "attempt('internet', lambda: socket.create_connection(('192.0.2.1', 80), 2))\n"
                + "attempt('names', lambda: socket.getaddrinfo('example.com', 80))\n"
                + "udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                + "attempt('udp', lambda: udp.sendto(b'x', ('192.0.2.1', 53)))\n"
                + "unix = socket.socket(socket.AF_UNIX)\n"
                + "attempt('abstract', lambda: unix.connect('\\0inhouse-test'))\n"
                + "attempt('raw', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))\n"
                + "attempt('others', lambda: [n for _, n in socket.if_nameindex() if n != 'lo'][0])\n"
                + "attempt('inherited', lambda: [n for n in os.listdir('/proc/self/fd')\n"
                + "    if os.path.exists(f'/proc/self/fd/{n}') and int(n) > 2\n"
                + "    and os.readlink(f'/proc/self/fd/{n}').startswith('socket:')\n"
                + "    and int(n) not in (udp.fileno(), unix.fileno())][0])\n"
                + TELL,
                network=(),
            )
        )
    assert got == {}


@apart
async def test_what_is_given_is_answered_by_whoever_started_it(start: Start) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    worker, printed = await start(
        "import json, socket\n"
        "found = []\n"
        "for host, port in (('127.0.0.1', 9001), ('127.1.2.3', 4566)):\n"
        "    with socket.create_connection((host, port), 30) as one:\n"
        "        one.sendall(f'{port}\\n'.encode())\n"
        "        found.append(one.makefile().read())\n"
        "print(json.dumps(found))\n",
        network=(("127.0.0.1", 9001), ("127.1.2.3", 4566)),
    )
    servers = [await asyncio.start_server(greet, sock=each) for each in worker.listeners]
    try:
        assert await finish((worker, printed)) == ["9001\n", "4566\n"]
    finally:
        for server in servers:
            server.close()


@pytest.mark.parametrize(
    "start", [each for each in networked() if each.values[0] != "bubblewrap"], indirect=True
)
async def test_the_server_s_address_may_be_one_of_the_machine_s(start: Start) -> None:
    worker, printed = await start(
        "import socket\nwith socket.create_connection(('10.1.2.3', 4566), 30): print(1)\n",
        network=(("10.1.2.3", 4566),),
    )
    assert await finish((worker, printed)) == 1
    worker.listeners[0].close()


async def test_no_worker_starts_without_the_network_it_must_have() -> None:
    workers = LocalWorkers(kind=Isolation("weak", "for the test"))
    try:
        with pytest.raises(OSError, match="kept from the network"):
            await workers.start(WorkerSpec(command=("/bin/true",), network=()), lambda _: 0.0)
    finally:
        await workers.close()
