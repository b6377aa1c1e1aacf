"""Addresses that carry their own signature, and addresses that carry none."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.acceptance.people import Person, allow, denied, document

MakeUser = Callable[..., Person]


def fetch(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of a GET, or of a PUT of `data`; the address goes out as it is."""
    answer = httpx.request("GET" if data is None else "PUT", url, content=data)
    return answer.status_code, answer.content


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_is_good_for_what_was_signed(
    version: str, admin: Person, fresh_name: Any
) -> None:
    bucket = fresh_name("bucket")
    admin.client("s3").create_bucket(Bucket=bucket)
    for key in ("a", "b"):
        admin.client("s3").put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3 = admin.client("s3", config=Config(signature_version=version))
    where = {"Bucket": bucket, "Key": "a"}
    expired = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=1)
    expired_at = time.time() + 2
    url = s3.generate_presigned_url("get_object", Params=where)
    assert fetch(url) == (200, b"a")
    tampered = url.replace(f"{bucket}/a?", f"{bucket}/b?")
    assert tampered != url
    status, text = fetch(tampered)
    assert (status, b"<Code>SignatureDoesNotMatch</Code>" in text) == (403, True)
    assert fetch(url, b"overwritten")[0] == 403  # signed for GET
    longer = url.replace("Expires=", "Expires=9")
    assert fetch(longer)[0] in (400, 403)
    assert fetch(url + "&response-content-type=text/html")[0] == 403
    put = s3.generate_presigned_url("put_object", Params=where)
    assert fetch(put, b"new")[0] == 200
    assert fetch(put)[0] == 403
    assert fetch(url) == (200, b"new")
    time.sleep(max(0.0, expired_at - time.time()))
    status, text = fetch(expired)
    assert (status, b"<Code>AccessDenied</Code>" in text) == (403, True)
    assert b"Request has expired" in text


def test_a_presigned_url_can_do_no_more_than_its_signer(
    admin: Person, make_user: MakeUser, fresh_name: Any
) -> None:
    bucket = fresh_name("bucket")
    admin.client("s3").create_bucket(Bucket=bucket)
    admin.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
    user = make_user(admin)
    where = {"Bucket": bucket, "Key": "a"}
    url = user.client("s3").generate_presigned_url("get_object", Params=where)
    status, text = fetch(url)
    assert (status, b"<Code>AccessDenied</Code>" in text) == (403, True)


def test_nobody_reads_what_is_public_and_nothing_else(
    house: SimpleNamespace, admin: Person, fresh_name: Any
) -> None:
    bucket = fresh_name("bucket")
    s3 = admin.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="public/a", Body=b"read me")
    s3.put_object(Bucket=bucket, Key="private/a", Body=b"do not")
    text = document(
        {**allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/public/*"), "Principal": "*"}
    )
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    base = f"{house.server.endpoint}/{bucket}"
    assert fetch(f"{base}/public/a") == (200, b"read me")
    assert fetch(f"{base}/private/a")[0] == 403
    assert fetch(f"{base}/public/../private/a")[0] in (400, 403)
    assert fetch(f"{base}/public/new", b"x")[0] == 403
    assert fetch(base)[0] == 403
    unsigned = house.server.client("s3", config=Config(signature_version=UNSIGNED))
    for act in (
        lambda: unsigned.delete_object(Bucket=bucket, Key="public/a"),
        lambda: unsigned.list_objects_v2(Bucket=bucket),
        lambda: unsigned.put_object_tagging(Bucket=bucket, Key="public/a", Tagging={"TagSet": []}),
        lambda: unsigned.get_bucket_policy(Bucket=bucket),
        lambda: unsigned.list_buckets(),
    ):
        denied(act)
    copied = {"Bucket": bucket, "Key": "public/b", "CopySource": f"{bucket}/private/a"}
    denied(lambda: unsigned.copy_object(**copied))
