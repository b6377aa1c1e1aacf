"""Small requests a second, side by side: GetParameter, GET and PUT of 1 KiB."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.page import table
from benchmarks.servers import Server, inhouse, install_peers, ministack, moto

CONNECTIONS, SECONDS, ROUNDS = 16, 1.5, 12
BUCKET, KEYS = "benchmark", 64


def prepared(client: Any, method: str, **arguments: Any) -> bytes:
    """The bytes of one signed request, as boto3 would send it."""
    caught: list[bytes] = []

    def catch(request: Any, **_: Any) -> None:
        parts = urlsplit(request.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        body = request.body or b""
        if hasattr(body, "read"):
            stream, body = body, body.read()
            stream.seek(0)
        body = body.encode() if isinstance(body, str) else bytes(body)
        headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
        headers = {
            k: v
            for k, v in headers.items()
            if k.lower() not in ("host", "expect", "content-length")
        }
        lines = [f"{request.method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"Content-Length: {len(body)}")
        caught.append("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    client.meta.events.register("before-send", catch)
    try:
        getattr(client, method)(**arguments)
    finally:
        client.meta.events.unregister("before-send", catch)
    return caught[-1]


def cases(server: Server) -> dict[str, list[bytes]]:
    """The requests of each case, against data put there first."""
    ssm, s3 = server.client("ssm"), server.client("s3")
    ssm.put_parameter(Name="/benchmark", Value="v" * 32, Type="String", Overwrite=True)
    s3.create_bucket(Bucket=BUCKET)
    body = b"x" * 1024
    puts = [prepared(s3, "put_object", Bucket=BUCKET, Key=f"k{n}", Body=body) for n in range(KEYS)]
    return {
        "GetParameter": [prepared(ssm, "get_parameter", Name="/benchmark")],
        "S3 GET 1 KiB": [prepared(s3, "get_object", Bucket=BUCKET, Key="k0")],
        "S3 PUT 1 KiB": puts,
    }


def measure(
    server: Server, requests: list[bytes], seconds: float, connections: int = CONNECTIONS
) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        job = {
            "host": "127.0.0.1",
            "port": server.port,
            "requests": [base64.b64encode(one).decode() for one in requests],
        }
        Path(file.name).write_text(json.dumps(job))
        command = [
            sys.executable,
            "-m",
            "benchmarks.load",
            file.name,
            str(connections),
            str(seconds),
        ]
        output = subprocess.run(command, check=True, capture_output=True).stdout
    found: dict[str, float] = json.loads(output)
    if found["errors"]:
        raise RuntimeError(f"{server.name}: {found['errors']} of {found['requests']} failed")
    return found


def run(seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, Any]:
    """The best of `rounds` for each server and case.

    All servers stand ready and take short turns, so that a machine that is slow for a while is
    slow for all of them.
    """
    versions = install_peers()
    makers: dict[str, Callable[[], AbstractContextManager[Server]]] = {
        "inhouse": inhouse,
        "ministack": ministack,
        "moto": moto,
    }
    best: dict[str, dict[str, dict[str, float]]] = {}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(make()) for name, make in makers.items()}
        idle = {name: server.resident_mib for name, server in servers.items()}
        prepared_for = {name: cases(server) for name, server in servers.items()}
        for case in prepared_for["inhouse"]:
            for _, (name, server) in product(range(rounds), servers.items()):
                found = measure(server, prepared_for[name][case], seconds)
                known = best.setdefault(case, {}).get(name)
                if known is None or found["per_second"] > known["per_second"]:
                    best[case][name] = found
    return {"cases": best, "idle_mib": idle, "versions": versions}


def lines(found: dict[str, Any]) -> list[str]:
    def row(case: str, by_server: dict[str, dict[str, float]]) -> tuple[str, ...]:
        rates = [by_server[name]["per_second"] for name in ("inhouse", "ministack", "moto")]
        ours = rates[0]
        times = [f"{ours / other:.1f}×" for other in rates[1:]]
        return (
            case,
            *(f"{rate:,.0f}" for rate in rates),
            *times,
            f"{by_server['inhouse']['p99_ms']:.1f} ms",
        )

    peers = " and ".join(f"{name} {version}" for name, version in found["versions"].items())
    columns = ("", "inhouse", "ministack", "moto", "over ministack", "over moto", "p99 inhouse")
    idle = ", ".join(f"{name} {mib:.0f} MiB" for name, mib in found["idle_mib"].items())
    return [
        "### Small requests",
        "",
        f"Requests a second over {CONNECTIONS} connections, best of {ROUNDS} runs of {SECONDS:g} s, the servers",
        f"taking turns. Peers are {peers} from PyPI, each one process, in their",
        "default (volatile) mode.",
        "",
        *table(columns, [row(case, rates) for case, rates in found["cases"].items()]),
        "",
        f"Resident memory when idle: {idle}.",
    ]


if __name__ == "__main__":
    print("\n".join(lines(run())))
