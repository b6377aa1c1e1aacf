"""Buckets behind Object Lambda access points, and the functions that transform what is read."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest

from tests.services.lambda_.conftest import (  # noqa: F401  some are fixtures
    TRUST,
    allow,
    lam,
    make,
    make_role,
    zipped,
)
from tests.serving import ACCOUNT, REGION, RunningServer
from tests.waiting import until

WRITE = "s3-object-lambda:WriteGetObjectResponse"
COMMON = """
import boto3, json, threading, time, urllib.error, urllib.request
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client(  # as AWS's guide has it for streams
    "s3", config=Config(signature_version="s3v4", s3={"payload_signing_enabled": False})
)

def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers))

def write(event, **response):
    context = event["getObjectContext"]
    return s3.write_get_object_response(
        RequestRoute=context["outputRoute"], RequestToken=context["outputToken"], **response
    )
"""
"""What functions have at hand."""
PLAYER = (
    COMMON
    + """
def handler(event, context):
    scope = dict(globals())
    exec(event["configuration"]["payload"], scope)
    return scope["handler"](event, context)
"""
)
"""Plays the payload of the access point's configuration, so that many tests share its worker."""


def body(text: str) -> str:
    """A handler's source from its body."""
    lines = [f"    {line}" for line in text.strip().splitlines()]
    return "\n".join(["def handler(event, context):", *lines, ""])


UPPER = body(
    """
data = fetch(event["getObjectContext"]["inputS3Url"]).read()
write(event, Body=data.upper(), ContentType="text/plain", Metadata={"by": "upper"})
"""
)


@pytest.fixture(scope="session")
def player(server: RunningServer) -> str:
    """A function that plays what its access point's payload says."""
    return make_player(server)


def make_player(server: RunningServer) -> str:
    iam, name = server.client("iam"), f"player-{secrets.token_hex(4)}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=allow(WRITE))
    server.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=role,
        Handler="main.handler",
        Timeout=30,
        Code={"ZipFile": zipped({"main.py": PLAYER})},
    )
    return name


@pytest.fixture
def transformed(
    server: RunningServer,
    player: str,
    bucket: str,
    fresh_name: Callable[..., str],
) -> Callable[..., str]:
    """Makes an Object Lambda access point on `bucket` and answers its alias.

    `source` is played by `player`; `function` names another, which is given `payload`. Other
    arguments are the configuration's.
    """

    control = server.session().client("s3control")

    def create(
        source: str | None,
        *actions: str,
        payload: str | None = None,
        function: str = player,
        to: str = bucket,
        **configuration: Any,
    ) -> str:
        name = fresh_name("olap")
        chosen = {"FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"}
        if payload or source:
            chosen["FunctionPayload"] = payload or source
        supporting = control.create_access_point(AccountId=ACCOUNT, Name=f"{name}-s", Bucket=to)
        made = control.create_access_point_for_object_lambda(
            AccountId=ACCOUNT,
            Name=name,
            Configuration={
                "SupportingAccessPoint": supporting["AccessPointArn"],
                "TransformationConfigurations": [
                    {
                        "Actions": list(actions or ["GetObject"]),
                        "ContentTransformation": {"AwsLambda": chosen},
                    }
                ],
                **configuration,
            },
        )
        alias: str = made["Alias"]["Value"]
        return alias

    return create


@pytest.fixture
def printed(client: Callable[..., Any], player: str) -> Callable[[str], str]:
    """Waits for the line with a mark in the player's log; answers what stands behind it."""
    logs = client("logs")

    def wait(mark: str) -> str:
        def found() -> list[Any] | None:
            with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
                lines: list[Any] = logs.filter_log_events(
                    logGroupName=f"/aws/lambda/{player}", filterPattern=f'"{mark}"'
                )["events"]
                return lines
            return None

        text: str = until(found, f"{mark} of the function")[0]["message"]
        return text.partition(mark)[2].strip()

    return wait
