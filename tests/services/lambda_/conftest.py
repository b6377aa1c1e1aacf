"""Roles and functions to try things on."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip package of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def allow(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def lam(client: Callable[..., Any]) -> Any:
    return client("lambda")


@pytest.fixture
def make_role(client: Callable[..., Any], fresh_name: Callable[..., str]) -> Callable[..., str]:
    """Makes a role that Lambda may assume and that may do the given actions; answers its ARN."""
    iam = client("iam")

    def make(*actions: str, trust: Any = None) -> str:
        name = fresh_name("role")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust or TRUST))
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allow(*actions))
        return str(role["Role"]["Arn"])

    return make


@pytest.fixture
def make(
    lam: Any, make_role: Callable[..., str], fresh_name: Callable[..., str]
) -> Callable[..., str]:
    """Creates a function from source text (`handler` is its entry); answers its name."""

    def create(source: str, *actions: str, **settings: Any) -> str:
        name = fresh_name("fn")
        lam.create_function(
            **{
                "FunctionName": name,
                "Runtime": "python3.11",
                "Role": settings.pop("Role", None) or make_role(*actions),
                "Handler": "main.handler",
                "Code": {"ZipFile": zipped({"main.py": source})},
                **settings,
            }
        )
        return name

    return create


@pytest.fixture
def run(lam: Any) -> Callable[..., Any]:
    """Invokes and answers `(payload, error)`."""

    def invoke(name: str, event: Any = None, **more: Any) -> tuple[Any, str | None]:
        answer = lam.invoke(FunctionName=name, Payload=json.dumps(event), **more)
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")

    return invoke
