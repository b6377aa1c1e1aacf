"""A real server in a process of its own, and boto3 clients for it."""

from __future__ import annotations

import functools
import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader

from tests.serving import RunningServer, start

DATA = Path(os.environ.get("INHOUSE_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
_numbers = itertools.count()

# Each session of botocore reads its models from the disk anew, a tenth of a second of nothing
# but parsing; the hundreds of sessions in the tests share what was read once.
botocore.session.create_loader = functools.cache(create_loader)  # type: ignore[attr-defined]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that in the end no process waits for the last one."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One ephemeral server for all tests of this process; tests keep apart by fresh names."""
    with start(tmp_path_factory.mktemp("server"), "--ephemeral") as running:
        yield running


@pytest.fixture
def durable_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Starts servers on this test's own data directory; kill one and start the next."""
    running: list[RunningServer] = []

    def serve(*flags: str, **environment: str) -> RunningServer:
        running.append(start(tmp_path, "--data", str(tmp_path / "data"), *flags, **environment))
        return running[-1].__enter__()

    yield serve
    for one in running:
        one.stop()


@pytest.fixture
def client(server: RunningServer) -> Callable[..., Any]:
    """`client("s3", **boto3 arguments)`, as the admin."""
    return server.client


@pytest.fixture
def fresh_name() -> Callable[..., str]:
    """Names nobody has used: legal for buckets, topics, functions and users alike."""
    run = secrets.token_hex(4)
    return lambda prefix="t": f"{prefix}-{run}-{next(_numbers)}"


@pytest.fixture(scope="session")
def newsroom() -> Path:
    """984 real saves of 120 articles; tests that need them skip where they are not at hand."""
    path = DATA / "newsroom" / "edits.jsonl.gz"
    if not path.exists():
        pytest.skip(f"needs {path}; set INHOUSE_TEST_DATA to the folder of the newsroom data")
    return path
