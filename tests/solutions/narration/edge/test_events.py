"""Listenings are counted once each and come out in the report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inhouse.solutions.narration import Report
from inhouse.solutions.narration.edge.events import Pace
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge.conftest import Edges
from tests.solutions.narration.edge.running import RunningEdge
from tests.waiting import until

EVENT = {"article": "free", "event": "play", "listening": "0123456789abcdef"}


def tell(edge: RunningEdge, body: Any, kind: str = "text/plain;charset=UTF-8") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return edge.client.post("/events", content=data, headers={"Content-Type": kind})


def test_listenings_are_counted_once(newsroom: Newsroom, edges: Edges) -> None:
    name = newsroom.deployment.name
    newsroom.save("free", 1, "Heard by some.")
    newsroom.narrated("free", 1)
    edge = edges("--name", name)
    for listening in ("first-listening", "other-listening"):
        for _ in range(3):
            assert tell(edge, {**EVENT, "listening": listening}).status_code == 204
    assert tell(edge, {**EVENT, "event": "complete"}, "application/json").status_code == 204
    assert tell(edge, {**EVENT, "event": "subscribe"}).status_code == 204

    def counted() -> Report | None:
        found = newsroom.report()
        return found if found.plays else None

    report = until(counted, "the first batch")
    assert (report.plays, report.completions, report.teaser_subscriptions) == (2, 1, 1)
    # What is not put yet when the edge ends is put then.
    tell(edge, {**EVENT, "listening": "third-listening"})
    assert edge.stop() == 0
    assert newsroom.report().plays == 3
    assert json.loads(newsroom.report().to_json())["plays"] == 3


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"[" * 900,
        {**EVENT, "more": 1},
        {"article": "free", "event": "play"},
        {**EVENT, "article": "../paid"},
        {**EVENT, "article": "a" * 129},
        {**EVENT, "article": ["free"]},
        {**EVENT, "event": "pause"},
        {**EVENT, "event": None},
        {**EVENT, "listening": "short"},
        {**EVENT, "listening": "with space or so"},
        {**EVENT, "listening": 12345678},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_event(edge: RunningEdge, body: Any) -> None:
    answer = tell(edge, body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadEvent")


def test_other_refusals(edge: RunningEdge) -> None:
    assert tell(edge, {**EVENT, "article": "none"}).status_code == 404
    assert tell(edge, b"a" * 2000).status_code == 413
    assert tell(edge, EVENT, "application/x-www-form-urlencoded").status_code == 415


def test_one_client_is_held_back(edges: Edges, gazette: Newsroom) -> None:
    edge = edges("--name", "gazette")
    answers = [tell(edge, {**EVENT, "listening": f"listening-{at}"}) for at in range(120)]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {204, 429}
    assert statuses[:60] == [204] * 60
    assert answers[statuses.index(429)].headers["retry-after"] == "30"
    assert edge.get("/audio/free.json").status_code == 200


def test_clients_behind_a_proxy_are_told_apart(edges: Edges, gazette: Newsroom) -> None:
    edge = edges("--name", "gazette", "--proxy", "127.0.0.1")
    for at in range(100):
        body = json.dumps({**EVENT, "listening": f"listening-{at}"})
        headers = {"X-Forwarded-For": f"203.0.113.{at}"}
        assert edge.client.post("/events", content=body, headers=headers).status_code == 204


def test_a_pace_is_kept_for_each_client() -> None:
    pace = Pace(2.0, 0.0)
    assert [pace.allows(client) for client in ("a", "a", "a", "b")] == [True, True, False, True]
