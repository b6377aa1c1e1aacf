"""Workers come and go with the work."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from inhouse.compute import usage
from tests.services.lambda_ import gate
from tests.services.lambda_.conftest import ACCOUNT, TRUST, zipped
from tests.waiting import until


def create(server: Any, name: str, source: str, **settings: Any) -> None:
    iam = server.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    server.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{name}",
        Handler="main.handler",
        Code={"ZipFile": zipped({"main.py": source})},
        **settings,
    )


def workers(server: Any) -> int:
    return len(usage.tree(server.process.pid)) - 1


def test_idle_workers_end(durable_server: Callable[..., Any]) -> None:
    server = durable_server(INHOUSE_WORKER_IDLE="0.4")
    create(server, "f", "def handler(e, c):\n    return e\n")
    server.client("lambda").invoke(FunctionName="f")
    assert workers(server) > 0
    until(lambda: workers(server) == 0)
    assert server.client("lambda").invoke(FunctionName="f")["StatusCode"] == 200


def test_workers_have_a_limit(durable_server: Callable[..., Any]) -> None:
    """Two functions in turn with room for one worker; a second call at once is throttled."""
    server = durable_server(INHOUSE_WORKER_LIMIT="1")
    for name in ("one", "two"):
        create(server, name, gate.SOURCE, Timeout=300)
        gate.let_in(server, name)
    lam, held = server.client("lambda"), gate.Gate(server, "held")
    for name in ("one", "two", "one"):
        assert "FunctionError" not in lam.invoke(FunctionName=name)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(lam.invoke, FunctionName="one", Payload=held.event)
        held.reached()
        with pytest.raises(ClientError) as caught:
            server.client("lambda").invoke(FunctionName="two")
        assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
        held.open()
        assert "FunctionError" not in long.result()


def test_calls_at_once_get_a_worker_each(
    server: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    name, held = make(gate.SOURCE, *gate.ACTIONS, Timeout=300), gate.Gate(server, fresh_name())
    lam = server.client("lambda", config=Config(max_pool_connections=4))
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(lam.invoke, FunctionName=name, Payload=held.event) for _ in range(4)]
        held.reached(4)
        held.open()
    assert len({call.result()["Payload"].read() for call in calls}) == 4


def test_a_worker_killed_from_outside_is_told_and_replaced(
    server: Any, make: Callable[..., str], run: Any, fresh_name: Callable[..., str]
) -> None:
    name, at = make(gate.SOURCE, *gate.ACTIONS, Timeout=300), fresh_name()
    before = set(usage.tree(server.process.pid))
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, name, at)
        gate.Gate(server, at).reached()
        (first, *_) = sorted(set(usage.tree(server.process.pid)) - before)
        os.kill(first, signal.SIGKILL)
        got, error = long.result()
    assert error == "Unhandled"
    assert got["errorType"] == "Runtime.ExitError"
    assert run(name)[1] is None


def test_a_changed_function_ends_its_busy_worker_when_it_is_done(
    server: Any, make: Callable[..., str], lam: Any, run: Any, fresh_name: Callable[..., str]
) -> None:
    name, at = make(gate.SOURCE, *gate.ACTIONS, Timeout=300), fresh_name()
    held = gate.Gate(server, at)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, name, at)
        held.reached()
        lam.update_function_code(
            FunctionName=name, ZipFile=zipped({"main.py": "def handler(e, c):\n    return 'new'\n"})
        )
        assert run(name) == ("new", None)
        held.open()
        answer, error = long.result()
        assert (answer != "new", error) == (True, None)
    assert run(name) == ("new", None)


def test_functions_reach_a_server_with_tls(durable_server: Callable[..., Any]) -> None:
    server = durable_server("--tls")
    create(
        server,
        "f",
        "import boto3\n"
        "def handler(e, c):\n    return boto3.client('sts').get_caller_identity()['Account']\n",
        Timeout=20,
    )
    answer = server.client("lambda").invoke(FunctionName="f", LogType="Tail")
    assert answer["Payload"].read() == f'"{ACCOUNT}"'.encode(), base64.b64decode(
        answer["LogResult"]
    )


def test_a_warm_worker_keeps_the_memory_that_an_event_left(
    durable_server: Callable[..., Any],
) -> None:
    """Pages of 8 MiB are asked of the kernel once, not for each event."""
    server = durable_server()
    source = (
        "import resource\n"
        "def faults():\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "def handler(e, c):\n"
        "    before, data = faults(), bytearray(8 << 20)\n"
        "    del data\n"
        "    return faults() - before\n"
    )
    create(server, "f", source, MemorySize=256)
    client = server.client("lambda")
    taken = [json.load(client.invoke(FunctionName="f")["Payload"]) for _ in range(4)]
    assert taken[-1] < 100 < (8 << 20) / 4096, taken


def test_the_log_tells_the_memory_that_loading_took(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    source = "held = bytes(b'x' * (64 << 20))\ndef handler(e, c):\n    return 1\n"
    create(server, "f", source, MemorySize=256)
    answer = server.client("lambda").invoke(FunctionName="f", LogType="Tail")
    (report,) = (
        line for line in base64.b64decode(answer["LogResult"]).split(b"\t") if b"Max Memory" in line
    )
    assert 64 <= int(report.split()[3]) <= 256
