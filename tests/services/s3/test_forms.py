from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import md5
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from botocore.config import Config

from tests.serving import RunningServer

Post = dict[str, Any]


def send(post: Post, data: bytes = b"hello", name: str = "a.txt", **fields: str) -> httpx.Response:
    given = {**post["fields"], **fields}
    return httpx.post(post["url"], data=given, files={"file": (name, data)})


def code(answer: httpx.Response) -> tuple[int, str]:
    found = ElementTree.fromstring(answer.content)
    return answer.status_code, f"{found.findtext('Code')}: {found.findtext('Message')}"


@pytest.mark.parametrize("signer", ["s3v4", "s3"])
@pytest.mark.parametrize("style", ["path", "virtual"])
@pytest.mark.parametrize("size", [0, 5, 300_000])
def test_a_form_becomes_an_object(
    server: RunningServer, s3: Any, bucket: str, signer: str, style: str, size: int
) -> None:
    signing = server.client("s3", config=Config(signature_version=signer))
    data = b"\r\n--" * (size // 4) + b"x" * (size % 4)
    post = signing.generate_presigned_post(bucket, "dir/${filename}")
    assert ("x-amz-signature" in post["fields"]) is (signer == "s3v4")
    headers = {}
    if style == "virtual":
        url = urlsplit(server.endpoint)
        post["url"] = server.endpoint
        headers["host"] = f"{bucket}.localhost:{url.port}"
    answer = httpx.post(
        post["url"], data=post["fields"], files={"file": ("a.txt", data)}, headers=headers
    )
    assert (answer.status_code, answer.content) == (204, b"")
    got = s3.get_object(Bucket=bucket, Key="dir/a.txt")
    assert got["Body"].read() == data
    assert got["ETag"] == answer.headers["etag"] == f'"{md5(data).hexdigest()}"'


def test_fields_become_headers_metadata_and_tags(s3: Any, bucket: str) -> None:
    tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&#43;2=3</Value></Tag></TagSet></Tagging>"
    fields = {"Content-Type": "text/x", "x-amz-meta-title": "Grüße", "tagging": tags}
    conditions = [["starts-with", f"${name}", ""] for name in fields]
    post = s3.generate_presigned_post(bucket, "k", fields, conditions)
    assert send(post, **{"x-ignore-me": "1"}).status_code == 204
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ContentType"] == "text/x"
    assert "title" in head["Metadata"]
    found = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert found == [{"Key": "a b", "Value": "1+2=3"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [("x-amz-meta-a b", "1"), ("x-amz-meta-a:b", "1"), ("x-amz-meta-ä", "1"), ("acl", "a\x01")],
)
def test_fields_that_no_header_can_be(s3: Any, bucket: str, name: str, value: str) -> None:
    post = s3.generate_presigned_post(bucket, "k", Conditions=[["starts-with", f"${name}", ""]])
    status, told = code(send(post, **{name: value}))
    assert (status, told.partition(":")[0]) == (400, "InvalidArgument")
    assert name in told


def test_how_success_is_told(s3: Any, bucket: str) -> None:
    def post(**fields: str) -> httpx.Response:
        conditions = [{name: value} for name, value in fields.items()]
        return send(s3.generate_presigned_post(bucket, "k", fields, conditions))

    told = ElementTree.fromstring(post(success_action_status="201").content)
    assert told.tag == "PostResponse"
    assert (told.findtext("Bucket"), told.findtext("Key")) == (bucket, "k")
    assert post(success_action_status="200").status_code == 200
    assert post(success_action_status="404").status_code == 204
    locked = post(**{"x-amz-object-lock-mode": "GOVERNANCE"})
    assert code(locked)[1].startswith("InvalidRequest")
    there = post(success_action_redirect="http://example.com/done?a=b")
    assert there.status_code == 303
    assert parse_qs(urlsplit(there.headers["location"]).query) == {
        "a": ["b"],
        "bucket": [bucket],
        "key": ["k"],
        "etag": [there.headers["etag"]],
    }


def test_what_the_policy_does_not_allow(s3: Any, bucket: str, refused: Any) -> None:
    ranges = [["content-length-range", 2, 4], ["content-length-range", 0, 99]]
    sized = s3.generate_presigned_post(bucket, "k", Conditions=ranges)
    assert code(send(sized))[1].startswith("EntityTooLarge")
    assert code(send(sized, b"x" * 200_000))[1].startswith("EntityTooLarge")
    assert code(send(sized, b"1"))[1].startswith("EntityTooSmall")
    post = s3.generate_presigned_post(bucket, "k")
    assert code(send(post, key="other")) == (
        403,
        'AccessDenied: Invalid according to Policy: Policy Condition failed: ["eq", "$key", "k"]',
    )
    extra = code(send(post, acl="public-read"))
    assert extra == (403, "AccessDenied: Invalid according to Policy: Extra input fields: acl")
    old = s3.generate_presigned_post(bucket, "k", ExpiresIn=-10)
    assert code(send(old)) == (403, "AccessDenied: Invalid according to Policy: Policy expired.")
    elsewhere = {**post, "url": post["url"].replace(bucket, f"{bucket}-2")}
    assert code(send(elsewhere))[0] == 403
    assert refused(s3.get_object, Bucket=bucket, Key="k")["Code"] == "NoSuchKey"


def test_forms_of_a_session(server: RunningServer, bucket: str) -> None:
    given = server.client("sts").get_session_token()["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
    }
    session = server.client("s3", aws_session_token=given["SessionToken"], **keys)
    post = session.generate_presigned_post(bucket, "k")
    assert send(post).status_code == 204
    assert code(send(post, **{"x-amz-security-token": "another"}))[0] == 403
    bare = server.client("s3", **keys).generate_presigned_post(bucket, "k")
    assert code(send(bare))[1].startswith("InvalidAccessKeyId")


def test_forms_make_versions(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    post = s3.generate_presigned_post(bucket, "k")
    first, second = send(post, b"1"), send(post, b"2")
    for answer, body in ((first, b"1"), (second, b"2")):
        version = answer.headers["x-amz-version-id"]
        got = s3.get_object(Bucket=bucket, Key="k", VersionId=version)
        assert got["Body"].read() == body


def test_forms_of_pages_elsewhere(s3: Any, bucket: str) -> None:
    rule = {"AllowedOrigins": ["https://page.example"], "AllowedMethods": ["POST"]}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    post = s3.generate_presigned_post(bucket, "k")
    for origin, allowed in (
        ("https://page.example", "https://page.example"),
        ("https://other.example", None),
    ):
        answer = httpx.post(
            post["url"],
            data=post["fields"],
            files={"file": ("a.txt", b"hello")},
            headers={"origin": origin},
        )
        assert answer.status_code == 204
        assert answer.headers.get("access-control-allow-origin") == allowed


def test_operators_and_names_in_any_case(s3: Any, bucket: str) -> None:
    conditions = [["StArTs-WiTh", "$X-Amz-Meta-A", "x"], ["EQ", "$x-amz-meta-b", "y"]]
    post = s3.generate_presigned_post(bucket, "k", Conditions=conditions)
    assert send(post, **{"X-AMZ-Meta-A": "xy", "x-amz-meta-b": "y"}).status_code == 204
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"a": "xy", "b": "y"}
    assert code(send(post, **{"x-amz-meta-a": "xy", "x-amz-meta-b": "z"}))[0] == 403


def test_forms_of_another_kind(server: RunningServer, bucket: str) -> None:
    answer = httpx.post(f"{server.endpoint}/{bucket}", json={"key": "k"})
    assert code(answer)[0] == 412
    condition = ElementTree.fromstring(answer.content).findtext("Condition")
    assert condition == "Bucket POST must be of the enclosure-type multipart/form-data"


@pytest.mark.parametrize(
    "conditions",
    [[{}], [["content-length-range", 0]], [["content-length-range", -1, 0]], [["like", "$a", ""]]],
)
def test_policies_that_are_none(s3: Any, bucket: str, conditions: list[Any]) -> None:
    post = s3.generate_presigned_post(bucket, "k", Conditions=conditions)
    status, told = code(send(post))
    assert (status, told.partition(":")[0]) == (400, "InvalidPolicyDocument")


def test_forms_that_are_none(server: RunningServer, bucket: str) -> None:
    signing = server.client("s3", config=Config(signature_version="s3v4"))
    post = signing.generate_presigned_post(bucket, "k")
    url, fields = post["url"], post["fields"]
    assert code(send(post, key=""))[1].startswith("InvalidArgument")
    assert code(send(post, filler="x" * 30_000))[1].startswith("MaxPostPreDataLengthExceeded")
    head = {"content-type": "multipart/form-data; boundary=b"}
    cut = httpx.post(url, content=b'--b\r\nContent-Disposition: form-data; name="key', headers=head)
    assert code(cut)[1].startswith("MalformedPOSTRequest")
    bare = httpx.post(url, content=b"--b--\r\n", headers=head)
    assert code(bare)[1].startswith("InvalidArgument: POST requires exactly one file")
    none = httpx.post(url, content=b"", headers={"content-type": "multipart/form-data"})
    assert code(none)[1].startswith("MalformedPOSTRequest")
    some = {name: value for name, value in fields.items() if name != "x-amz-signature"}
    assert code(send({"url": url, "fields": some}))[0] == 400
    assert code(send(post, **{"x-amz-signature": "0" * 64}))[1].startswith("SignatureDoesNotMatch")
    stranger = fields["x-amz-credential"].replace("/", "X/", 1)
    assert code(send(post, **{"x-amz-credential": stranger}))[1].startswith("InvalidAccessKeyId")
    assert code(send({**post, "url": f"{url}/key"}))[0] == 405


def test_who_may(
    s3: Any, bucket: str, user: Callable[..., Any], server: RunningServer, refused: Any
) -> None:
    post = user().generate_presigned_post(bucket, "k")
    assert code(send(post))[1].startswith("AccessDenied")
    form = {"url": f"{server.endpoint}/{bucket}", "fields": {"key": "in/k"}}
    assert code(send(form))[1].startswith("AccessDenied")
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/in/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=document)
    assert send(form).status_code == 204
    assert code(send({**form, "fields": {"key": "out/k"}}))[1].startswith("AccessDenied")
    assert refused(s3.get_object, Bucket=bucket, Key="out/k")["Code"] == "NoSuchKey"
