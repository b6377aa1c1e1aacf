from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.serving import KEY_ID, REGION, SECRET, RunningServer
from tests.waiting import PATIENCE


@pytest.fixture
def s3(server: RunningServer) -> Any:
    return server.client("s3")


@pytest.fixture
def bucket(s3: Any, fresh_name: Callable[..., str]) -> str:
    name = fresh_name("bucket")
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def anonymous(server: RunningServer) -> Any:
    from botocore import UNSIGNED

    return server.client("s3", config=Config(signature_version=UNSIGNED))


@pytest.fixture
def refused() -> Callable[..., dict[str, Any]]:
    """Makes a call that must fail; answers its error with the HTTP status as `Status`."""

    def call(operation: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        response: Any = caught.value.response
        return {**response["Error"], "Status": response["ResponseMetadata"]["HTTPStatusCode"]}

    return call


class Raw:
    """Requests with whatever path, headers and body, signed."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._http = httpx.Client(timeout=PATIENCE)

    def __call__(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        request = AWSRequest(method, f"{self._endpoint}{path}", headers or {}, body)
        S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", REGION).add_auth(request)
        return self._http.request(
            method, f"{self._endpoint}{path}", content=body, headers=dict(request.headers.items())
        )


def code(answer: httpx.Response) -> str | None:
    """The Code of an error."""
    return ElementTree.fromstring(answer.content).findtext("Code")


@pytest.fixture
def raw(server: RunningServer) -> Raw:
    return Raw(server.endpoint)


@pytest.fixture
def user(
    server: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> Callable[..., Any]:
    """`user(*statements)`: the S3 client of a new user who is allowed just that."""

    def make(*statements: dict[str, Any]) -> Any:
        iam, name = client("iam"), fresh_name("user")
        iam.create_user(UserName=name)
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return server.client(
            "s3",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    return make
