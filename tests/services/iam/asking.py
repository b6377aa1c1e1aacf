"""Policies that allow, and refusals that tests expect."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


def allow(*actions: str, resource: Any = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def refused(code: str, *words: str) -> Any:
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    for word in words:
        assert word in error["Message"], error
