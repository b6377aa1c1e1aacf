"""Functions are made, shown, changed and deleted as on AWS."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import stat
import sys
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.services.lambda_.conftest import ACCOUNT, zipped

ECHO = "def handler(event, context):\n    return event\n"
CODE = zipped({"main.py": ECHO})


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_function_is_shown_as_it_was_made(
    lam: Any, make_role: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    name, role = fresh_name("fn"), make_role()
    settings = {
        "FunctionName": name,
        "Runtime": "python3.11",
        "Role": role,
        "Handler": "main.handler",
        "Description": "repeats",
        "Timeout": 9,
        "MemorySize": 300,
        "Environment": {"Variables": {"AB": "1"}},
        "EphemeralStorage": {"Size": 600},
    }
    made = lam.create_function(**settings, Code={"ZipFile": CODE}, Tags={"team": "x"})
    found = lam.get_function(FunctionName=name)
    shown = found["Configuration"]
    assert {key: shown[key] for key in settings} == settings
    assert shown["FunctionArn"] == f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    assert shown["CodeSha256"] == base64.b64encode(hashlib.sha256(CODE).digest()).decode()
    assert (shown["CodeSize"], shown["Version"]) == (len(CODE), "$LATEST")
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")
    assert found["Tags"] == {"team": "x"}
    assert lam.get_function_configuration(FunctionName=name)["RevisionId"] == made["RevisionId"]
    with urllib.request.urlopen(found["Code"]["Location"]) as package:
        assert package.read() == CODE
    lam.get_waiter("function_active_v2").wait(FunctionName=name)
    assert refused(lambda: lam.create_function(**settings, Code={"ZipFile": CODE}))[0] == (
        "ResourceConflictException"
    )
    lam.delete_function(FunctionName=name)
    assert refused(lambda: lam.get_function(FunctionName=name))[0] == "ResourceNotFoundException"
    assert refused(lambda: lam.delete_function(FunctionName=name))[0] == (
        "ResourceNotFoundException"
    )


def test_listing_pages_through_all(lam: Any, make: Callable[..., str]) -> None:
    names = {make(ECHO) for _ in range(3)}
    pages = lam.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    found = [each["FunctionName"] for page in pages for each in page["Functions"]]
    assert names <= set(found)
    assert len(found) == len(set(found))


def test_revisions_guard_changes(lam: Any, make: Callable[..., str]) -> None:
    name = make(ECHO)
    first = lam.get_function_configuration(FunctionName=name)["RevisionId"]
    lam.update_function_configuration(FunctionName=name, Timeout=5, RevisionId=first)
    code, _ = refused(
        lambda: lam.update_function_configuration(FunctionName=name, Timeout=6, RevisionId=first)
    )
    assert code == "PreconditionFailedException"
    code, _ = refused(
        lambda: lam.update_function_code(FunctionName=name, ZipFile=CODE, RevisionId=first)
    )
    assert code == "PreconditionFailedException"
    assert lam.get_function_configuration(FunctionName=name)["Timeout"] == 5


GET_OBJECT = (
    "Error occurred while GetObject. S3 Error Code: NoSuchBucket. "
    "S3 Error Message: The specified bucket does not exist"
)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"Runtime": "nodejs22.x"}, ["nodejs22.x", f"python3.{sys.version_info.minor}"]),
        ({"Timeout": 901}, ["Timeout", "901", "900"]),
        ({"MemorySize": 10241}, ["MemorySize", "10241", "10240"]),
        (
            {"Role": f"arn:aws:iam::{ACCOUNT}:role/nobody"},
            ["The role defined for the function cannot be assumed by Lambda."],
        ),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, ["AWS_REGION", "reserved"]),
        ({"Environment": {"Variables": {"BIG": "x" * 4096}}}, ["4096"]),
        ({"Code": {"ZipFile": b"no zip"}}, ["unzip"]),
        ({"Code": {"ZipFile": zipped({})}}, ["non-empty"]),
        ({"Code": {"ZipFile": zipped({"../up.py": "x"})}}, ["leads out"]),
        ({"Code": {"ZipFile": zipped({"/etc/x": "x"})}}, ["leads out"]),
        ({"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "k"}}, [GET_OBJECT]),
        ({"Code": {}}, ["Please provide a source for function code."]),
        ({"PackageType": "Image"}, ["Zip"]),
        ({"Layers": [f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:none:1"]}, ["layer:none:1"]),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:s3:::bucket"}}, ["DeadLetterConfig"]),
    ],
)
def test_what_is_wrong_is_named(
    lam: Any, make: Callable[..., str], wrong: dict[str, Any], words: list[str]
) -> None:
    code, message = refused(lambda: make(ECHO, **wrong))
    assert code == "InvalidParameterValueException"
    for word in words:
        assert word in message


def test_a_role_must_trust_lambda(make: Callable[..., str], make_role: Callable[..., str]) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = make_role(trust={"Version": "2012-10-17", "Statement": [statement]})
    code, message = refused(lambda: make(ECHO, Role=role))
    assert code == "InvalidParameterValueException"
    assert message == "The role defined for the function cannot be assumed by Lambda."


def test_giving_a_role_needs_pass_role(
    client: Callable[..., Any], make_role: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    iam, user = client("iam"), fresh_name("user")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    lam = client(
        "lambda",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    role, name = make_role(), fresh_name("fn")

    def allow(*actions: str) -> None:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document)

    def create() -> Any:
        return lam.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=role,
            Handler="main.handler",
            Code={"ZipFile": CODE},
        )

    allow("lambda:*")
    code, message = refused(create)
    assert code == "AccessDeniedException"
    assert "iam:PassRole" in message
    allow("lambda:*", "iam:PassRole")
    assert create()["FunctionName"] == name


def test_packages_come_from_buckets(
    client: Callable[..., Any], make: Callable[..., str], run: Any, fresh_name: Callable[..., str]
) -> None:
    s3, bucket = client("s3"), fresh_name("bucket")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=CODE)
    name = make("", Code={"S3Bucket": bucket, "S3Key": "code.zip"})
    assert run(name, 5) == (5, None)


def test_links_in_packages_stay_inside(make: Callable[..., str], run: Any) -> None:
    def package(target: str) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("real.py", "WORD = 'linked'\n")
            archive.writestr("main.py", "import alias\ndef handler(e, c):\n    return alias.WORD\n")
            link = zipfile.ZipInfo("alias.py")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        return data.getvalue()

    assert run(make("", Code={"ZipFile": package("real.py")})) == ("linked", None)
    bad = make("", Code={"ZipFile": package("/etc/passwd")})
    assert refused(lambda: run(bad))[0] == "InvalidZipFileException"


def test_layers_are_shared_code(
    lam: Any, make: Callable[..., str], run: Any, fresh_name: Callable[..., str]
) -> None:
    layer = fresh_name("layer")
    publish = lambda files: lam.publish_layer_version(  # noqa: E731
        LayerName=layer, Content={"ZipFile": zipped(files)}, CompatibleRuntimes=["python3.11"]
    )
    first = publish({"python/shared.py": "WORD = 'one'\n", "data.txt": "d"})
    second = publish({"python/shared.py": "WORD = 'two'\n"})
    assert (first["Version"], second["Version"]) == (1, 2)
    source = "import shared, os\ndef handler(e, c):\n    return [shared.WORD, os.listdir('/opt')]\n"
    name = make(source, Layers=[first["LayerVersionArn"]])
    assert run(name)[0] == ["one", ["data.txt", "python"]] or run(name)[0] == [
        "one",
        ["python", "data.txt"],
    ]
    lam.update_function_configuration(FunctionName=name, Layers=[second["LayerVersionArn"]])
    assert run(name)[0][0] == "two"
    versions = lam.list_layer_versions(LayerName=layer)["LayerVersions"]
    assert [each["Version"] for each in versions] == [2, 1]
    newest = {e["LayerName"]: e for e in lam.list_layers()["Layers"]}[layer]
    assert newest["LatestMatchingVersion"]["Version"] == 2
    lam.delete_layer_version(LayerName=layer, VersionNumber=2)
    assert refused(lambda: lam.get_layer_version(LayerName=layer, VersionNumber=2))[0] == (
        "ResourceNotFoundException"
    )
    assert run(name)[0][0] == "two"
    assert publish({"python/shared.py": ""})["Version"] == 3
    found = lam.get_layer_version_by_arn(Arn=first["LayerVersionArn"])
    with urllib.request.urlopen(found["Content"]["Location"]) as package:
        data = package.read()
    assert (
        base64.b64encode(hashlib.sha256(data).digest()).decode() == found["Content"]["CodeSha256"]
    )


def test_tags(lam: Any, make: Callable[..., str]) -> None:
    name = make(ECHO)
    arn = lam.get_function_configuration(FunctionName=name)["FunctionArn"]
    lam.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
    lam.untag_resource(Resource=arn, TagKeys=["a"])
    assert lam.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    code, message = refused(lambda: lam.tag_resource(Resource=arn, Tags={"aws:x": "1"}))
    assert (code, "aws:x" in message) == ("InvalidParameterValueException", True)


def test_permissions_let_others_in(
    client: Callable[..., Any], lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    name = make(ECHO)
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
    assert refused(lambda: lam.get_policy(FunctionName=name))[0] == "ResourceNotFoundException"
    added = lam.add_permission(
        FunctionName=name,
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:news",
        SourceAccount=ACCOUNT,
    )
    statement = json.loads(added["Statement"])
    assert statement == {
        "Sid": "topic",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {
            "ArnLike": {"AWS:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:news"},
            "StringEquals": {"AWS:SourceAccount": ACCOUNT},
        },
    }
    assert json.loads(lam.get_policy(FunctionName=name)["Policy"])["Statement"] == [statement]
    again = {"Action": "lambda:InvokeFunction", "Principal": "*", "StatementId": "topic"}
    assert refused(lambda: lam.add_permission(FunctionName=name, **again))[0] == (
        "ResourceConflictException"
    )
    iam, user = client("iam"), fresh_name("user")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = client(
        "lambda",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert refused(lambda: theirs.invoke(FunctionName=name))[0] == "AccessDeniedException"
    lam.add_permission(
        FunctionName=name,
        StatementId="user",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{ACCOUNT}:user/{user}",
    )
    assert json.loads(theirs.invoke(FunctionName=name, Payload=b"3")["Payload"].read()) == 3
    lam.remove_permission(FunctionName=name, StatementId="user")
    assert refused(lambda: theirs.invoke(FunctionName=name))[0] == "AccessDeniedException"
    assert refused(lambda: lam.remove_permission(FunctionName=name, StatementId="user"))[0] == (
        "ResourceNotFoundException"
    )
