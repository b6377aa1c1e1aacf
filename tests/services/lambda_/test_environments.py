"""Workers come and go with the work."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from inhouse.compute import usage
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
    wait = "import time\ndef handler(e, c):\n    time.sleep(e or 0)\n    return 1\n"
    create(server, "one", wait, Timeout=30)
    create(server, "two", wait)
    lam = server.client("lambda")
    for name in ("one", "two", "one"):
        assert lam.invoke(FunctionName=name)["Payload"].read() == b"1"
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(lam.invoke, FunctionName="one", Payload=b"3")
        until(lambda: workers(server) > 0)
        time.sleep(0.5)
        with pytest.raises(ClientError) as caught:
            server.client("lambda").invoke(FunctionName="two")
        assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
        assert long.result()["Payload"].read() == b"1"


def test_calls_at_once_get_a_worker_each(
    client: Callable[..., Any], make: Callable[..., str]
) -> None:
    name = make(
        "import time, uuid\nme = str(uuid.uuid4())\n"
        "def handler(e, c):\n    time.sleep(1)\n    return me\n"
    )
    lam = client("lambda", config=Config(max_pool_connections=4))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: lam.invoke(FunctionName=name), range(4)))
    assert len({answer["Payload"].read() for answer in answers}) == 4


def test_a_worker_killed_from_outside_is_told_and_replaced(
    server: Any, make: Callable[..., str], run: Any
) -> None:
    import os
    import signal

    name = make("import time\ndef handler(e, c):\n    time.sleep(e)\n    return e\n", Timeout=30)
    before = set(usage.tree(server.process.pid))
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, name, 25)
        until(lambda: len(set(usage.tree(server.process.pid)) - before) >= 2)
        time.sleep(0.5)
        (first, *_) = sorted(set(usage.tree(server.process.pid)) - before)
        os.kill(first, signal.SIGKILL)
        got, error = long.result()
    assert error == "Unhandled"
    assert got["errorType"] == "Runtime.ExitError"
    assert run(name, 0) == (0, None)


def test_a_changed_function_ends_its_busy_worker_when_it_is_done(
    make: Callable[..., str], lam: Any, run: Any
) -> None:
    name = make("import time\ndef handler(e, c):\n    time.sleep(e)\n    return 'old'\n")
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(run, name, 1.5)
        time.sleep(0.5)
        lam.update_function_code(
            FunctionName=name, ZipFile=zipped({"main.py": "def handler(e, c):\n    return 'new'\n"})
        )
        assert run(name, 0) == ("new", None)
        assert long.result() == ("old", None)
    assert run(name, 0) == ("new", None)


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
