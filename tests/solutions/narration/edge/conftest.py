"""A gazette whose articles all tests of the edge may read, and edges in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inhouse.solutions.narration import deploy, destroy
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge import signing
from tests.solutions.narration.edge.running import RunningEdge

FIRST, SECOND = "The first paragraph is for everybody.", "The second one is worth its money."
Edges = Callable[..., RunningEdge]


@pytest.fixture(scope="session")
def gazette(server: RunningServer) -> Iterator[Newsroom]:
    """`free` and `paid` are narrated; tests leave them as they are, and save others under fresh ids."""
    session = server.session()
    made = Newsroom(session, deploy(session, "gazette", voice="Tone", publisher="The Gazette"))
    made.save("free", 1, FIRST, SECOND, title="Free <for> all", metadata={"section": "Politics"})
    made.save("paid", 1, FIRST, SECOND, premium=True, metadata={"section": "Politics"})
    for article_id in ("free", "paid"):
        made.narrated(article_id, 1)
    yield made
    destroy(session, "gazette")


@pytest.fixture(scope="session")
def edge(
    server: RunningServer, gazette: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEdge]:
    """The gazette's, with the publisher's secret."""
    folder = tmp_path_factory.mktemp("edge")
    key = signing.written(folder / "secret", signing.SECRET + "\n")
    flags = ["--name", "gazette", "--jwt-key", str(key), "--subscribe-url", "/subscribe?from=audio"]
    running = RunningEdge(folder, server.environment(), *flags)
    yield running
    running.stop()


@pytest.fixture
def edges(server: RunningServer, tmp_path: Path) -> Iterator[Edges]:
    """Starts further ones: `edges("--flag", …, environment={…})`."""
    running: list[RunningEdge] = []

    def start(*flags: str, environment: dict[str, str] | None = None) -> RunningEdge:
        known = {**server.environment(), **(environment or {})}
        running.append(RunningEdge(tmp_path, known, *flags))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def reader() -> dict[str, Any]:
    """The headers of a subscriber."""
    return {"Authorization": f"Bearer {signing.token()}"}
