"""GetObject through a function."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.services.s3.object_lambda.conftest import COMMON, UPPER, WRITE, body
from tests.serving import ACCOUNT, REGION

EVENT = body('write(event, Body=json.dumps(event).encode(), ContentType="application/json")')


def test_a_function_makes_what_is_read_from_what_is_there_now(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    point = transformed(UPPER)
    for text in (b"hello", b"world", b""):
        s3.put_object(Bucket=bucket, Key="a/b c+ü.txt", Body=text)
        got = s3.get_object(Bucket=point, Key="a/b c+ü.txt")
        assert got["Body"].read() == text.upper()
        assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"by": "upper"})
        assert s3.get_object(Bucket=bucket, Key="a/b c+ü.txt")["Body"].read() == text


def test_access_points_on_one_bucket_have_their_own_functions(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    lower = transformed(UPPER.replace("upper", "lower"))
    upper = transformed(UPPER)
    s3.put_object(Bucket=bucket, Key="k", Body=b"Word")
    assert s3.get_object(Bucket=lower, Key="k")["Body"].read() == b"word"
    assert s3.get_object(Bucket=upper, Key="k")["Body"].read() == b"WORD"


def test_the_event_is_aws_s(
    s3: Any, transformed: Callable[..., str], make: Callable[..., str], client: Callable[..., Any]
) -> None:
    function = make(COMMON + EVENT, WRITE)
    point = transformed(None, payload='{"size": 256}', function=function)
    answer = s3.get_object(Bucket=point, Key="a b.txt", VersionId="null", RequestPayer="requester")
    event = json.loads(answer["Body"].read())
    assert event["xAmzRequestId"] == answer["ResponseMetadata"]["RequestId"]
    assert event["protocolVersion"] == "1.00"
    name = event["configuration"]["accessPointArn"].rpartition("/")[2]
    assert event["configuration"] == {
        "accessPointArn": f"arn:aws:s3-object-lambda:{REGION}:{ACCOUNT}:accesspoint/{name}",
        "supportingAccessPointArn": f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/{name}-s",
        "payload": '{"size": 256}',
    }
    context = event["getObjectContext"]
    assert sorted(context) == ["inputS3Url", "outputRoute", "outputToken"]
    assert "versionId=null" in context["inputS3Url"]
    assert "X-Amz-SignedHeaders=host%3Bx-amz-request-payer" in context["inputS3Url"]
    url = event["userRequest"]["url"]
    assert url.startswith(f"http://{name}-{ACCOUNT}.s3-object-lambda.{REGION}.")
    assert url.endswith("/a b.txt?versionId=null")
    headers = event["userRequest"]["headers"]
    assert headers["X-Amz-Request-Payer"] == "requester"
    assert headers["Host"]
    assert not {"Authorization", "X-Amz-Security-Token"} & set(headers)
    who = client("sts").get_caller_identity()
    assert event["userIdentity"]["arn"] == who["Arn"]
    assert event["userIdentity"]["accountId"] == ACCOUNT
    assert event["userIdentity"]["principalId"] == who["UserId"]
    assert event["userIdentity"]["type"] in ("Root", "IAMUser")
    assert event["userIdentity"]["accessKeyId"]


def test_the_event_tells_of_the_session_that_calls(
    client: Callable[..., Any], make_role: Callable[..., str], transformed: Callable[..., str]
) -> None:
    point = transformed(EVENT)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        ],
    }
    role = make_role("s3:*", "s3-object-lambda:*", "lambda:InvokeFunction", trust=trust)
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="reader")
    keys = given["Credentials"]
    session = client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    event = json.loads(session.get_object(Bucket=point, Key="k")["Body"].read())
    assert keys["SessionToken"] not in json.dumps(event)
    identity = event["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("AssumedRole", given["AssumedRoleUser"]["Arn"])
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["type"] == "Role"
    assert issuer["arn"] == role
    assert issuer["userName"] == role.rpartition("/")[2]
    assert identity["principalId"] == f"{issuer['principalId']}:reader"
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"


def test_a_presigned_link_brings_its_own_arguments_to_the_function(
    s3: Any, transformed: Callable[..., str], server: Any
) -> None:
    v4 = server.client("s3", config=Config(signature_version="s3v4"))
    point = transformed(EVENT)
    v4.meta.events.register(
        "before-sign.s3.GetObject",
        lambda request, **_: setattr(request, "url", f"{request.url}?width=10&name=a%20b"),
    )
    url = v4.generate_presigned_url("get_object", Params={"Bucket": point, "Key": "k"})
    with urllib.request.urlopen(url) as answer:
        event = json.loads(answer.read())
    assert event["userRequest"]["url"].endswith("/k?width=10&name=a b")


def test_a_response_has_all_that_the_function_gives(
    s3: Any, transformed: Callable[..., str]
) -> None:
    point = transformed(
        body(
            """
write(event, Body=b"abc", StatusCode=206, AcceptRanges="bytes", CacheControl="no-store",
    ContentDisposition="inline", ContentEncoding="identity", ContentLanguage="de",
    ContentRange="bytes 0-2/9", ContentType="text/x", ETag='"tag"', Expires=86400 * 365 * 30,
    LastModified=1700000000, Metadata={"a": "1"}, MissingMeta=2, PartsCount=3, TagCount=4,
    StorageClass="GLACIER", VersionId="v1", ServerSideEncryption="AES256", DeleteMarker=False,
    ReplicationStatus="COMPLETED", Expiration="never", Restore="no")
"""
        )
    )
    got = s3.get_object(Bucket=point, Key="k")
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got.pop("Body").read() == b"abc"
    expected = {
        "AcceptRanges": "bytes",
        "CacheControl": "no-store",
        "ContentDisposition": "inline",
        "ContentEncoding": "identity",
        "ContentLanguage": "de",
        "ContentLength": 3,
        "ContentRange": "bytes 0-2/9",
        "ContentType": "text/x",
        "DeleteMarker": False,
        "ETag": '"tag"',
        "Expiration": "never",
        "Metadata": {"a": "1"},
        "MissingMeta": 2,
        "PartsCount": 3,
        "ReplicationStatus": "COMPLETED",
        "Restore": "no",
        "ServerSideEncryption": "AES256",
        "StorageClass": "GLACIER",
        "TagCount": 4,
        "VersionId": "v1",
    }
    assert {name: got.get(name) for name in expected} == expected
    assert got["LastModified"].timestamp() == 1700000000
    assert got["Expires"].year == 1999


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 416, 500, 503])
def test_a_function_refuses_with_its_own_error(
    s3: Any, transformed: Callable[..., str], refused: Callable[..., Any], status: int
) -> None:
    point = transformed(
        body(f'write(event, StatusCode={status}, ErrorCode="NoDogs", ErrorMessage="Only cats.")')
    )
    error = refused(s3.get_object, Bucket=point, Key="k")
    assert (error["Code"], error["Message"], error["Status"]) == ("NoDogs", "Only cats.", status)


def test_an_unchanged_object_is_told_without_a_body(
    s3: Any, transformed: Callable[..., str], refused: Callable[..., Any]
) -> None:
    point = transformed(body("""write(event, StatusCode=304, ETag='"same"')"""))
    error = refused(s3.get_object, Bucket=point, Key="k", IfNoneMatch='"same"')
    assert (error["Code"], error["Status"]) == ("304", 304)


def test_an_error_may_have_a_body_of_its_own(s3: Any, transformed: Callable[..., str]) -> None:
    point = transformed(body("""write(event, StatusCode=404, Body=b"<p>no", ContentType="t/h")"""))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": point, "Key": "k"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url)
    with caught.value as error:
        assert (error.code, error.headers["content-type"], error.read()) == (404, "t/h", b"<p>no")


FEATURES = [("Range", "bytes=1-2"), ("PartNumber", 1)]


@pytest.mark.parametrize(("member", "value"), FEATURES)
@pytest.mark.parametrize("operation", ["GetObject", "HeadObject"])
def test_ranges_and_parts_are_refused_unless_allowed(
    s3: Any,
    transformed: Callable[..., str],
    refused: Callable[..., Any],
    operation: str,
    member: str,
    value: Any,
) -> None:
    other = "HeadObject" if operation == "GetObject" else "GetObject"
    point = transformed(UPPER, operation, AllowedFeatures=[f"{other}-{member}"])
    call = s3.get_object if operation == "GetObject" else s3.head_object
    assert refused(call, Bucket=point, Key="k", **{member: value})["Status"] == 501


def test_ranges_and_parts_are_the_function_s_business(
    s3: Any, transformed: Callable[..., str]
) -> None:
    point = transformed(EVENT, AllowedFeatures=["GetObject-Range", "GetObject-PartNumber"])
    event = json.loads(s3.get_object(Bucket=point, Key="k", Range="bytes=1-2")["Body"].read())
    assert event["userRequest"]["headers"]["Range"] == "bytes=1-2"
    event = json.loads(s3.get_object(Bucket=point, Key="k", PartNumber=3)["Body"].read())
    assert event["userRequest"]["url"].endswith("?partNumber=3")
    assert "partNumber" not in event["getObjectContext"]["inputS3Url"]


def test_a_function_may_read_a_range_of_the_object(
    s3: Any, bucket: str, transformed: Callable[..., str]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    point = transformed(
        body(
            """
url = event["getObjectContext"]["inputS3Url"]
last = fetch(url, Range="bytes=-2").read()
first = fetch(url, Range="bytes=0-1").read()
write(event, Body=first + last)
"""
        )
    )
    assert s3.get_object(Bucket=point, Key="k")["Body"].read() == b"0189"
