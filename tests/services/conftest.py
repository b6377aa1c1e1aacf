"""IAM as the admin, and clients of users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config


@pytest.fixture
def iam(client: Callable[..., Any]) -> Any:
    return client("iam", config=Config(parameter_validation=False, retries={"max_attempts": 0}))


@pytest.fixture
def as_user(client: Callable[..., Any], iam: Any) -> Callable[..., Any]:
    """Clients of a user with a new access key: `as_user("ann", "sts")`."""

    def make(name: str, service: str, **more: Any) -> Any:
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(
            service,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            **more,
        )

    return make
