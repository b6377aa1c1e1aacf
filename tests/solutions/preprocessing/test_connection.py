"""The connections to S3: which are used again, and what is done about those that break."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from select import select
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from inhouse.gateway.certificate import certificate
from inhouse.solutions.preprocessing.functions import connection
from inhouse.solutions.preprocessing.functions.answer import Flow
from inhouse.solutions.preprocessing.functions.connection import IDLE, Connection, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_text_that_is_no_latin_goes_out_as_utf_8() -> None:
    assert encoded("5 \u20ac") == b"5 \xe2\x82\xac"


class Handler(BaseHTTPRequestHandler):
    """Keeps connections and tells them by their number, but for what the path asks."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        self.asked += 1
        if self.path == "/once" and self.asked > 1:
            self.close_connection = True
            return
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + 5 * (self.path == "/cut")))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")
        self.close_connection = self.path in ("/cut", "/closed")

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_next_request_goes_over_the_same_connection(address: str) -> None:
    s3 = Connection()
    first = s3.ask("GET", f"{address}/kept", {}).read()
    assert s3.ask("GET", f"{address}/kept", {}).read() == first


def test_head_leaves_its_connection_to_the_next_request(address: str) -> None:
    s3 = Connection()
    first = s3.ask("GET", f"{address}/kept", {}).read()
    assert s3.ask("HEAD", f"{address}/kept", {}).status == 200
    assert s3.ask("GET", f"{address}/kept", {}).read() == first


def test_what_was_left_unread_ends_the_connection(address: str) -> None:
    s3 = Connection()
    left = s3.ask("GET", f"{address}/kept", {})
    left.read(1)
    assert s3.ask("GET", f"{address}/kept", {}).read().isdigit()
    with pytest.raises(IncompleteRead):
        left.read()


def test_a_connection_that_s3_closed_is_opened_anew(address: str) -> None:
    s3 = Connection()
    first = s3.ask("GET", f"{address}/closed", {}).read()
    assert s3._http is not None
    assert select([s3._http.sock], [], [], 10)[0], "it is closed some time after its answer"
    assert s3.ask("GET", f"{address}/kept", {}).read() not in (first, b"")


@pytest.mark.parametrize("seconds", [IDLE, 600, -600])
def test_an_old_connection_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch, address: str, seconds: float
) -> None:
    """While a worker is frozen, S3 closes its connections, and it does not hear of it."""
    s3 = Connection()
    first = s3.ask("GET", f"{address}/kept", {}).read()
    monkeypatch.setattr(connection, "time", lambda: time.time() + seconds)
    assert s3.ask("GET", f"{address}/kept", {}).read() not in (first, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_is_asked_again_when_the_connection_turns_out_to_be_gone(
    address: str, method: str
) -> None:
    s3 = Connection()
    s3.ask("GET", f"{address}/once", {}).read()
    assert s3.ask(method, f"{address}/once", {}).status == 200


def test_a_token_is_not_sent_again(address: str) -> None:
    s3 = Connection()
    s3.ask("GET", f"{address}/once", {}).read()
    with pytest.raises(RemoteDisconnected):
        s3.ask("POST", f"{address}/once", {}, b"")


def test_a_read_that_fails_on_its_own_connection_is_not_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        failing = pool.submit(Connection().ask, "GET", url, {})
        listening.accept()[0].close()
        with pytest.raises(ConnectionError):
            failing.result()


@pytest.mark.parametrize("polite", [True, False])
def test_an_early_answer_over_tls_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, polite: bool
) -> None:
    """S3 reads the head of an endless request, answers and closes: with a goodbye, or without."""
    pair = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setattr(
        connection, "_authorities", lambda: ssl.create_default_context(cafile=pair[0])
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pair)

    def refuse(listening: socket.socket) -> None:
        accepted = listening.accept()[0]
        # Or the answer may wait for an acknowledgment, and closing loses it.
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(accepted, server_side=True) as client:
            while b"\r\n\r\n" not in client.recv(65_536):
                pass
            client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nwhy")
            if polite:
                with contextlib.suppress(OSError):
                    client.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        refusing = pool.submit(refuse, listening)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/WriteGetObjectResponse"
        answer = Connection().ask("POST", url, {}, Flow(b"x", repeat(bytes(65_536))))
        assert (answer.status, answer.read()) == (400, b"why")
        refusing.result()


def test_an_object_that_ends_too_early_is_not_taken_for_whole(address: str) -> None:
    answer = Connection().ask("GET", f"{address}/cut", {})
    with pytest.raises(IncompleteRead):
        while answer.read(100):
            pass
