"""Becomes a worker: takes away what a worker must not have, then executes its command.

Run as a program of its own, `python -I -S launcher.py`, with a plan as JSON on standard input, so
that nothing secret stands on a command line. It imports the standard library only. Under the
kinds `namespaces` and `user-namespaces` it stays, as the worker's grandparent outside and as the
first process of the worker's own process namespace: when either of them or the worker ends, all
that the worker started ends too.

Manual pages followed: namespaces(7), user_namespaces(7), pid_namespaces(7), pivot_root(2),
network_namespaces(7), netdevice(7), prctl(2), setrlimit(2), seccomp(2), landlock(7).
"""

from __future__ import annotations

import _socket  # `socket` itself would cost every worker seven milliseconds
import ctypes
import fcntl
import json
import os
import resource
import select
import signal
import struct
import sys

TYPE_CHECKING = False  # `typing` itself would cost every worker four milliseconds
if TYPE_CHECKING:
    from typing import Any

    Plan = dict[str, Any]
NEWNS, NEWIPC, NEWUTS, NEWUSER, NEWPID = 0x20000, 0x8000000, 0x4000000, 0x10000000, 0x20000000
NEWNET = 0x40000000
SET_ADDRESS, SET_FLAGS, UP = 0x8916, 0x8914, 1
RDONLY, NOSUID, NODEV, NOEXEC, NOATIME, NODIRATIME, RELATIME = 1, 2, 4, 8, 1024, 2048, 1 << 21
REMOUNT, BIND, REC, PRIVATE = 32, 4096, 16384, 1 << 18
DETACH = 2
PIVOT_ROOT = {"x86_64": 155}.get(os.uname().machine, 41)
"""Number of the system call: x86-64 has its own, newer machines share one."""
PDEATHSIG, NO_NEW_PRIVS, SECCOMP, FILTER = 1, 38, 22, 2
LANDLOCK_RULESET, LANDLOCK_RULE, LANDLOCK_RESTRICT = 444, 445, 446
OTHERS = 1 | 2
"""Abstract sockets and signals of processes that are not the worker's own."""
READ, WRITE, OF_FILES = 1 | 4 | 8, 0x7FFF, 1 | 2 | 4 | 16384
"""What one may do below a path: read and execute; that and write, as far as the kernel tells it
apart; of either, what can be done with a file."""
KNOWN = {1: 0x1FFF, 2: 0x3FFF}
"""What the kernel tells apart, by version of Landlock; later ones all of WRITE."""
FAILED = 117
"""Exit status when the worker could not be made; the reason is on standard error."""
SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32")
ETC = (
    "alternatives", "ca-certificates", "fonts", "group", "gai.conf", "host.conf", "hosts",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf",
    "passwd", "pki", "protocols", "resolv.conf", "services", "ssl/certs", "ssl/openssl.cnf",
    "timezone",
)  # fmt: skip
SETTINGS = ("sys", "sysrq-trigger", "irq", "bus", "fs")
"""What of /proc is the machine's and not a process's."""
ABOUT = ("self", "cpuinfo", "loadavg", "meminfo", "stat", "sys", "uptime", "version")
"""What of /proc is about oneself or about the machine."""
DEVICES = ("null", "zero", "full", "random", "urandom")
KEPT = ((NOSUID, 2), (NODEV, 4), (NOEXEC, 8), (NOATIME, 1024), (NODIRATIME, 2048))
libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    result = libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )
    check(result, f"mount {source} on {target}")


def die_with_parent() -> None:
    check(libc.prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl PR_SET_PDEATHSIG")


def bind(source: str, target: str, *, writable: bool = False) -> None:
    """Shows `source` at `target`, read-only unless told otherwise."""
    if os.path.isdir(source):
        os.makedirs(target, 0o755, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), 0o755, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, None, BIND | REC)
    if not writable:
        # flags a more privileged mount was made with are locked and must be named again
        kept = os.statvfs(target).f_flag
        flags = sum(flag for flag, bit in KEPT if kept & bit)
        mount("none", target, None, BIND | REMOUNT | RDONLY | NOSUID | flags)


def tmpfs(target: str, mode: str, size: int, *, flags: int = 0) -> None:
    os.makedirs(target, 0o755, exist_ok=True)
    mount("tmpfs", target, "tmpfs", NOSUID | NODEV | flags, f"mode={mode},size={size}")


def build_root(plan: Plan, root: str) -> None:
    """A file system with the system's programs, the worker's folders and nothing else."""
    mount("none", "/", None, REC | PRIVATE)
    tmpfs(root, "755", 8 << 20)
    for name in SYSTEM:
        if os.path.islink(f"/{name}"):
            os.symlink(os.readlink(f"/{name}"), f"{root}/{name}")
        elif os.path.isdir(f"/{name}"):
            bind(f"/{name}", f"{root}/{name}")
    for name in ETC:
        if os.path.exists(f"/etc/{name}"):
            bind(os.path.realpath(f"/etc/{name}"), f"{root}/etc/{name}")
    for name in DEVICES:
        bind(f"/dev/{name}", f"{root}/dev/{name}", writable=True)
    for name, number in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{number}", f"{root}/dev/{name}")
    tmpfs(f"{root}/dev/shm", "1777", 64 << 20)  # noqa: S108
    # Before the binds: what a worker needs may itself lie in /tmp, as a checkout there does.
    tmpfs(f"{root}/tmp", "1777", plan["scratch"])  # noqa: S108
    for source, target in plan["binds"]:
        bind(source, root + target)
    for path in plan["hidden"]:
        if os.path.isdir(root + path):
            tmpfs(root + path, "000", 4096, flags=RDONLY)
    os.makedirs(f"{root}/proc", 0o555)


def enter_root(root: str) -> None:
    """Makes `root` the root; the old one is gone for this process and its children."""
    mount("proc", f"{root}/proc", "proc", NOSUID | NODEV | NOEXEC)
    for name in SETTINGS:
        if os.path.exists(place := f"{root}/proc/{name}"):
            mount(place, place, None, BIND)
            mount("none", place, None, BIND | REMOUNT | RDONLY | NOSUID | NODEV | NOEXEC)
    mount("none", root, None, BIND | REMOUNT | RDONLY | NOSUID | NODEV)
    os.chdir(root)
    check(libc.syscall(ctypes.c_long(PIVOT_ROOT), b".", b"."), "pivot_root")
    check(libc.umount2(b".", DETACH), "umount2")
    os.chdir("/")


def own_namespaces(plan: Plan) -> None:
    flags = NEWNS | NEWPID | NEWIPC | NEWUTS
    if plan["network"] is not None:
        flags |= NEWNET
    if plan["kind"] == "user-namespaces":
        uid, gid = os.getuid(), os.getgid()
        check(libc.unshare(flags | NEWUSER), "unshare")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{plan['uid']} {uid} 1"),
            ("gid_map", f"{plan['gid']} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    else:
        check(libc.unshare(flags), "unshare")


def switch_on(addresses: list[list[Any]]) -> None:
    """A new network has a loopback that is off; it gets the addresses that are not its own."""
    control = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    fcntl.ioctl(control.fileno(), SET_FLAGS, struct.pack("16sH14x", b"lo", UP))
    for number, (host, _) in enumerate(addresses):
        if ":" not in host and not host.startswith("127."):
            name, packed = f"lo:{number}".encode(), _socket.inet_aton(host)
            request = struct.pack("16sHxx4s8x", name, _socket.AF_INET, packed)
            fcntl.ioctl(control.fileno(), SET_ADDRESS, request)
    control.close()


def hand_over(channel: int, addresses: list[list[Any]]) -> None:
    """Listens in the worker's network and gives the sockets to the server, which is not in it."""
    listening = []
    for host, port in addresses:
        family = _socket.AF_INET6 if ":" in host else _socket.AF_INET
        found = _socket.socket(family, _socket.SOCK_STREAM)
        found.bind((host, port))
        found.listen(128)
        listening.append(found)
    server = _socket.socket(fileno=channel)
    numbers = struct.pack(f"{len(listening)}i", *(each.fileno() for each in listening))
    server.sendmsg([b"x"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)])
    for each in (*listening, server):
        each.close()


def restrict(plan: Plan) -> None:
    """Limits, identity and privileges: after this there is no way back up."""
    for name, value in plan["limits"].items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    os.nice(plan["nice"])
    if plan["kind"] in ("namespaces", "users"):
        os.setgroups([])
        os.setresgid(plan["gid"], plan["gid"], plan["gid"])
        os.setresuid(plan["uid"], plan["uid"], plan["uid"])
    check(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS")
    keep_to_itself(plan)
    leave_out(bytes.fromhex(plan["filter"]))


def landlock(number: int, *arguments: Any) -> int:
    return int(libc.syscall(ctypes.c_long(number), *arguments))


def keep_to_itself(plan: Plan) -> None:
    """No abstract socket, signal or trace reaches a process that is not the worker's own; without a
    root of its own, no path but what such a root would show. As far as the kernel has Landlock."""
    version = landlock(LANDLOCK_RULESET, None, ctypes.c_size_t(0), 1)
    files = KNOWN.get(version, WRITE) if plan["kind"] in ("users", "weak") else 0
    wanted = struct.pack("QQQ", files, 0, OTHERS if version >= 6 else 0)
    if version < 1 or not any(wanted):
        return
    rules = landlock(LANDLOCK_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)
    if rules < 0:
        check(rules, "landlock_create_ruleset")
    if files:
        for place, names in (("", SYSTEM), ("/etc", ETC), ("/proc", ABOUT)):
            for name in names:
                show(rules, f"{place}/{name}", READ)
        for path in (plan["root"], *(source for source, _ in plan["binds"])):
            show(rules, path, READ)
        for path in (plan["root"] + "/tmp", *(f"/dev/{name}" for name in DEVICES)):  # noqa: S108
            show(rules, path, files)
    check(landlock(LANDLOCK_RESTRICT, rules, 0), "landlock_restrict_self")
    os.close(rules)


def show(rules: int, path: str, rights: int) -> None:
    if not os.path.exists(path):
        return
    place = os.open(path, os.O_PATH)
    if not os.path.isdir(path):
        rights &= OF_FILES
    rule = struct.pack("=Qi", rights, place)
    check(landlock(LANDLOCK_RULE, rules, 1, rule, 0), f"landlock_add_rule {path}")
    os.close(place)


def leave_out(program: bytes) -> None:
    """Loads the filter of system calls."""
    if program:
        held = ctypes.create_string_buffer(program)
        about = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(held))
        check(libc.prctl(SECCOMP, FILTER, about, 0, 0), "prctl PR_SET_SECCOMP")


def execute(plan: Plan) -> None:
    os.umask(0o077)
    os.chdir(plan["cwd"])
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python left them
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(plan["command"][0], plan["command"], plan["environment"])  # noqa: S606


def supervise(child: int, report: int) -> None:
    """Waits for the namespace's first process; ends the way the worker ended."""
    _, status = os.waitpid(child, 0)
    if told := os.read(report, 16):
        status = int(told)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def first_process(worker: int, report: int) -> None:
    """Collects the orphans of the namespace until the worker itself ends, and ends all with it."""
    while True:
        process, status = os.waitpid(-1, 0)
        if process == worker:
            os.write(report, str(status).encode())
            os._exit(0)


def launch(plan: Plan) -> None:
    die_with_parent()
    inside = plan["kind"] == "bubblewrap"  # which has made all but the limits
    if os.getppid() != plan["parent"] and not inside:
        os._exit(FAILED)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("800")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if inside:
        if plan["network"]:
            hand_over(plan["channel"], plan["network"])
        restrict(plan)
        execute(plan)
    if plan["kind"] not in ("namespaces", "user-namespaces"):
        restrict(plan)
        die_with_parent()
        if os.getppid() != plan["parent"]:
            os._exit(FAILED)
        execute(plan)
    own_namespaces(plan)
    if plan["network"] is not None:
        switch_on(plan["network"])
        if plan["network"]:
            hand_over(plan["channel"], plan["network"])
    alive, held = os.pipe()
    heard, report = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        os.close(report)
        supervise(child, heard)
    os.close(held)
    os.close(heard)
    build_root(plan, plan["root"])
    enter_root(plan["root"])
    restrict(plan)
    die_with_parent()  # again: a change of user clears it
    if select.select([alive], [], [], 0)[0]:
        os._exit(FAILED)  # the parent went before it could take this process along
    os.close(alive)
    worker = os.fork()
    if worker:
        first_process(worker, report)
    os.close(report)
    execute(plan)


if __name__ == "__main__":
    try:
        launch(json.load(sys.stdin.buffer))
    except Exception as error:
        print(f"worker could not be started: {error}", file=sys.stderr)
        os._exit(FAILED)
