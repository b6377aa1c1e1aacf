"""A function reaches over the network what its tag says."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from inhouse.compute import Isolation, isolation
from inhouse.services.lambda_ import egress
from tests.services.lambda_.conftest import ACCOUNT
from tests.services.lambda_.test_environments import create
from tests.services.lambda_.test_functions import refused

apart = pytest.mark.skipif(
    not isolation().own_network, reason="this machine grants workers no network of their own"
)
REACH = (
    "import boto3, os, socket\n"
    "from botocore.config import Config\n"
    "def connect(port):\n"
    "    try:\n"
    "        socket.create_connection(('127.0.0.1', port), 2).close()\n"
    "        return True\n"
    "    except OSError:\n"
    "        return False\n"
    "def whoami():\n"
    "    quick = Config(connect_timeout=2, retries={'max_attempts': 0})\n"
    "    try:\n"
    "        return boto3.client('sts', config=quick).get_caller_identity()['Account']\n"
    "    except Exception:\n"
    "        return None\n"
    "def handler(e, c):\n"
    "    return [connect(e), whoami()]\n"
)


@apart
def test_a_tag_says_what_a_function_reaches(make: Callable[..., str], run: Any, lam: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        name = make(REACH, Tags={"inhouse:egress": "inhouse"}, Timeout=30)
        arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
        assert run(name, port) == ([False, ACCOUNT], None)
        assert run(name, port) == ([False, ACCOUNT], None)
        lam.tag_resource(Resource=arn, Tags={"inhouse:egress": "none"})
        assert run(name, port) == ([False, None], None)
        lam.tag_resource(Resource=arn, Tags={"inhouse:egress": "any"})
        assert run(name, port) == ([True, ACCOUNT], None)
        lam.tag_resource(Resource=arn, Tags={"inhouse:egress": "none"})
        lam.untag_resource(Resource=arn, TagKeys=["inhouse:egress"])
        assert run(name, port) == ([True, ACCOUNT], None)


def test_a_rule_that_is_none_is_refused(make: Callable[..., str], lam: Any) -> None:
    code, message = refused(lambda: make(REACH, Tags={"inhouse:egress": "some"}))
    assert code == "InvalidParameterValueException"
    assert "none, inhouse, any" in message
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{make(REACH)}"
    code, _ = refused(lambda: lam.tag_resource(Resource=arn, Tags={"inhouse:egress": ""}))
    assert code == "InvalidParameterValueException"
    assert lam.list_tags(Resource=arn)["Tags"] == {}


@apart
def test_the_setting_is_the_most_a_function_gets(durable_server: Callable[..., Any]) -> None:
    server = durable_server("--tls", INHOUSE_FUNCTION_EGRESS="inhouse")
    create(server, "f", REACH, Tags={"inhouse:egress": "any"}, Timeout=30)
    with socket.create_server(("127.0.0.1", 0)) as other:
        answer = server.client("lambda").invoke(
            FunctionName="f", Payload=json.dumps(other.getsockname()[1])
        )
    assert json.loads(answer["Payload"].read()) == [False, ACCOUNT]


@apart
def test_all_of_the_runtime_works_in_a_network_of_its_own(
    make: Callable[..., str], run: Any
) -> None:
    name = make(
        "import os\n"
        "def handler(e, c):\n"
        "    if e == 'die': os._exit(3)\n"
        "    if e == 'fail': raise ValueError(e)\n"
        "    return len(e)\n",
        Tags={"inhouse:egress": "none"},
    )
    assert run(name, "x" * 3_000_000) == (3_000_000, None)
    assert run(name, "fail")[0]["errorType"] == "ValueError"
    assert run(name, "die")[0]["errorType"] == "Runtime.ExitError"
    assert run(name, "again") == (5, None)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:4566", ("127.0.0.1", 4566)),
        ("https://localhost:4566", ("127.0.0.1", 4566)),
        ("http://[::1]:80", ("::1", 80)),
        ("http://10.0.0.7:4566", ("10.0.0.7", 4566)),
    ],
)
@apart
def test_the_server_s_address_is_the_one_that_is_reached(
    endpoint: str, expected: tuple[str, int]
) -> None:
    assert egress.network("inhouse", endpoint) == (("127.0.0.1", 9001), expected)
    assert egress.network("none", endpoint) == (("127.0.0.1", 9001),)
    assert egress.network("any", endpoint) is None


def test_a_rule_that_cannot_be_kept_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(egress, "isolation", lambda: Isolation("users", "no namespaces"))
    for work in (
        lambda: egress.check({"inhouse:egress": "none"}),
        lambda: egress.network("inhouse", "http://127.0.0.1:1"),
    ):
        with pytest.raises(Exception, match="no namespaces"):
            work()
    egress.check({"inhouse:egress": "any"})
    assert egress.network("any", "http://127.0.0.1:1") is None
