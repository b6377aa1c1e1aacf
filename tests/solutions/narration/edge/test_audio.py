"""Full audio, teasers and transcripts over HTTP."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.solutions.narration.conftest import Newsroom, seconds
from tests.solutions.narration.edge.conftest import FIRST, SECOND, Edges
from tests.solutions.narration.edge.running import RunningEdge
from tests.waiting import PATIENCE, until


def object_of(gazette: Newsroom, key: str) -> bytes:
    found = gazette.audio(key)
    assert found
    return found


def test_free_audio_is_for_everybody(edge: RunningEdge, gazette: Newsroom) -> None:
    answer = edge.get("/audio/free.mp3")
    assert answer.status_code == 200
    assert answer.content == object_of(gazette, "free/full.mp3")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "www-authenticate" not in answer.headers
    assert "vary" not in answer.headers


def test_premium_audio_is_a_teaser_but_for_subscribers(
    edge: RunningEdge, gazette: Newsroom, reader: dict[str, str]
) -> None:
    teaser, full = edge.get("/audio/paid.mp3"), edge.get("/audio/paid.mp3", **reader)
    assert teaser.content == object_of(gazette, "paid/teaser.mp3")
    assert full.content == object_of(gazette, "paid/full.mp3")
    assert teaser.headers["etag"] != full.headers["etag"]
    for answer in (teaser, full):
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"] == "Authorization, Cookie"
    assert teaser.headers["www-authenticate"] == 'Bearer realm="gazette"'
    assert "www-authenticate" not in full.headers
    # A range of the one is not completed from the other.
    mixed = edge.get("/audio/paid.mp3", Range="bytes=5-9", **{"If-Range": full.headers["etag"]})
    assert (mixed.status_code, mixed.content) == (200, teaser.content)


def test_every_byte_can_be_had_in_parts(edge: RunningEdge, gazette: Newsroom) -> None:
    whole = object_of(gazette, "free/full.mp3")
    etag = edge.get("/audio/free.mp3").headers["etag"]
    parts = []
    for start in range(0, len(whole), 7_000):
        answer = edge.get(
            "/audio/free.mp3", Range=f"bytes={start}-{start + 6_999}", **{"If-Range": etag}
        )
        assert answer.status_code == 206
        last = min(start + 6_999, len(whole) - 1)
        assert answer.headers["content-range"] == f"bytes {start}-{last}/{len(whole)}"
        parts.append(answer.content)
    assert b"".join(parts) == whole
    assert edge.get("/audio/free.mp3", Range="bytes=-10").content == whole[-10:]
    beyond = edge.get("/audio/free.mp3", Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"


def test_heads_and_what_is_known(edge: RunningEdge, gazette: Newsroom) -> None:
    whole = object_of(gazette, "free/full.mp3")
    head = edge.client.head("/audio/free.mp3", headers={"Range": "bytes=0-1"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole))
    known = edge.get("/audio/free.mp3", **{"If-None-Match": head.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == head.headers["etag"]
    assert edge.get("/audio/free.mp3", **{"If-Match": '"other"'}).status_code == 412
    missing = edge.client.head("/audio/none.mp3")
    assert (missing.status_code, missing.content) == (404, b"")


def test_the_transcript_tells_what_is_heard(
    edge: RunningEdge, gazette: Newsroom, reader: dict[str, str]
) -> None:
    free = edge.json("/audio/free.json")
    assert {name: free[name] for name in ("id", "version", "title", "premium", "teaser")} == {
        "id": "free",
        "version": 1,
        "title": "Free <for> all",
        "premium": False,
        "teaser": False,
    }
    assert [part["text"] for part in free["parts"] if part["kind"] == "paragraph"] == [
        FIRST,
        SECOND,
    ]
    assert free["seconds"] == pytest.approx(seconds(object_of(gazette, "free/full.mp3")), abs=1e-3)
    assert (free["audio"], free["hls"]) == ("/audio/free.mp3", "/audio/free.m3u8")
    assert (free["subscribe"], free["publisher"]) == ("/subscribe?from=audio", "The Gazette")

    teaser, full = edge.get("/audio/paid.json"), edge.get("/audio/paid.json", **reader)
    assert SECOND not in teaser.text
    assert (teaser.json()["teaser"], full.json()["teaser"]) == (True, False)
    assert SECOND in full.text
    assert teaser.headers["cache-control"] == "private, no-cache"
    length = seconds(object_of(gazette, "paid/teaser.mp3"))
    assert teaser.json()["seconds"] == pytest.approx(length, abs=1e-3)


def test_words_lie_within_their_part(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("words")
    gazette.save(name, 1, f"Something new is said in {name}.")
    manifest = gazette.narrated(name, 1)
    spoken = manifest["parts"][-1]["name"] if manifest["parts"][-1]["text"] else ""
    assert spoken
    # As the functions write them; the last lies beyond the text and is left out.
    body = json.dumps([[0.0, 0, 9], [0.25, 10, 13], [0.5, 0, 5000]])
    gazette.s3.put_object(
        Bucket=gazette.deployment.fragments_bucket, Key=f"words/{spoken}.json", Body=body
    )
    part = edge.json(f"/audio/{name}.json")["parts"][-1]
    assert [part["text"][first:end] for _, first, end in part["words"]] == ["Something", "new"]
    assert [at for at, *_ in part["words"]] == pytest.approx(
        [part["start"], part["start"] + 0.25], abs=1e-3
    )


def test_an_edit_is_heard_and_its_transcript_is_that_of_the_audio(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("edited")
    gazette.save(name, 1, FIRST)
    gazette.narrated(name, 1)
    before = edge.get(f"/audio/{name}.mp3")
    gazette.save(name, 2, FIRST, SECOND)
    gazette.narrated(name, 2)

    def new() -> Any:
        answer = edge.get(f"/audio/{name}.mp3", **{"If-None-Match": before.headers["etag"]})
        return answer if answer.status_code == 200 else None

    answer = until(new, "the new version")
    assert answer.content == object_of(gazette, f"{name}/full.mp3")
    told = edge.json(f"/audio/{name}.json")
    assert told["version"] == 2
    assert told["seconds"] == pytest.approx(seconds(answer.content), abs=1e-3)


def test_audio_without_its_manifest_is_gated_by_its_plan(
    edge: RunningEdge, gazette: Newsroom, fresh_name: Callable[..., str], reader: dict[str, str]
) -> None:
    """A writer died after it put premium audio where free audio was."""
    name = fresh_name("torn")
    gazette.save(name, 1, FIRST)
    gazette.narrated(name, 1)
    bucket = gazette.deployment.audio_bucket
    old = gazette.s3.get_object(Bucket=bucket, Key=f"{name}/manifest.json")["Body"].read()
    gazette.save(name, 2, FIRST, SECOND, premium=True)
    gazette.narrated(name, 2)
    gazette.s3.put_object(Bucket=bucket, Key=f"{name}/manifest.json", Body=old)

    answer = edge.get(f"/audio/{name}.mp3")
    assert answer.status_code == 401, "premium audio went out by the free version's manifest"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert edge.get(f"/audio/{name}.mp3", **reader).status_code == 200
    told = edge.get(f"/audio/{name}.json", **reader)
    assert (told.status_code, told.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(
    "path",
    [
        "/audio/none.mp3",
        "/audio/none.json",
        "/audio/none.m3u8",
        "/audio/none.chapters.json",
        "/listen/none",
        "/audio/free",
        "/audio/.mp3",
        "/audio/%2e%2e%2fpaid.mp3",
        "/audio/..%2fpaid%2ffull.mp3",
        "/audio/paid%2ffull.mp3",
        "/audio/paid/full.mp3",
        "/audio/free%00.mp3",
        "/audio/free%0d%0aX-Injected:%201.mp3",
        "/audio/" + "a" * 200 + ".mp3",
        "/audio/%C3%BC.mp3",
        "/audio/free\u0662.mp3",
        "/%2e%2e/%2e%2e/pyproject.toml",
        "/player/../../app.py",
        "/app.py",
        "/listen.html",
    ],
)
def test_what_is_not_there(edge: RunningEdge, path: str) -> None:
    answer = edge.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"] == "NotFound"
    assert "x-injected" not in answer.headers


def test_the_page_shows_the_article_to_those_who_may_read_it(
    edge: RunningEdge, reader: dict[str, str]
) -> None:
    page = edge.get("/listen/free")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Free &lt;for&gt; all" in page.text
    assert "<for>" not in page.text
    assert f"<p>{SECOND}</p>" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert SECOND not in edge.get("/listen/paid").text
    assert SECOND in edge.get("/listen/paid", **reader).text


def test_the_player_and_its_modules_are_served(edge: RunningEdge) -> None:
    player = edge.get("/player.js")
    assert player.headers["content-type"].startswith("text/javascript")
    assert player.headers["access-control-allow-origin"] == "*"
    known = edge.get("/player.js", **{"If-None-Match": player.headers["etag"]})
    assert known.status_code == 304


def test_other_origins_may_be_shut_out(edges: Edges, gazette: Newsroom) -> None:
    strict = edges("--name", "gazette", "--allow-origin", "https://gazette.example")
    own = strict.get("/audio/free.json", Origin="https://gazette.example")
    other = strict.get("/audio/free.json", Origin="https://elsewhere.example")
    assert own.headers["access-control-allow-origin"] == "https://gazette.example"
    assert own.headers["access-control-allow-credentials"] == "true"
    assert not [name for name in other.headers if name.startswith("access-control")]
    assert own.headers["vary"] == other.headers["vary"] == "Origin"
    asked = strict.client.options("/audio/free.mp3", headers={"Origin": "https://gazette.example"})
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["access-control-allow-headers"]


def test_other_methods_are_refused(edge: RunningEdge) -> None:
    assert edge.client.delete("/audio/free.mp3").status_code == 405
    assert edge.get("/events").status_code == 404


def test_a_large_head_that_comes_at_once_is_refused(edge: RunningEdge) -> None:
    base = edge.client.base_url
    head = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 33_000 + b"\r\n\r\n"
    with socket.create_connection((base.host, base.port or 80), timeout=PATIENCE) as connection:
        connection.sendall(head)
        try:
            answer = connection.recv(1000)
        except ConnectionError:  # a reset may overtake the answer
            answer = b""
    assert answer[:12] in (b"HTTP/1.1 431", b"")


def test_a_head_that_never_ends_is_cut_off(edge: RunningEdge) -> None:
    base = edge.client.base_url
    with socket.create_connection((base.host, base.port or 80), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        with contextlib.suppress(OSError):  # It may be cut before all of this is sent.
            for _ in range(100):
                connection.sendall(b"X-Long: " + b"a" * 1000 + b"\r\n")
        with contextlib.suppress(ConnectionError):
            assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")
            while connection.recv(1000):
                pass
    assert edge.get("/health").status_code == 200
