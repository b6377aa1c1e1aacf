"""What lies on the disk: nothing that could be read, nothing that could be changed unseen."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from inhouse.services.s3.encryption.segments import SEGMENT
from tests.serving import start

MARKER = b"the quick brown marker "
SMALL, LARGE = MARKER * 10, MARKER * 20_000
SSE = "ServerSideEncryption"


def holding(data: Path, marker: bytes) -> list[str]:
    """The files of a data directory in which `marker` can be read."""
    files = (path for path in data.rglob("*") if path.is_file())
    return [path.name for path in files if marker in path.read_bytes()]


def upload(s3: Any, where: dict[str, str], bodies: list[bytes], **more: Any) -> dict[str, Any]:
    begun = s3.create_multipart_upload(**where, **more)
    here = {**where, "UploadId": begun["UploadId"]}
    parts = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(**here, **more, PartNumber=number, Body=body)["ETag"],
        }
        for number, body in enumerate(bodies, 1)
    ]
    answer: dict[str, Any] = s3.complete_multipart_upload(**here, MultipartUpload={"Parts": parts})
    return answer


def test_nothing_can_be_read_on_the_disk(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    parts = [MARKER * 230_000, SMALL]
    for key, body in (("small", SMALL), ("large", LARGE)):
        s3.put_object(Bucket="kept", Key=key, Body=body, Metadata={"told": "unsealed metadata"})
        s3.copy_object(Bucket="kept", Key=f"{key}-2", CopySource=f"kept/{key}")
    upload(s3, {"Bucket": "kept", "Key": "parts"}, parts)
    assert holding(server.data, MARKER) == []
    server.stop()
    assert holding(server.data, MARKER) == []
    assert holding(server.data, b"unsealed metadata")  # the search does find what is plain
    s3 = durable_server().client("s3")
    expected = {"small": SMALL, "large": LARGE, "parts": b"".join(parts)}
    expected |= {"small-2": SMALL, "large-2": LARGE}
    for key, body in expected.items():
        answer = s3.get_object(Bucket="kept", Key=key)
        assert answer["Body"].read() == body
        assert answer[SSE] == s3.head_object(Bucket="kept", Key=key)[SSE] == "AES256"


def test_ranges_meet_at_the_borders_of_segments(s3: Any, bucket: str) -> None:
    body = os.urandom(3 * SEGMENT + 5)
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    edges = [0, 1, *(n * SEGMENT + more for n in (1, 2, 3) for more in (-1, 0, 1)), len(body)]
    for start_, end in ((a, b) for a in edges for b in edges if a < b):
        found = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={start_}-{end - 1}")
        assert found["Body"].read() == body[start_:end]
    parts = [os.urandom((5 << 20) + 1), os.urandom(10)]
    upload(s3, {"Bucket": bucket, "Key": "k"}, parts)
    whole, seam = b"".join(parts), len(parts[0])
    found = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={seam - 2}-{seam + 2}")
    assert found["Body"].read() == whole[seam - 2 : seam + 3]


def test_every_answer_tells_of_the_encryption(s3: Any, bucket: str) -> None:
    here = {"Bucket": bucket, "Key": "k"}
    assert s3.put_object(**here, Body=b"x")[SSE] == "AES256"
    assert s3.put_object(**here, Body=b"x", **{SSE: "AES256"})[SSE] == "AES256"
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource=here)
    assert copied[SSE] == s3.head_object(Bucket=bucket, Key="c")[SSE] == "AES256"
    begun = s3.create_multipart_upload(**here)
    here["UploadId"] = begun["UploadId"]
    part = s3.upload_part(**here, PartNumber=1, Body=b"y")
    again = s3.upload_part_copy(**here, PartNumber=1, CopySource={"Bucket": bucket, "Key": "c"})
    listed = [{"PartNumber": 1, "ETag": again["CopyPartResult"]["ETag"]}]
    done = s3.complete_multipart_upload(**here, MultipartUpload={"Parts": listed})
    assert [one[SSE] for one in (begun, part, again, done)] == ["AES256"] * 4
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


@pytest.fixture
def damaged(durable_server: Callable[..., Any]) -> Any:
    """A server on whose disk one bit of each object was changed while it was down."""
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    for key, body in (("small", SMALL), ("large", LARGE)):
        s3.put_object(Bucket="kept", Key=key, Body=body)
    server.stop()
    blob = next(path for path in (server.data / "blobs").rglob("*") if path.is_file())
    stored = bytearray(blob.read_bytes())
    stored[3 * SEGMENT] ^= 1
    blob.write_bytes(stored)
    with sqlite3.connect(server.data / "inhouse.db") as database:
        (data,) = database.execute("SELECT data FROM s3_objects WHERE key = 'small'").fetchone()
        changed = data[:-1] + bytes([data[-1] ^ 1])
        database.execute("UPDATE s3_objects SET data = ? WHERE key = 'small'", (changed,))
    return durable_server()


def test_what_was_changed_on_disk_is_never_given_out(damaged: Any) -> None:
    s3 = damaged.client("s3")
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket="kept", Key="small")
    assert caught.value.response["Error"]["Code"] == "InternalError"
    body, read = s3.get_object(Bucket="kept", Key="large")["Body"], b""
    with pytest.raises((HTTPClientError, IncompleteReadError)):
        while piece := body.read(1000):
            read += piece
    assert len(read) <= 2 * SEGMENT
    assert LARGE.startswith(read)
    for key in ("small", "large"):
        with pytest.raises(ClientError) as caught:
            s3.copy_object(Bucket="kept", Key="copy", CopySource=f"kept/{key}")
        assert caught.value.response["Error"]["Code"] == "InternalError"
    assert re.search(
        r's3.object_damaged.*"kept/large"|"kept/large".*s3.object_damaged', damaged.log
    )
    # What lies behind the damage, and before it, can still be read.
    found = s3.get_object(Bucket="kept", Key="large", Range=f"bytes={4 * SEGMENT}-")["Body"].read()
    assert found == LARGE[4 * SEGMENT :]


def test_objects_from_before_encryption_can_be_read(durable_server: Callable[..., Any]) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    for key, body in (("small", SMALL), ("large", LARGE)):
        s3.put_object(Bucket="kept", Key=key, Body=body)
    server.stop()
    with sqlite3.connect(server.data / "inhouse.db") as database:
        database.execute(
            'UPDATE s3_objects SET headers = \'{"ContentType":"text/plain"}\', '
            "data = CASE WHEN data IS NULL THEN NULL ELSE ? END",
            (SMALL,),
        )
        (blob,) = database.execute("SELECT blob FROM s3_parts").fetchone()
        database.execute("UPDATE s3_parts SET sealed = NULL")
    (server.data / "blobs" / blob[:2] / blob).write_bytes(LARGE)
    server = durable_server()
    s3 = server.client("s3")
    for key, body in (("small", SMALL), ("large", LARGE)):
        answer = s3.get_object(Bucket="kept", Key=key)
        assert answer["Body"].read() == body
        assert SSE not in answer
        part = s3.get_object(Bucket="kept", Key=key, Range="bytes=5-99")
        assert part["Body"].read() == body[5:100]
        copied = s3.copy_object(Bucket="kept", Key=key, CopySource=f"kept/{key}", **{SSE: "AES256"})
        assert copied[SSE] == "AES256"
        assert s3.get_object(Bucket="kept", Key=key)["Body"].read() == body


def test_without_its_key_file_nothing_starts(
    durable_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=SMALL)
    server.stop()
    path = server.data / "master-keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    elsewhere = tmp_path / "elsewhere.json"
    path.rename(elsewhere)

    def refusal(**environment: str) -> str:
        with (
            pytest.raises(AssertionError, match="did not start") as caught,
            start(tmp_path, "--data", str(server.data), **environment),
        ):
            pass
        return str(caught.value)

    assert "it is gone; put it back, or set INHOUSE_KEY_FILE" in refusal()
    assert not path.exists()
    other = tmp_path / "other"
    with start(tmp_path, "--data", str(other)):
        pass
    assert "lacks; put it back" in refusal(INHOUSE_KEY_FILE=str(other / "master-keys.json"))
    running = durable_server(INHOUSE_KEY_FILE=str(elsewhere))
    assert running.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == SMALL
    assert not path.exists()


def test_after_a_rotation_the_old_is_read_and_the_new_sealed_anew(
    durable_server: Callable[..., Any],
) -> None:
    from typer.testing import CliRunner

    from inhouse.cli.main import app

    server = durable_server()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="kept")
    for key, body in (("small", SMALL), ("large", LARGE)):
        s3.put_object(Bucket="kept", Key=key, Body=body)
    server.stop()
    path = server.data / "master-keys.json"
    before = path.read_bytes()
    told = CliRunner().invoke(app, ["keys", "rotate", "--data", str(server.data)])
    assert told.exit_code == 0
    listed = CliRunner().invoke(app, ["keys", "list", "--data", str(server.data)]).output
    assert listed.count("opens") == listed.count("seals what is new") == 1
    server = durable_server()
    s3 = server.client("s3")
    s3.put_object(Bucket="kept", Key="new", Body=SMALL)
    for key, body in (("small", SMALL), ("large", LARGE), ("new", SMALL)):
        assert s3.get_object(Bucket="kept", Key=key)["Body"].read() == body
    server.stop()
    with sqlite3.connect(server.data / "inhouse.db") as database:
        rows = database.execute(
            "SELECT key, substr(data, 2, 8) FROM s3_objects WHERE content IS NULL"
        )
        sealed_under = dict(rows.fetchall())
    assert sealed_under["small"] != sealed_under["new"]
    path.write_bytes(before)
    with pytest.raises(AssertionError, match="lacks; put it back"):
        durable_server()
