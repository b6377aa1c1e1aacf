"""The front door seen as a hostile or clumsy client sees it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.serving import RunningServer
from tests.waiting import PATIENCE


def connect(server: RunningServer) -> socket.socket:
    address = urlsplit(server.endpoint)
    found = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
    found.settimeout(PATIENCE)
    return found


def exchange(server: RunningServer, raw: bytes) -> bytes:
    """Sends raw bytes and reads until the server closes or answers whole."""
    with connect(server) as link:
        link.sendall(raw)
        link.shutdown(socket.SHUT_WR)
        received = b""
        while piece := link.recv(65536):
            received += piece
    return received


def request(server: RunningServer, method: str, path: str, **kw: Any) -> http.client.HTTPResponse:
    link = http.client.HTTPConnection(urlsplit(server.endpoint).netloc, timeout=PATIENCE)
    link.request(method, path, **kw)
    return link.getresponse()


def test_health_says_ok_and_the_version(server: RunningServer) -> None:
    answer = request(server, "GET", "/_inhouse/health")
    assert answer.status == 200
    body = json.loads(answer.read())
    assert body["status"] == "ok"
    assert body["version"]


def test_metrics_count_requests(server: RunningServer, client: Callable[..., Any]) -> None:
    client("sts").get_caller_identity()
    page = request(server, "GET", "/metrics").read().decode()
    assert (
        'inhouse_requests_total{operation="GetCallerIdentity",service="sts",status="200"}' in page
    )


def test_unknown_system_paths_are_not_found(server: RunningServer) -> None:
    assert request(server, "GET", "/_inhouse/nothing").status == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: ten\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET /%zz/%%% HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"PUT /b/k HTTP/1.1\r\nhost: \xff\xff\r\ncontent-length: 0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSSM.Nothing\r\ncontent-length: 2\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        b"content-length: 12\r\n\r\nAction=%ff%f",
        b"GET / HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 nonsense\r\n\r\n",
        b"GET /?X-Amz-Signature=1 HTTP/1.1\r\nhost: x\r\n\r\n",
    ],
)
def test_malformed_requests_get_a_4xx(server: RunningServer, raw: bytes) -> None:
    answer = exchange(server, raw)
    assert answer[:10] in (b"HTTP/1.1 4", b""), answer[:200]
    assert request(server, "GET", "/_inhouse/health").status == 200


def test_a_head_too_large_is_cut_off(server: RunningServer) -> None:
    raw = b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x-filler: " + b"y" * 200_000 + b"\r\n\r\n"
    with connect(server) as link:
        try:
            link.sendall(raw)
            answer = link.recv(65536)
        except ConnectionError:
            answer = b""
    assert answer[:12] in (b"HTTP/1.1 431", b"")


def test_anonymous_bodies_are_small(server: RunningServer) -> None:
    answer = request(
        server,
        "POST",
        "/",
        headers={"x-amz-target": "AmazonSSM.GetParameter", "content-length": str(2 << 20)},
    )
    assert answer.status == 413


def test_early_refusals_close_the_connection(
    server: RunningServer, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    bucket = fresh_name("private")
    client("s3").create_bucket(Bucket=bucket)
    head = (
        f"PUT /{bucket}/key HTTP/1.1\r\nhost: localhost\r\n"
        "content-length: 50000000\r\nexpect: 100-continue\r\n\r\n"
    ).encode()
    with connect(server) as link:
        link.sendall(head)
        answer = link.recv(65536)
    assert answer.startswith(b"HTTP/1.1 403")
    assert b"connection: close" in answer.lower()


def test_slow_heads_and_bodies_are_cut_off(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server(INHOUSE_HEAD_TIMEOUT="0.5", INHOUSE_BODY_TIMEOUT="0.5")
    with connect(server) as link:
        link.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert link.recv(65536).startswith(b"HTTP/1.1 408")
    head = (
        b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSSM.GetParameter\r\n"
        b"content-length: 100\r\n\r\n{"
    )
    with connect(server) as link:
        link.sendall(head)
        answer = link.recv(65536)
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"RequestTimeout" in answer


def test_more_requests_than_allowed_are_told_to_slow_down(
    durable_server: Callable[..., RunningServer],
) -> None:
    server = durable_server(INHOUSE_MAX_CONCURRENCY="2")
    head = b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSSM.GetParameter\r\ncontent-length: 5\r\n\r\n"
    held = [connect(server) for _ in range(2)]
    for link in held:
        link.sendall(head)
    deadline = time.monotonic() + 10
    status = 0
    while status != 503 and time.monotonic() < deadline:
        status = request(
            server, "POST", "/", body=b"{}", headers={"x-amz-target": "AmazonSSM.X"}
        ).status
    for link in held:
        link.close()
    assert status == 503
    assert request(server, "GET", "/_inhouse/health").status == 200


def test_clients_that_vanish_leave_no_trace(server: RunningServer) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AmazonSSM.GetParameter\r\ncontent-length: 99\r\n\r\n{"
    for _ in range(20):
        with connect(server) as link:
            link.sendall(head)
    assert request(server, "GET", "/_inhouse/health").status == 200
    assert '"InternalFailure"' not in server.log


def test_parallel_connections_are_answered_each_its_own(
    server: RunningServer, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    names = [f"/{fresh_name()}" for _ in range(16)]
    for name in names:
        client("ssm").put_parameter(Name=name, Value=name, Type="String")
    found: dict[str, str] = {}

    def read(name: str) -> None:
        mine = client("ssm")
        for _ in range(10):
            found[name] = mine.get_parameter(Name=name)["Parameter"]["Value"]

    threads = [threading.Thread(target=read, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: name for name in names}


def test_operations_nobody_built_say_so_by_name(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as raised:
        client("ssm").create_document(Content="{}", Name="document")
    error = raised.value.response
    assert error["Error"]["Code"] == "NotImplemented"
    assert "ssm:CreateDocument" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_durable_servers_cannot_be_reset(durable_server: Callable[..., RunningServer]) -> None:
    assert request(durable_server(), "POST", "/_inhouse/reset").status == 403


def test_ephemeral_servers_can_be_emptied(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server("--ephemeral")
    ssm = server.client("ssm")
    ssm.put_parameter(Name="/kept", Value="v", Type="String")
    assert request(server, "POST", "/_inhouse/reset").status == 200
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="/kept")
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_https_with_a_certificate_of_its_own(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server("--tls")
    assert server.endpoint.startswith("https://")
    ssm = server.client("ssm")
    ssm.put_parameter(Name="/over/tls", Value="v", Type="String")
    assert ssm.get_parameter(Name="/over/tls")["Parameter"]["Value"] == "v"
    key = server.data / "tls" / "private-key.pem"
    assert key.stat().st_mode & 0o077 == 0


def test_bodies_share_one_limit_of_memory(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server(INHOUSE_MAX_BUFFERED_BYTES="1000")
    ssm = server.client("ssm")
    for _ in range(3):
        ssm.put_parameter(Name="/fits", Value="v" * 500, Type="String", Overwrite=True)
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(Name="/too-much", Value="v" * 2000, Type="String")
    assert raised.value.response["Error"]["Code"] == "SlowDown"


@pytest.mark.parametrize("header", ["origin", "sec-fetch-site", "x-amz-sns-message-type"])
def test_a_reset_is_not_taken_from_strangers(
    durable_server: Callable[..., RunningServer], header: str
) -> None:
    server = durable_server("--ephemeral")
    answer = request(server, "POST", "/_inhouse/reset", headers={header: "cross-site"})
    assert answer.status == 403


def test_what_a_killed_ephemeral_server_left_is_removed(
    durable_server: Callable[..., RunningServer],
) -> None:
    first = durable_server("--ephemeral")
    first.kill()
    assert first.data.exists()
    second = durable_server("--ephemeral")
    assert not first.data.exists()
    assert second.data.exists()


def test_a_body_after_a_streamed_answer_is_not_taken_for_a_head(
    client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    """The next request may come before the end of an answer whose length has been sent."""
    s3, bucket, body = client("s3"), fresh_name("streamed"), b"x" * 300_000
    s3.create_bucket(Bucket=bucket)
    for _ in range(40):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body
