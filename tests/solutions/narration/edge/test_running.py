"""What an edge may do, what it logs, and what happens when its bucket or its process goes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.serving import ACCOUNT, REGION, RunningServer
from tests.solutions.narration.conftest import Newsroom
from tests.solutions.narration.edge.conftest import FIRST, Edges
from tests.solutions.narration.edge.running import RunningEdge, refused
from tests.solutions.narration.edge.signing import SECRET, token, written
from tests.waiting import PATIENCE, until


@pytest.mark.slow
def test_no_token_is_ever_logged(
    edges: Edges, gazette: Newsroom, tmp_path: Path, fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("news")
    gazette.save(name, 1, FIRST, premium=True)
    gazette.narrated(name, 1)
    key = written(tmp_path / "secret", SECRET)
    edge = edges("--name", "gazette", "--jwt-key", str(key))
    made = [token(), token(exp=1), token("another secret of the same length, or so"), "odd-token"]
    paths = [
        f"/audio/{name}.mp3", f"/audio/{name}.json", f"/audio/{name}.m3u8", "/audio/none.mp3",
        f"/listen/{name}", "/feeds/all.rss", "/player.js", "/nothing", f"/audio/{name}/x.mp3",
    ]  # fmt: skip

    def ask() -> None:
        for one in made:
            for path in paths:
                edge.get(f"{path}?token={one}")
                edge.get(path, Authorization=f"Bearer {one}", Cookie=f"inhouse_token={one}")
            # Pasted where they do not belong.
            for path in (
                f"/audio/{one}.mp3",
                f"/listen/{one}",
                f"/{one}",
                f"/audio/{name}.mp3&token={one}",
            ):
                edge.get(path)
            edge.client.post(f"/events?token={one}", content=one)
            edge.client.request(one.upper()[:20], f"/audio/{name}.mp3")

    ask()
    broken = json.dumps({"format": 1})
    gazette.s3.put_object(
        Bucket=gazette.deployment.audio_bucket, Key=f"{name}/manifest.json", Body=broken
    )
    time.sleep(1.1)
    ask()
    assert edge.get(f"/audio/{name}.mp3").status_code == 500
    gazette.s3.delete_object(Bucket=gazette.deployment.audio_bucket, Key=f"{name}/manifest.json")
    edge.stop()
    assert '"edge.failed"' in edge.log
    for one in made:
        for part in (one, *one.split(".")[1:]):
            assert part not in edge.log
    assert "token=" not in edge.log
    lines = [json.loads(line) for line in edge.log.splitlines()]
    heard = [line for line in lines if line["event"] == "request" and line["status"] == 200]
    assert {"route", "article", "status", "bytes", "ms", "source"} <= heard[0].keys()


@pytest.mark.slow
def test_a_bucket_that_is_gone_is_an_outage(edges: Edges, newsroom: Newsroom) -> None:
    edge = edges("--name", newsroom.deployment.name)
    newsroom.save("news", 1, FIRST)
    newsroom.narrated("news", 1)
    assert edge.get("/audio/news.mp3").status_code == 200
    bucket = newsroom.deployment.audio_bucket
    kept = {key: newsroom.audio(f"news/{key}") for key in ("full.mp3", "manifest.json")}
    for key in kept:
        newsroom.s3.delete_object(Bucket=bucket, Key=f"news/{key}")
    newsroom.s3.delete_bucket(Bucket=bucket)

    def out() -> Any:
        answer = edge.get("/audio/news.mp3")
        return answer if answer.status_code == 503 else None

    answer = until(out, "the outage")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"] == "Unavailable"
    assert edge.get("/feeds/all.rss").status_code == 503
    assert edge.get("/health").status_code == 200
    assert edge.get("/player.js").status_code == 200
    assert "NoSuchBucket" in edge.log
    newsroom.s3.create_bucket(Bucket=bucket)


def test_a_server_that_is_gone_is_an_outage(
    durable_server: Callable[..., RunningServer], edges: Edges
) -> None:
    server = durable_server()
    for bucket in ("audio", "fragments"):
        server.client("s3").create_bucket(Bucket=f"narration-{bucket}-{ACCOUNT}-{REGION}")
    edge = edges(environment=server.environment())
    assert edge.get("/audio/none.mp3").status_code == 404
    server.kill()
    answer = until(
        lambda: ((found := edge.get("/audio/none.mp3")).status_code == 503 and found) or None,
        "the outage",
    )
    assert answer.headers["retry-after"] == "1"
    assert '"edge.unavailable"' in edge.log
    assert_untold(edge)


def assert_untold(edge: RunningEdge) -> None:
    """A token in an article's place is not told when nobody can say that there is no such article."""
    pasted = token(sub=None)
    for path in (f"/audio/{pasted}.mp3", f"/audio/{pasted}.m3u8", f"/listen/{pasted}"):
        assert edge.get(path).status_code == 503
    edge.stop()
    assert pasted not in edge.log
    assert pasted.rpartition(".")[2] not in edge.log


@pytest.fixture
def visitor(server: RunningServer, gazette: Newsroom, fresh_name: Callable[..., str]) -> Any:
    """The environment of an IAM user with exactly the policy that `--policy` prints."""
    printed = subprocess.run(
        [sys.executable, "-m", "inhouse.cli", "narration", "edge", "--policy", "--name", "gazette"],
        env=server.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    iam, name = server.client("iam"), fresh_name("edge")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="edge", PolicyDocument=printed.stdout)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="edge")
    iam.delete_user(UserName=name)


def test_the_policy_is_enough(
    edges: Edges, gazette: Newsroom, visitor: dict[str, str], fresh_name: Callable[..., str]
) -> None:
    edge = edges("--name", "gazette", environment=visitor)
    name = fresh_name("policy")
    gazette.save(name, 1, FIRST)
    gazette.narrated(name, 1)
    for path in ("mp3", "json", "m3u8", "chapters.json"):
        assert edge.get(f"/audio/{name}.{path}").status_code == 200
        assert edge.get(f"/audio/none.{path}").status_code == 404
    segment = edge.get(f"/audio/{name}.m3u8").text.splitlines()[-2]
    assert edge.get(f"/audio/{segment}").status_code == 200
    assert edge.get("/feeds/all.rss").status_code == 200
    assert edge.get(f"/listen/{name}").status_code == 200
    before = gazette.report().plays
    event = {"article": name, "event": "play", "listening": "by-the-policy"}
    assert edge.client.post("/events", content=json.dumps(event)).status_code == 204
    edge.stop()
    assert gazette.report().plays == before + 1
    assert "AccessDenied" not in edge.log


def test_without_permission_it_is_an_outage(
    edges: Edges, server: RunningServer, gazette: Newsroom, fresh_name: Callable[..., str]
) -> None:
    iam, name = server.client("iam"), fresh_name("nobody")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    edge = edges(
        "--name", "gazette",
        environment={
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        },
    )  # fmt: skip
    assert edge.get("/audio/free.mp3").status_code == 503
    assert "AccessDenied" in edge.log
    assert_untold(edge)
    assert key["SecretAccessKey"] not in edge.log


@pytest.fixture(scope="module")
def long(gazette: Newsroom) -> bytes:
    """The audio of the article `long`, more than what is under way in a connection."""
    gazette.save("long", 1, *(f"Paragraph {at}: " + "and so on, " * 60 for at in range(12)))
    gazette.narrated("long", 1)
    found = gazette.audio("long/full.mp3")
    assert found
    assert len(found) > 1_000_000
    return found


@pytest.mark.slow
def test_sigterm_lets_an_answer_end(edges: Edges, long: bytes) -> None:
    """A listener who reads slowly gets all of it."""
    edge = edges("--name", "gazette")
    base = edge.client.base_url
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        listener.connect((base.host, base.port))
        listener.sendall(b"GET /audio/long.mp3 HTTP/1.1\r\nHost: edge\r\n\r\n")
        got = listener.recv(4096)
        edge.process.terminate()
        time.sleep(1)
        assert edge.process.poll() is None
        while piece := listener.recv(65536):
            got += piece
    assert got.partition(b"\r\n\r\n")[2] == long
    assert edge.process.wait(30) == 0
    assert '"edge.ended"' in edge.log


def test_a_port_that_is_taken(server: RunningServer, edge: RunningEdge) -> None:
    assert "ddress already in use" in refused(server, "--port", str(edge.client.base_url.port))


@pytest.mark.slow
def test_many_slow_listeners_cost_little(edges: Edges, long: bytes) -> None:
    """Those who pause hold a connection and a few hundred kilobytes, not the article."""
    edge = edges("--name", "gazette")
    assert edge.get("/audio/long.mp3").content == long
    before = resident(edge.process.pid)
    base, listeners = edge.client.base_url, []
    for _ in range(150):
        listener = socket.create_connection((base.host, base.port or 80))
        listener.sendall(b"GET /audio/long.mp3 HTTP/1.1\r\nHost: edge\r\n\r\n")
        assert listener.recv(100)
        listeners.append(listener)
    time.sleep(1)
    grown = resident(edge.process.pid) - before
    assert edge.get("/audio/long.mp3", Range="bytes=0-9").status_code == 206
    for listener in listeners:
        listener.close()
    assert grown < 150 * 250_000


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
