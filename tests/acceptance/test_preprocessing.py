"""The published flow: a function that makes images 256 by 256 and grey, read with boto3 and the CLI.

As in AWS's article of February 2022, with the function written as it is there, by its reader.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from inhouse.cli.failures import Failure
from inhouse.cli.main import app
from tests.acceptance.people import zipped
from tests.serving import ACCOUNT, RunningServer
from tests.solutions.preprocessing.making import decoded, encoded, photograph

AWS = Path(sys.executable).with_name("aws")
FUNCTION = """
import boto3
import cv2
import numpy as np
import requests


def handler(event, context):
    told = event["getObjectContext"]
    stored = requests.get(told["inputS3Url"])
    image = cv2.imdecode(np.frombuffer(stored.content, np.uint8), cv2.IMREAD_COLOR)
    grey = cv2.cvtColor(cv2.resize(image, (256, 256)), cv2.COLOR_BGR2GRAY)
    boto3.client("s3").write_get_object_response(
        Body=cv2.imencode(".png", grey)[1].tobytes(),
        RequestRoute=told["outputRoute"],
        RequestToken=told["outputToken"],
    )
    return {"status_code": 200}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ANSWER = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3-object-lambda:WriteGetObjectResponse", "Resource": "*"}
    ],
}


def expected(image: Any) -> Any:
    seen = decoded(encoded(image), cv2.IMREAD_COLOR)
    return cv2.cvtColor(cv2.resize(seen, (256, 256)), cv2.COLOR_BGR2GRAY)


@pytest.fixture
def flow(server: RunningServer, fresh_name: Callable[..., str]) -> SimpleNamespace:
    """Bucket, access point, function and Object Lambda access point, made one by one."""
    session, name = server.session(), fresh_name("flow")
    s3, control = session.client("s3"), session.client("s3control")
    s3.create_bucket(Bucket=name)
    control.create_access_point(AccountId=ACCOUNT, Name=f"{name}-raw", Bucket=name)
    iam = session.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="answer", PolicyDocument=json.dumps(ANSWER))
    function = session.client("lambda").create_function(
        FunctionName=name,
        Runtime=f"python3.{sys.version_info.minor}",
        Role=role,
        Handler="main.handler",
        Timeout=60,
        MemorySize=512,
        Code={"ZipFile": zipped({"main.py": FUNCTION})},
    )
    made = control.create_access_point_for_object_lambda(
        AccountId=ACCOUNT,
        Name=name,
        Configuration={
            "SupportingAccessPoint": f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/{name}-raw",
            "TransformationConfigurations": [
                {
                    "Actions": ["GetObject"],
                    "ContentTransformation": {
                        "AwsLambda": {"FunctionArn": function["FunctionArn"]}
                    },
                }
            ],
        },
    )
    arn = made["ObjectLambdaAccessPointArn"]
    return SimpleNamespace(session=session, s3=s3, bucket=name, arn=arn)


def test_images_are_read_small_and_grey(
    flow: SimpleNamespace, server: RunningServer, tmp_path: Path
) -> None:
    first, second = photograph(800, 600, seed=1), photograph(800, 600, seed=2)
    flow.s3.put_object(Bucket=flow.bucket, Key="cats/1.jpg", Body=encoded(first))

    def read() -> Any:
        return decoded(flow.s3.get_object(Bucket=flow.arn, Key="cats/1.jpg")["Body"].read())

    assert np.array_equal(read(), expected(first))
    flow.s3.put_object(Bucket=flow.bucket, Key="cats/1.jpg", Body=encoded(second))
    assert np.array_equal(read(), expected(second))
    assert decoded(flow.s3.get_object(Bucket=flow.bucket, Key="cats/1.jpg")["Body"].read()).shape == (
        600, 800, 3,
    )  # fmt: skip
    keys = [one["Key"] for one in flow.s3.list_objects_v2(Bucket=flow.bucket)["Contents"]]
    assert keys == ["cats/1.jpg"]

    alias = flow.session.client("s3control").get_access_point_for_object_lambda(
        AccountId=ACCOUNT, Name=flow.arn.rpartition("/")[2]
    )["Alias"]["Value"]

    def aws(bucket: str, **environment: str) -> Any:
        done = subprocess.run(
            [str(AWS), "s3api", "get-object", "--bucket", bucket, "--key", "cats/1.jpg", "out.png"],
            env={**server.environment(), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return decoded((tmp_path / "out.png").read_bytes())

    assert np.array_equal(aws(alias), expected(second))
    assert np.array_equal(aws(flow.arn, HTTP_PROXY=server.endpoint), expected(second))


def test_the_command_line_from_beginning_to_end(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    s3, bucket, name = server.client("s3"), fresh_name("raw"), fresh_name("p")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="note.txt", Body=b"Ask jane@example.com.")

    def inhouse(*words: str) -> Any:
        return CliRunner().invoke(app, ["preprocessing", *words], env=server.environment())

    added = inhouse("add", name, "--bucket", bucket, "--transform", "redact", "--kind", "emails")
    assert added.exit_code == 0, added.output
    made = json.loads(added.stdout)
    assert (len(made["changes"]), made["options"]) == (4, {"kinds": ["emails"]})
    body = s3.get_object(Bucket=made["alias"], Key="note.txt")["Body"].read()
    assert body == b"Ask [EMAIL]."
    listed = json.loads(inhouse("list", "--json").stdout)
    assert name in [one["name"] for one in listed]
    assert name in inhouse("list").stdout
    costs = json.loads(inhouse("cost", "--json").stdout)
    (cost,) = (one for one in costs["access_points"] if one["name"] == name)
    assert cost["invocations"] == 1
    assert costs["prices"]["instance"]["name"] == "ml.p2.xlarge"
    assert (cost["memory_mib"], cost["percent_saved"] > 0) == (512, True)
    told = " ".join(inhouse("cost", "--days", "1").stdout.split())
    for text in ("saved", "$0.20 a million events", "$1.125 an hour of ml.p2.xlarge", "us-east-1"):
        assert text in told
    refused = inhouse("add", name, "--bucket", bucket, "--transform", "images", "--where", "a=1")
    assert isinstance(refused.exception, Failure)
    assert "images has no option 'where'" in str(refused.exception)
    assert len(inhouse("remove", name).stdout.splitlines()) == 4
