"""Requests no SDK would send: a clear 4xx, never a 500, and nothing stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.services.s3.conftest import Raw


@pytest.mark.parametrize(
    ("method", "path", "body", "headers"),
    [
        ("PUT", "/{bucket}/k", b"x", {"x-amz-copy-source": "%ff/%fe"}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-copy-source": "/"}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-checksum-crc32": "!"}),
        (
            "PUT",
            "/{bucket}/k",
            b"x",
            {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-sha1": "AA"},
        ),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-sdk-checksum-algorithm": "CRC99"}),
        ("PUT", "/{bucket}/k", b"x", {"content-md5": "==="}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-tagging": "a=%zz&&&"}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-tagging": "a=%ff"}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-storage-class": "CUPBOARD"}),
        ("PUT", "/{bucket}/k", b"x", {"x-amz-object-lock-mode": "GOVERNANCE"}),
        ("PUT", "/{bucket}/%ff", b"x", {}),
        ("PUT", "/{bucket}/k?partNumber=x&uploadId=1", b"x", {}),
        ("PUT", "/{bucket}/k?partNumber=1&uploadId=none", b"x", {}),
        ("PUT", "/{bucket}?policy", b"{", {}),
        ("PUT", "/{bucket}?policy", b"\xff\xfe", {}),
        ("PUT", "/{bucket}?policy", b'{"Statement": ' + b"[" * 5000, {}),
        ("PUT", "/{bucket}?policy", b'{"Version":"2012-10-17","Statement":[1]}', {}),
        ("PUT", "/{bucket}?notification", b"<a/>", {}),
        (
            "PUT",
            "/{bucket}?notification",
            b"<NotificationConfiguration><QueueConfiguration/></NotificationConfiguration>",
            {},
        ),
        ("PUT", "/{bucket}/k?tagging", b"<Tagging><TagSet><Tag/></TagSet></Tagging>", {}),
        ("PUT", "/{bucket}?tagging", b"<Tagging/>", {}),
        ("POST", "/{bucket}?delete", b"<Delete></Delete>", {}),
        ("POST", "/{bucket}?delete", b"<Delete><Object/></Delete>", {}),
        ("POST", "/{bucket}?delete", b"<Delete><Object><Key></Key></Object></Delete>", {}),
        ("POST", "/{bucket}/k?uploadId=none", b"<CompleteMultipartUpload/>", {}),
        ("GET", "/{bucket}?max-keys=many", b"", {}),
        ("GET", "/{bucket}?list-type=2&continuation-token=%00", b"", {}),
        ("GET", "/{bucket}/k?partNumber=0", b"", {}),
        ("GET", "/{bucket}/k?partNumber=-99999999999999999999", b"", {}),
        ("GET", "/{bucket}?uploads&max-uploads=-1", b"", {}),
        ("GET", "/{bucket}/k?attributes", b"", {"x-amz-object-attributes": ","}),
    ],
)
def test_hostile_requests(
    raw: Raw, s3: Any, bucket: str, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = raw(method, path.replace("{bucket}", bucket), body, headers)
    is_empty_key = body == b"<Delete><Object><Key></Key></Object></Delete>"
    if is_empty_key:
        assert b"<Code>InvalidArgument</Code>" in answer.content
    else:
        assert 400 <= answer.status_code < 500 or b"NotImplemented" in answer.content
        assert b"<Code>" in answer.content
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=st.sampled_from(
        [
            "",
            "?list-type=2&prefix=",
            "?list-type=2&start-after=",
            "?marker=",
            "?uploads&key-marker=",
            "?list-type=2&continuation-token=",
            "?list-type=2&delimiter=",
        ]
    ),
    text=st.text(st.characters(blacklist_categories=("Cs",)), max_size=20),
)
def test_listing_arguments_of_every_kind(raw: Raw, bucket: str, query: str, text: str) -> None:
    from urllib.parse import quote

    answer = raw("GET", f"/{bucket}{query}{quote(text, safe='') if query else ''}")
    assert answer.status_code in (200, 400), answer.text


def test_a_body_shorter_than_announced_is_not_stored(server: Any, s3: Any, bucket: str) -> None:
    import socket
    from urllib.parse import urlsplit

    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 200000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 150_000)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
