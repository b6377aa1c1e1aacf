from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.serving import RunningServer


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
