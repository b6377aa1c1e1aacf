"""The servers that are compared: ours and peers from PyPI, each one process on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

KEY_ID, SECRET, REGION = "AKIABENCHMARK0000000", "secret-of-the-benchmark", "us-east-1"
ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".bench"
"""A virtual environment for the peers, whose dependencies must not meet ours."""
WANTED = ("moto[server]", "ministack")
STARTUP = 60.0


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is that of its one process."""

    name: str
    port: int
    pid: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def resident_mib(self) -> float:
        """Resident memory of the process and all that descend from it."""
        return sum(_resident(pid) for pid in [self.pid, *_descendants(self.pid)]) / 1024

    def client(self, service: str, retries: int = 2) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(retries={"max_attempts": retries}, s3={"addressing_style": "path"}),
        )


def install_peers(*more: str) -> dict[str, str]:
    """Makes sure of the usual peers and `more`; answers their versions."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
    versions = _installed(python)
    if not {"moto", "ministack", *more} <= set(versions):
        wanted = {*WANTED, *more}
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *sorted(wanted)], check=True
        )
        versions = _installed(python)
    return {name: versions[name] for name in ("moto", "ministack", *more)}


def _installed(python: Path) -> dict[str, str]:
    listing = subprocess.run(
        [str(python), "-m", "pip", "list", "--format=freeze"], check=True, capture_output=True
    )
    return dict(line.split("==") for line in listing.stdout.decode().split() if "==" in line)


@contextmanager
def inhouse(**environment: str) -> Iterator[Server]:
    """Ours: durable, signatures and authorization on, access log to a file."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-data-") as data:
        settings = {
            "INHOUSE_DATA": data,
            "INHOUSE_ADMIN_ACCESS_KEY_ID": KEY_ID,
            "INHOUSE_ADMIN_SECRET_ACCESS_KEY": SECRET,
            **environment,
        }
        command = lambda port: [sys.executable, "-m", "inhouse.cli", "serve", "--port", str(port)]  # noqa: E731
        with running("inhouse", command, settings) as server:
            yield server


@contextmanager
def moto() -> Iterator[Server]:
    command = lambda port: [str(PEERS / "bin" / "moto_server"), "-p", str(port)]  # noqa: E731
    with running("moto", command, {}) as server:
        yield server


@contextmanager
def ministack() -> Iterator[Server]:
    port = _free_port()
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "0",
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    with running("ministack", lambda _: [str(PEERS / "bin" / "ministack")], settings, port) as one:
        yield one


@contextmanager
def running(
    name: str,
    command: Callable[[int], list[str]],
    environment: dict[str, str],
    port: int | None = None,
) -> Iterator[Server]:
    port = port or _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command(port), env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            _wait(process, port, name)
            yield Server(name, port, process.pid)
        finally:
            left = list(_descendants(process.pid))
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            for pid in left:  # thumbor does not end its processes
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)


def _wait(process: subprocess.Popen[bytes], port: int, name: str) -> None:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(1)
                return
        time.sleep(0.1)
    raise RuntimeError(f"{name} did not start on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _resident(pid: int) -> int:
    """KiB; none of a process that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _descendants(pid: int) -> Iterator[int]:
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in map(int, children):
            yield child
            yield from _descendants(child)
