"""aws-chunked bodies, cut anywhere on their way."""

from __future__ import annotations

import hmac
import itertools
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.core.errors import ServiceError
from inhouse.wire.chunked import AwsChunkedDecoder
from inhouse.wire.sigv4 import SigningContext
from tests.wire.peer import only_service_errors

EMPTY = sha256(b"").hexdigest()
CONTEXT = SigningContext(b"k" * 32, "20240101/r/s3/aws4_request", "20240101T000000Z", "5" * 64)
TRAILERS = {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-meta-b": "two"}
PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=5)


def sign(text: str) -> str:
    return hmac.digest(CONTEXT.key, text.encode(), "sha256").hex()


def encode(pieces: list[bytes], *, signed: bool, trailers: dict[str, str]) -> bytes:
    """An aws-chunked body as AWS documents it."""
    body, previous = b"", CONTEXT.signature
    for piece in [*pieces, b""]:
        size = f"{len(piece):x}"
        if signed:
            previous = sign(
                f"AWS4-HMAC-SHA256-PAYLOAD\n{CONTEXT.amz_date}\n{CONTEXT.scope}\n{previous}\n"
                f"{EMPTY}\n{sha256(piece).hexdigest()}"
            )
            size += f";chunk-signature={previous}"
        body += size.encode() + b"\r\n" + piece + (b"\r\n" if piece else b"")
    for name, value in trailers.items():
        body += f"{name}:{value}\r\n".encode()
    if signed and trailers:
        lines = "".join(f"{name}:{trailers[name]}\n" for name in sorted(trailers))
        signature = sign(
            f"AWS4-HMAC-SHA256-TRAILER\n{CONTEXT.amz_date}\n{CONTEXT.scope}\n{previous}\n"
            f"{sha256(lines.encode()).hexdigest()}"
        )
        body += f"x-amz-trailer-signature:{signature}\r\n".encode()
    return body + b"\r\n"


def decoder(
    *, signed: bool, trailers: dict[str, str], length: int | None = None
) -> AwsChunkedDecoder:
    context = CONTEXT if signed else None
    return AwsChunkedDecoder(context, trailers, decoded_length=length, smallest_chunk=0)


def cut(body: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({one % (len(body) + 1) for one in cuts} | {0, len(body)})
    return [body[a:b] for a, b in itertools.pairwise(places)]


@given(
    pieces=PIECES,
    cuts=st.lists(st.integers(0, 10**6), max_size=30),
    signed=st.booleans(),
    trailers=st.sampled_from([{}, TRAILERS]),
)
def test_every_cut_gives_the_same_payload(
    pieces: list[bytes], cuts: list[int], signed: bool, trailers: dict[str, str]
) -> None:
    body = encode(pieces, signed=signed, trailers=trailers)
    payload = b"".join(pieces)
    reader = decoder(signed=signed, trailers=trailers, length=len(payload))
    read = b"".join(b"".join(reader.feed(part)) for part in cut(body, cuts))
    assert read == payload
    assert reader.done
    assert reader.finish() == trailers
    assert reader.length == len(payload)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("trailers", [{}, TRAILERS])
def test_one_byte_at_a_time(signed: bool, trailers: dict[str, str]) -> None:
    body = encode([b"hello", b"world"], signed=signed, trailers=trailers)
    reader = decoder(signed=signed, trailers=trailers)
    assert b"".join(b"".join(reader.feed(bytes([one]))) for one in body) == b"helloworld"
    assert reader.finish() == trailers


@given(st.data())
def test_any_changed_byte_of_a_signed_body_is_refused(data: st.DataObject) -> None:
    body = bytearray(encode([b"hello", b"world!"], signed=True, trailers=TRAILERS))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    reader = decoder(signed=True, trailers=TRAILERS, length=11)
    with only_service_errors():
        read = b"".join(reader.feed(bytes(body)))
        # Only the case of names and sizes may differ and mean the same.
        assert (reader.finish(), read) == (TRAILERS, b"helloworld!")


@given(st.binary(max_size=200), st.booleans())
def test_hostile_bodies_only_raise_service_errors(body: bytes, signed: bool) -> None:
    reader = decoder(signed=signed, trailers={})
    with only_service_errors():
        reader.feed(body)
        reader.finish()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "IncompleteBody"),
        (b"5\r\nhel", "IncompleteBody"),
        (b"5\r\nhello\r\n", "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n", "IncompleteBody"),
        (b"4\r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"-1\r\n\r\n", "InvalidRequest"),
        (b"5_0\r\n", "InvalidRequest"),
        (b"0x5\r\n", "InvalidRequest"),
        (b"ffffffffffffffffffff\r\n", "InvalidRequest"),
        (b"5\nhello\n0\n\n", "InvalidRequest"),
        (b"1" * 5000, "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\n\r\nmore", "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-md5:a\r\n\r\n", "MalformedTrailerError"),
        (b"5\r\nhello\r\n0\r\nnothing\r\n\r\n", "MalformedTrailerError"),
    ],
)
def test_bad_framing(body: bytes, code: str) -> None:
    reader = decoder(signed=False, trailers={})

    def read() -> None:
        reader.feed(body)
        reader.finish()

    with pytest.raises(ServiceError) as caught:
        read()
    assert caught.value.code == code


def test_trailers_announced_must_come() -> None:
    reader = decoder(signed=False, trailers=TRAILERS)
    with pytest.raises(ServiceError, match="MalformedTrailerError"):
        reader.feed(b"0\r\n\r\n")


@pytest.mark.parametrize("length", [9, 11])
def test_the_decoded_length_must_fit(length: int) -> None:
    reader = decoder(signed=False, trailers={}, length=length)
    with pytest.raises(ServiceError, match="IncompleteBody"):
        reader.feed(encode([b"hello", b"world"], signed=False, trailers={}))


def test_small_signed_chunks_must_come_last() -> None:
    pieces = [b"a" * 8192, b"b", b"c"]
    body = encode(pieces, signed=True, trailers={})
    with pytest.raises(ServiceError, match="InvalidChunkSizeError"):
        AwsChunkedDecoder(CONTEXT).feed(body)
    reader = AwsChunkedDecoder(CONTEXT)
    assert b"".join(reader.feed(encode(pieces[:2], signed=True, trailers={}))) == b"a" * 8192 + b"b"
    assert reader.done
