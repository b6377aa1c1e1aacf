"""System calls that workers do without: the filter, as the kernel wants it.

What these calls reach is beyond the limits of a worker: memory that no process is charged for, the
kernel's keys, sockets that know no network namespaces, and namespaces of its own in which it could
mount as much memory as it likes. Programs that find them missing do it another way.

Manual pages followed: seccomp(2), bpf(2), clone(2).
"""

from __future__ import annotations

import errno
import os
import struct
from functools import cache

_NAMESPACES = 0x7E020000
"""Every CLONE_NEW… flag."""
_FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6 and netlink, which the names of interfaces are asked from."""
_FOREIGN = 0x40000000
"""From here on, numbers are those of another way to call the same kernel."""
_EVERYWHERE = {"clone3": 435, "io_uring_setup": 425, "memfd_secret": 447}
_NUMBERS = {
    "x86_64": {
        "socket": 41, "clone": 56, "unshare": 272, "setns": 308, "shmget": 29, "memfd_create": 319,
        "add_key": 248, "request_key": 249, "keyctl": 250, "perf_event_open": 298, "bpf": 321,
        "userfaultfd": 323,
    },
    "aarch64": {
        "socket": 198, "clone": 220, "unshare": 97, "setns": 268, "shmget": 194,
        "memfd_create": 279, "add_key": 217, "request_key": 218, "keyctl": 219,
        "perf_event_open": 241, "bpf": 280, "userfaultfd": 282,
    },
}  # fmt: skip
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_MISSING = ("clone3", "io_uring_setup", "memfd_create", "memfd_secret", "shmget", "userfaultfd")
"""As if the kernel had none: what asks for them has a way without."""
_REFUSED = ("unshare", "setns", "add_key", "request_key", "keyctl", "perf_event_open", "bpf")
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16
"""Where the kernel shows the call's number, the machine's kind and the first argument."""
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


@cache
def program(machine: str | None = None) -> bytes:
    """The filter for this kind of machine; nothing where we do not know its numbers."""
    machine = machine or os.uname().machine
    if machine not in _NUMBERS:
        return b""
    numbers = _NUMBERS[machine] | _EVERYWHERE
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _fail(errno.ENOSYS),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _FOREIGN, 0, 1),
        _fail(errno.ENOSYS),
    ]
    for names, reason in ((_MISSING, errno.ENOSYS), (_REFUSED, errno.EPERM)):
        for name in names:
            code += [_step(_EQUAL, numbers[name], 0, 1), _fail(reason)]
    code += [
        _step(_EQUAL, numbers["clone"], 0, 3),
        _step(_LOAD, _FIRST),
        _step(_ANY_BIT, _NAMESPACES, 0, len(_FAMILIES) + 4),
        _fail(errno.EPERM),
        _step(_EQUAL, numbers["socket"], 0, len(_FAMILIES) + 2),
        _step(_LOAD, _FIRST),
    ]
    left = len(_FAMILIES)
    for family in _FAMILIES:
        code.append(_step(_EQUAL, family, left, 0))
        left -= 1
    code += [_fail(errno.EAFNOSUPPORT), _step(_RETURN, _ALLOW)]
    return b"".join(code)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction; a test skips as many of the next as it is told."""
    return struct.pack("HBBI", code, then, otherwise, value)


def _fail(reason: int) -> bytes:
    return _step(_RETURN, _FAIL | reason)
