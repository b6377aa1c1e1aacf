from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT, REGION, RunningServer


@dataclass(frozen=True)
class Door:
    """A bucket with one object, and an access point to it."""

    bucket: str
    name: str
    arn: str
    alias: str


@pytest.fixture
def control(server: RunningServer) -> Any:
    return server.session().client("s3control")


@pytest.fixture
def s3(server: RunningServer) -> Any:
    """A client for which every host name leads to the server."""
    return server.session().client("s3")


@pytest.fixture
def door(s3: Any, control: Any, fresh_name: Callable[..., str]) -> Door:
    bucket, name = fresh_name("bucket"), fresh_name("door")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b c.txt", Body=b"hello")
    made = control.create_access_point(AccountId=ACCOUNT, Name=name, Bucket=bucket)
    return Door(bucket, name, made["AccessPointArn"], made["Alias"])


def configuration(supporting: str, *actions: str, **more: Any) -> dict[str, Any]:
    """An ObjectLambdaConfiguration; its function need not exist."""
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:transform"
    return {
        "SupportingAccessPoint": supporting,
        "TransformationConfigurations": [
            {
                "Actions": list(actions or ("GetObject",)),
                "ContentTransformation": {"AwsLambda": {"FunctionArn": function}},
            }
        ],
        **more,
    }


@pytest.fixture
def visitor(server: RunningServer, fresh_name: Callable[..., str]) -> Callable[..., Any]:
    """`visitor(*statements)`: an S3 client of a user who has only these statements; its `control`
    is the same user's S3 Control client."""

    def make(*statements: dict[str, Any]) -> Any:
        iam, name = server.client("iam"), fresh_name("visitor")
        iam.create_user(UserName=name)
        if statements:
            policy = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        import inhouse

        session = inhouse.session(
            server.endpoint,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        client: Any = session.client("s3")
        client.control = session.client("s3control")
        client.user_arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
        return client

    return make


@pytest.fixture
def refused() -> Callable[..., dict[str, Any]]:
    """Makes a call that must fail; answers its error with the HTTP status as `Status`."""

    def call(operation: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        response: Any = caught.value.response
        return {**response["Error"], "Status": response["ResponseMetadata"]["HTTPStatusCode"]}

    return call
