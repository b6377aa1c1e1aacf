"""What a function answers, and what its caller is told when it doesn't."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.lambda_.conftest import ACCOUNT

Run = Callable[..., tuple[Any, str | None]]
ECHO = "def handler(event, context):\n    return event\n"
OWN = f"python3.{sys.version_info.minor}"


def test_an_event_goes_in_and_its_result_comes_out(make: Callable[..., str], run: Run) -> None:
    event = {"text": "größer", "numbers": [1, 2.5, None, True]}
    assert run(make(ECHO, Runtime=OWN), event) == (event, None)


def test_a_worker_stays_warm_between_calls(make: Callable[..., str], run: Run) -> None:
    name = make("n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n")
    assert [run(name)[0] for _ in range(4)] == [1, 2, 3, 4]


def test_new_code_and_configuration_take_effect_at_once(
    make: Callable[..., str], run: Run, lam: Any
) -> None:
    from tests.services.lambda_.conftest import zipped

    source = "import os\ndef handler(e, c):\n    return ['{}', os.environ.get('WORD'), c.memory_limit_in_mb]\n"
    name = make(source.format("old"))
    assert run(name)[0] == ["old", None, "128"]
    lam.update_function_code(FunctionName=name, ZipFile=zipped({"main.py": source.format("new")}))
    assert run(name)[0] == ["new", None, "128"]
    lam.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"WORD": "x"}}, MemorySize=256
    )
    assert run(name)[0] == ["new", "x", "256"]


def test_context_and_environment_are_aws_s(make: Callable[..., str], run: Run, lam: Any) -> None:
    name = make(
        "import os\n"
        "def handler(e, c):\n"
        "    return {'arn': c.invoked_function_arn, 'name': c.function_name,\n"
        "        'version': c.function_version, 'left': c.get_remaining_time_in_millis(),\n"
        "        'client': c.client_context.custom if c.client_context else None,\n"
        "        'env': dict(os.environ), 'cwd': os.getcwd()}\n",
        Timeout=7,
    )
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    got, error = run(name, ClientContext=context)
    assert error is None
    assert got["arn"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    assert (got["name"], got["version"], got["client"]) == (name, "$LATEST", {"a": "b"})
    assert 0 < got["left"] <= 7000
    assert got["cwd"] == got["env"]["LAMBDA_TASK_ROOT"]
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_REGION": "us-east-1",
        "_HANDLER": "main.handler",
        "TZ": ":UTC",
    }
    assert {key: got["env"].get(key) for key in expected} == expected
    assert not [key for key in got["env"] if key.startswith("INHOUSE")]


def test_its_credentials_are_its_role_s(make: Callable[..., str], run: Run) -> None:
    name = make(
        "import boto3\n"
        "from botocore.exceptions import ClientError\n"
        "def handler(e, c):\n"
        "    who = boto3.client('sts').get_caller_identity()['Arn']\n"
        "    there = len(boto3.client('ssm').describe_parameters()['Parameters']) >= 0\n"
        "    try:\n"
        "        boto3.client('lambda').list_functions()\n"
        "    except ClientError as error:\n"
        "        return [who, there, error.response['Error']['Code']]\n",
        "ssm:DescribeParameters",
    )
    got, error = run(name)
    assert error is None
    assert got[0].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/role-")
    assert got[0].endswith(f"/{name}")
    assert got[1:] == [True, "AccessDeniedException"]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("def handler(e, c):\n    raise KeyError('x')\n", "KeyError", "'x'"),
        ("def handler(e, c):\n    return {1, 2}\n", "Runtime.MarshalError", "Unable to marshal"),
        ("import nowhere\n", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("def handler(e c):\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'main'"),
        ("x = 1\n", "Runtime.HandlerNotFound", "Handler 'handler' missing"),
        ("1 / 0\n", "ZeroDivisionError", "division by zero"),
    ],
)
def test_exceptions_are_told_as_aws_tells_them(
    make: Callable[..., str], run: Run, source: str, kind: str, message: str
) -> None:
    got, error = run(make(source))
    assert error == "Unhandled"
    assert got["errorType"] == kind
    assert message in got["errorMessage"]
    assert "stackTrace" in got


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import sys; sys.exit(3)", "exit status 3"),
        ("import os; os._exit(0)", "without providing a reason"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "signal: terminated"),
        ("import os; os.abort()", "signal: aborted"),
        ("import ctypes; ctypes.string_at(0)", "signal: segmentation fault"),
        ("return len(bytearray(400_000_000))", "signal: killed"),
        (
            "import os\n    while True: os.write(1, b'x' * 65536) and len(bytearray(10**9))",
            "killed",
        ),
    ],
)
def test_a_worker_that_ends_is_told_and_replaced(
    make: Callable[..., str], run: Run, body: str, reason: str
) -> None:
    name = make(f"def handler(e, c):\n    if e: return e\n    {body}\n", Timeout=20)
    got, error = run(name)
    assert error == "Unhandled"
    assert got["errorType"] == "Runtime.ExitError"
    assert reason in got["errorMessage"]
    assert run(name, "again") == ("again", None)


def test_a_function_that_does_not_end_is_ended(make: Callable[..., str], run: Run) -> None:
    name = make("def handler(e, c):\n    while not e: pass\n    return e\n", Timeout=1)
    got, error = run(name)
    assert error == "Unhandled"
    assert got["errorType"] == "Sandbox.Timedout"
    assert got["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert run(name, "again") == ("again", None)


def test_payloads_and_results_have_a_size(make: Callable[..., str], run: Run, lam: Any) -> None:
    name = make("def handler(e, c):\n    return 'x' * e if isinstance(e, int) else len(e)\n")
    assert run(name, "y" * 6_000_000) == (6_000_000, None)
    assert len(run(name, 6_000_000)[0]) == 6_000_000
    got, error = run(name, 7_000_000)
    assert (error, got["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    assert run(name, "z") == (1, None)
    for kind, size in (("RequestResponse", 6 << 20), ("Event", 1 << 20)):
        with pytest.raises(ClientError) as caught:
            run(name, "y" * size, InvocationType=kind)
        assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_the_end_of_the_log_comes_with_the_answer(make: Callable[..., str], lam: Any) -> None:
    name = make(
        "import logging\n"
        "logging.getLogger().setLevel('INFO')\n"
        "def handler(e, c):\n"
        "    print('printed'); logging.info('logged'); print('x' * 9000 if e else '', end='')\n"
    )
    answer = lam.invoke(FunctionName=name, LogType="Tail", Payload=b"0")
    lines = base64.b64decode(answer["LogResult"]).decode().splitlines()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id} Version: $LATEST" in lines
    assert "printed" in lines
    assert any(line.startswith("[INFO]") and line.endswith("logged") for line in lines)
    assert f"END RequestId: {request_id}" in lines
    assert lines[-1].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert "Memory Size: 128 MB" in lines[-1]
    assert "Init Duration: " in lines[-1]
    answer = lam.invoke(FunctionName=name, LogType="Tail", Payload=b"1")
    tail = base64.b64decode(answer["LogResult"])
    assert len(tail) <= 4096
    assert b"Init Duration" not in tail


def test_a_dry_run_runs_nothing(make: Callable[..., str], lam: Any) -> None:
    answer = lam.invoke(FunctionName=make("raise SystemExit"), InvocationType="DryRun")
    assert answer["StatusCode"] == 204


def test_what_is_not_json_is_refused(make: Callable[..., str], lam: Any) -> None:
    with pytest.raises(ClientError) as caught:
        lam.invoke(FunctionName=make(ECHO), Payload=b"{no json")
    assert caught.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_functions_go_by_name_and_arn(make: Callable[..., str], run: Run) -> None:
    name = make(ECHO)
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    for spelling in (f"{ACCOUNT}:function:{name}", f"function:{name}", arn, f"{arn}:$LATEST"):
        assert run(spelling, 1) == (1, None)
    for wrong in (
        f"{name}:PROD",
        "nobody",
        f"arn:aws:lambda:us-east-1:210987654321:function:{name}",
    ):
        with pytest.raises(ClientError):
            run(wrong)
