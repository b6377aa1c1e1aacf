"""Which process is at the other end of a connection on this machine's loopback."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

from inhouse.compute import usage

if TYPE_CHECKING:
    from inhouse.compute.worker import Worker


def belongs_to(worker: Worker, peer: tuple[str, int], own: tuple[str, int]) -> bool:
    """Whether the client at `peer`, connected to our `own` address, is a process of `worker`.

    By user where the worker has one of its own, else by looking for the socket among its open
    files. IPv4 only.
    """
    found = _socket(peer, own)
    if found is None:
        return False
    uid, inode = found
    if worker.uid is not None:
        return uid == worker.uid
    name = f"socket:[{inode}]"
    return any(_holds(pid, name) for pid in usage.tree(worker.pid))


def _socket(local: tuple[str, int], remote: tuple[str, int]) -> tuple[int, int] | None:
    """User id and inode of the TCP socket bound to `local` and connected to `remote`."""
    wanted = [_hex(local), _hex(remote)]
    try:
        with open("/proc/net/tcp") as table:
            for line in table:
                columns = line.split()
                if columns[1:3] == wanted and columns[9] != "0":  # 0: closed, about to be forgotten
                    return int(columns[7]), int(columns[9])
    except OSError:
        return None
    return None


def _hex(address: tuple[str, int]) -> str:
    (number,) = struct.unpack("=I", socket.inet_aton(address[0]))
    return f"{number:08X}:{address[1]:04X}"


def _holds(pid: int, name: str) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        return any(os.readlink(f"{folder}/{number}") == name for number in os.listdir(folder))
    except OSError:
        return False
