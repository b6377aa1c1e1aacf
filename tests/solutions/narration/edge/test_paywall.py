"""Nothing but a valid token opens what is premium, wherever it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge.conftest import FIRST, SECOND, Edges
from tests.solutions.narration.edge.running import RunningEdge, refused
from tests.solutions.narration.edge.signing import (
    OTHER,
    PRIVATE,
    SECRET,
    jwk,
    jwks,
    pem,
    token,
    unsigned,
    written,
)
from tests.waiting import until


def opens(edge: RunningEdge, path: str = "/audio/paid.json", **headers: str) -> bool:
    return not edge.json(path, **headers)["teaser"]


@pytest.mark.parametrize("place", ["header", "cookie", "query"])
def test_a_token_opens_from_three_places(edge: RunningEdge, gazette: Newsroom, place: str) -> None:
    made = token()
    headers, query = {
        "header": ({"Authorization": f"bearer {made}"}, ""),
        "cookie": ({"Cookie": f"theme=dark; inhouse_token={made}; a=b"}, ""),
        "query": ({}, f"?token={made}"),
    }[place]
    assert edge.get(f"/audio/paid.mp3{query}", **headers).content == gazette.audio("paid/full.mp3")
    assert opens(edge, f"/audio/paid.json{query}", **headers)


@pytest.mark.parametrize("place", ["header", "cookie", "query"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: token(exp=1),
        lambda: token("another secret of the same length, or so"),
        lambda: token(exp=None),
        unsigned,
        lambda: "nonsense",
    ],
    ids=["expired", "other-key", "endless", "unsigned", "nonsense"],
)
def test_an_invalid_one_is_as_good_as_none(
    edge: RunningEdge, gazette: Newsroom, place: str, make: Callable[[], str]
) -> None:
    made = make()
    headers, query = {
        "header": ({"Authorization": f"Bearer {made}"}, ""),
        "cookie": ({"Cookie": f"inhouse_token={made}"}, ""),
        "query": ({}, f"?token={made}"),
    }[place]
    answer = edge.get(f"/audio/paid.mp3{query}", **headers)
    assert (answer.status_code, answer.content) == (200, gazette.audio("paid/teaser.mp3"))
    told = answer.headers["www-authenticate"]
    assert 'error="invalid_token"' in told
    assert made not in str(answer.headers)
    assert edge.get(f"/audio/free.mp3{query}", **headers).status_code == 200


def test_the_first_valid_one_counts(edge: RunningEdge) -> None:
    assert opens(edge, f"/audio/paid.json?token={token()}", Authorization="Bearer old")
    assert opens(edge, Cookie=f"inhouse_token={token()}", Authorization="Basic dTpw")
    assert not opens(edge, Cookie=f"token={token()}")


def fragments(playlist: str) -> list[str]:
    return re.findall(r"^([\w-]+/[0-9a-f]+-\d+\.mp3)\?", playlist, re.MULTILINE)


def test_everything_about_a_premium_article_is_gated(
    edge: RunningEdge, reader: dict[str, str]
) -> None:
    open_, full = (edge.get("/audio/paid.m3u8", **headers).text for headers in ({}, reader))
    for name in fragments(full):
        closed = name not in fragments(open_)
        for method in ("GET", "HEAD"):
            answer = edge.client.request(method, f"/audio/{name}")
            assert answer.status_code == (401 if closed else 200)
        if closed:
            assert edge.get(f"/audio/{name}").headers["cache-control"] == "private, no-cache"
            assert edge.get(f"/audio/{name}", **reader).status_code == 200
    assert len(set(fragments(full)) - set(fragments(open_))) == 2, "title and second paragraph"
    for path in ("/audio/paid.json", "/audio/paid.chapters.json", "/listen/paid"):
        assert SECOND not in edge.get(path).text
        assert SECOND in edge.get(path, **reader).text


def test_a_fragment_is_open_only_under_the_article_that_is(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str], reader: dict[str, str]
) -> None:
    """One that stays out of reach under an id that does not hold it, whoever asks."""
    name = fresh_name("apart")
    gazette.save(name, 1, "Only here.", premium=False)
    gazette.narrated(name, 1)
    own = fragments(edge.get(f"/audio/{name}.m3u8").text)[-1].partition("/")[2]
    assert edge.get(f"/audio/{name}/{own}").status_code == 200
    assert edge.get(f"/audio/free/{own}").status_code == 404
    assert edge.get(f"/audio/paid/{own}").status_code == 401
    assert edge.get(f"/audio/paid/{own}", **reader).status_code == 404


def test_what_was_free_is_closed_when_the_article_becomes_premium(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str], reader: dict[str, str]
) -> None:
    name = fresh_name("turned")
    gazette.save(name, 1, FIRST, SECOND, f"Gone with the first version of {name}.")
    gazette.narrated(name, 1)
    before = fragments(edge.get(f"/audio/{name}.m3u8").text)
    gazette.save(name, 2, FIRST, SECOND, premium=True)
    gazette.narrated(name, 2)

    title, _, second, gone = (f"/audio/{one}" for one in before)
    until(lambda: edge.get(title).status_code == 401 or None, "the end of what was free")
    assert [edge.get(one).status_code for one in (second, gone)] == [401, 401]
    # Who has a token goes on with the playlist of the version before.
    assert [edge.get(one, **reader).status_code for one in (second, gone)] == [200, 200]


def test_links_keep_a_token_only_where_it_is_needed(edge: RunningEdge) -> None:
    made = token()
    assert made in edge.get(f"/audio/paid.m3u8?token={made}").text
    assert made not in edge.get(f"/audio/free.m3u8?token={made}").text
    assert "token" not in edge.get("/audio/paid.m3u8", Authorization=f"Bearer {made}").text
    assert "token" not in edge.get("/audio/paid.m3u8?token=invalid").text
    assert edge.get("/listen/paid").headers["referrer-policy"] == "no-referrer"


def test_a_public_key_and_its_confusions(edges: Edges, gazette: Newsroom, tmp_path: Path) -> None:
    file = written(tmp_path / "public.pem", pem())
    strict = edges(
        "--name", "gazette", "--jwt-key", str(file),
        "--jwt-issuer", "https://gazette.example", "--jwt-audience", "audio",
    )  # fmt: skip
    claims: dict[str, Any] = {"iss": "https://gazette.example", "aud": "audio"}

    def passes(made: str) -> bool:
        return opens(strict, Authorization=f"Bearer {made}")

    assert passes(token(PRIVATE, "RS256", **claims))
    assert not passes(token(PRIVATE, "RS256", **{**claims, "aud": "web"}))
    assert not passes(token(OTHER, "RS256", **claims))
    assert not passes(token(SECRET, **claims))
    assert not passes(unsigned())


def test_a_set_of_keys_that_changes(edges: Edges, gazette: Newsroom, tmp_path: Path) -> None:
    file = jwks(tmp_path / "jwks.json", jwk(PRIVATE, "2026"))
    edge = edges("--name", "gazette", "--jwks", str(file))
    old = {"Authorization": f"Bearer {token(PRIVATE, 'RS256', kid='2026')}"}
    new = {"Authorization": f"Bearer {token(OTHER, 'RS256', kid='2027')}"}
    assert (opens(edge, **old), opens(edge, **new)) == (True, False)
    jwks(file, jwk(OTHER, "2027"), jwk(OTHER, "spare"))
    until(lambda: opens(edge, **new) or None, "the new key")
    assert not opens(edge, **old)


def test_without_a_key_premium_is_a_teaser(edges: Edges, gazette: Newsroom) -> None:
    assert not opens(edges("--name", "gazette"), Authorization=f"Bearer {token()}")


def test_an_edge_does_not_start_with_a_key_that_is_none(
    server: RunningServer, tmp_path: Path
) -> None:
    short = written(tmp_path / "short", "hunter2-hunter2")
    told = refused(server, "--jwt-key", str(short))
    assert "HS256 takes at least 32" in told
    assert "hunter2" not in told
    sets = written(tmp_path / "jwks.json", json.dumps({"keys": []}))
    assert "no key for" in refused(server, "--jwks", str(sets))
    assert "both given" in refused(server, "--jwks", str(sets), "--jwt-key", str(short))
