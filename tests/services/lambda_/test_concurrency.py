"""A function has the share of the workers that is reserved for it, and no more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.lambda_ import gate
from tests.services.lambda_.test_environments import create, workers
from tests.services.lambda_.test_functions import refused
from tests.waiting import until

ECHO = "def handler(e, c):\n    return e\n"


def throttled(call: Callable[[], Any]) -> str:
    """The reason why it was."""
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    return str(caught.value.response["Reason"])


def test_none_at_all_stops_a_function(make: Callable[..., str], run: Any, lam: Any) -> None:
    name = make(ECHO)
    lam.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert lam.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    assert lam.get_function(FunctionName=name)["Concurrency"]["ReservedConcurrentExecutions"] == 0
    assert throttled(lambda: run(name)) == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lam.delete_function_concurrency(FunctionName=name)
    assert "ReservedConcurrentExecutions" not in lam.get_function_concurrency(FunctionName=name)
    assert run(name, 2) == (2, None)


def test_versions_share_the_function_s_concurrency(
    make: Callable[..., str], run: Any, lam: Any
) -> None:
    name = make(ECHO, Publish=True)
    lam.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert throttled(lambda: run(name, Qualifier="1")) == (
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    )


def test_what_is_reserved_is_kept_from_others(durable_server: Callable[..., Any]) -> None:
    """Room for two workers, one of them reserved: a busy neighbour leaves that one alone."""
    server = durable_server(INHOUSE_WORKER_LIMIT="2", INHOUSE_WORKER_IDLE="0.5")
    lam = server.client("lambda")
    for name in ("mine", "other"):
        create(server, name, gate.SOURCE, Timeout=300)
        gate.let_in(server, name)
    near, far = gate.Gate(server, "near"), gate.Gate(server, "far")
    lam.put_function_concurrency(FunctionName="mine", ReservedConcurrentExecutions=1)
    limits = lam.get_account_settings()
    assert limits["AccountLimit"]["ConcurrentExecutions"] == 2
    assert limits["AccountLimit"]["UnreservedConcurrentExecutions"] == 1
    assert limits["AccountUsage"]["FunctionCount"] == 2
    assert limits["AccountUsage"]["TotalCodeSize"] > 0
    with ThreadPoolExecutor(2) as pool:
        busy = pool.submit(server.client("lambda").invoke, FunctionName="other", Payload=far.event)
        far.reached()
        assert throttled(lambda: lam.invoke(FunctionName="other")) == (
            "ConcurrentInvocationLimitExceeded"
        )
        assert "FunctionError" not in lam.invoke(FunctionName="mine")
        own = pool.submit(server.client("lambda").invoke, FunctionName="mine", Payload=near.event)
        near.reached()
        assert throttled(lambda: lam.invoke(FunctionName="mine")) == (
            "ReservedFunctionConcurrentInvocationLimitExceeded"
        )
        near.open()
        far.open()
        for done in (busy.result(), own.result()):
            assert "FunctionError" not in done
    until(lambda: workers(server) == 0)


def test_something_is_left_for_all(make: Callable[..., str], lam: Any) -> None:
    name, other = make(ECHO), make(ECHO)
    limit = lam.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]

    def reserve(which: str, wanted: int) -> Any:
        return lam.put_function_concurrency(FunctionName=which, ReservedConcurrentExecutions=wanted)

    code, message = refused(lambda: reserve(name, limit))
    assert code == "InvalidParameterValueException"
    assert f"minimum value of [{limit // 10}]" in message
    reserve(name, 10)
    left = lam.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    assert left == limit - 10
    assert refused(lambda: reserve(other, limit - limit // 10 - 9))[0] == (
        "InvalidParameterValueException"
    )
    reserve(name, 12)  # its own share does not count against it
    lam.delete_function(FunctionName=name)
    left = lam.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    assert left == limit
    assert refused(lambda: reserve(name, 1))[0] == "ResourceNotFoundException"
