"""CloudWatch as the admin, a namespace of one's own, and an hour ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config


@pytest.fixture
def cloudwatch(client: Callable[..., Any]) -> Any:
    return client(
        "cloudwatch", config=Config(parameter_validation=False, retries={"max_attempts": 0})
    )


@pytest.fixture
def namespace(fresh_name: Callable[..., str]) -> str:
    return fresh_name("Space")


@pytest.fixture
def noon() -> datetime:
    """A whole minute, an hour ago: every test puts its data after it."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)
