"""A tour with the AWS CLI, as somebody at a shell would make it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.people import ACCOUNT, zipped
from tests.serving import RunningServer
from tests.waiting import PATIENCE

AWS = Path(sys.executable).with_name("aws")
Aws = Callable[..., Any]


@pytest.fixture
def shell(server: RunningServer, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `aws …` in an empty folder, with nothing set but what `inhouse env` prints."""

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        if words[0] == "sqs":
            # Version 1 of the CLI has addresses of its own for SQS and asks no environment.
            words = ("--endpoint-url", server.endpoint, *words)
        return subprocess.run(
            [str(AWS), *words],
            env={**server.environment(), "AWS_MAX_ATTEMPTS": "1", **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.fixture
def aws(shell: Any) -> Aws:
    """What a command prints, JSON understood; it must succeed."""

    def run(*words: str, **more: str) -> Any:
        done = shell(*words, **more)
        assert done.returncode == 0, done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    return run


@pytest.fixture
def refused(shell: Any) -> Callable[..., str]:
    """What a command complains of; it must fail as a request that was answered fails."""

    def run(*words: str, **more: str) -> str:
        done = shell(*words, **more)
        assert done.returncode in (1, 254, 255), done.stderr  # 255: version 1 of the CLI
        assert "rror occurred" in done.stderr or "failed:" in done.stderr, done.stderr
        return str(done.stderr).strip()

    return run


def test_files_in_buckets(aws: Aws, refused: Any, tmp_path: Path, fresh_name: Any) -> None:
    bucket = fresh_name("bucket")
    here = tmp_path / "site"
    (here / "deep").mkdir(parents=True)
    (here / "index.html").write_text("<h1>hello</h1>")
    (here / "deep" / "größe & more.txt").write_bytes(b"x" * 100_000)
    (here / "large.bin").write_bytes(bytes(9 << 20))
    assert aws("s3", "mb", f"s3://{bucket}").strip() == f"make_bucket: {bucket}"
    assert "upload: site/index.html" in aws("s3", "cp", "site/index.html", f"s3://{bucket}/")
    synced = aws("s3", "sync", "site", f"s3://{bucket}", "--no-progress")
    assert synced.count("upload:") == 2
    assert aws("s3", "sync", "site", f"s3://{bucket}", "--no-progress") == ""
    listed = aws("s3", "ls", f"s3://{bucket}", "--recursive", "--summarize")
    assert "deep/größe & more.txt" in listed
    assert "Total Objects: 3" in listed
    assert aws("s3", "ls", f"s3://{bucket}").split()[:2] == ["PRE", "deep/"]
    aws("s3", "sync", f"s3://{bucket}", "back", "--no-progress")
    for name in ("index.html", "deep/größe & more.txt", "large.bin"):
        assert (tmp_path / "back" / name).read_bytes() == (here / name).read_bytes()
    head = aws("s3api", "head-object", "--bucket", bucket, "--key", "index.html")
    assert head["ContentType"] == "text/html"
    url = aws("s3", "presign", f"s3://{bucket}/index.html").strip()
    assert httpx.get(url).text == "<h1>hello</h1>"
    assert "NoSuchBucket" in refused("s3", "ls", f"s3://{bucket}-absent")
    assert "(404)" in refused("s3", "cp", f"s3://{bucket}/absent", "x")
    assert "BucketNotEmpty" in refused("s3", "rb", f"s3://{bucket}")
    assert aws("s3", "rm", f"s3://{bucket}", "--recursive").count("delete:") == 3
    assert "remove_bucket" in aws("s3", "rb", f"s3://{bucket}")


def test_a_topic_into_a_queue(aws: Aws, refused: Any, fresh_name: Any) -> None:
    name = fresh_name("saves")
    url = aws("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                 "Action": "sqs:SendMessage", "Resource": arn}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("sqs", "set-queue-attributes", "--queue-url", url,
        "--attributes", json.dumps({"Policy": policy}))  # fmt: skip
    topic = aws("sns", "create-topic", "--name", name)["TopicArn"]
    aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs",
        "--notification-endpoint", arn, "--attributes", "RawMessageDelivery=true")  # fmt: skip
    aws("sns", "publish", "--topic-arn", topic, "--message", "a save")
    found = aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "20")
    assert [message["Body"] for message in found["Messages"]] == ["a save"]
    complaint = refused("sns", "publish", "--topic-arn", f"{topic}-absent", "--message", "m")
    assert "(NotFound) when calling the Publish operation" in complaint
    complaint = refused("sqs", "get-queue-url", "--queue-name", f"{name}-absent")
    assert "NonExistentQueue" in complaint or "QueueDoesNotExist" in complaint


def test_a_function(aws: Aws, refused: Any, tmp_path: Path, fresh_name: Any) -> None:
    name = fresh_name("fn")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}]}  # fmt: skip
    role = aws("iam", "create-role", "--role-name", name,
               "--assume-role-policy-document", json.dumps(trust))["Role"]["Arn"]  # fmt: skip
    source = "def handler(event, context):\n    print('seen')\n    return event['n'] * 2\n"
    (tmp_path / "code.zip").write_bytes(zipped({"main.py": source}))
    made = aws("lambda", "create-function", "--function-name", name, "--runtime", "python3.11",
               "--role", role, "--handler", "main.handler",
               "--zip-file", "fileb://code.zip")  # fmt: skip
    assert made["State"] == "Active"
    aws("lambda", "wait", "function-active-v2", "--function-name", name)
    told = aws("lambda", "invoke", "--function-name", name, "--payload", '{"n": 21}', "out.json")
    assert told["StatusCode"] == 200
    assert json.loads((tmp_path / "out.json").read_text()) == 42
    told = aws("lambda", "invoke", "--function-name", name, "--payload", "{}", "out.json")
    assert told["FunctionError"] == "Unhandled"
    assert json.loads((tmp_path / "out.json").read_text())["errorType"] == "KeyError"
    complaint = refused("lambda", "invoke", "--function-name", f"{name}-absent", "out.json")
    assert "(ResourceNotFoundException) when calling the Invoke operation" in complaint
    assert f"{name}-absent" in complaint


def test_speech_into_a_file(aws: Aws, refused: Any, tmp_path: Path) -> None:
    told = aws("polly", "synthesize-speech", "--voice-id", "Tone", "--output-format", "mp3",
               "--text", "Good morning.", "hello.mp3")  # fmt: skip
    assert told["ContentType"] == "audio/mpeg"
    assert told["RequestCharacters"] in ("13", 13)
    sound = (tmp_path / "hello.mp3").read_bytes()
    assert len(sound) > 1000
    assert sound[:3] == b"ID3" or sound[0] == 0xFF
    complaint = refused("polly", "synthesize-speech", "--voice-id", "Tone", "--output-format",
                        "mp3", "--text-type", "ssml", "--text", "<speak><p></speak>",
                        "x.mp3")  # fmt: skip
    assert "(InvalidSsmlException) when calling the SynthesizeSpeech operation" in complaint


def test_people_roles_and_parameters(
    server: RunningServer, aws: Aws, refused: Any, fresh_name: Any
) -> None:
    name = fresh_name("reporter")
    user = aws("iam", "create-user", "--user-name", name)["User"]
    assert user["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    assert "(EntityAlreadyExists)" in refused("iam", "create-user", "--user-name", name)
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    theirs = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    who = aws("sts", "get-caller-identity", **theirs)
    assert who["Arn"] == user["Arn"]
    parameter = f"/{name}/place"
    aws("ssm", "put-parameter", "--name", parameter, "--value", "home", "--type", "String")
    complaint = refused("ssm", "get-parameter", "--name", parameter, **theirs)
    assert complaint.endswith(
        "An error occurred (AccessDeniedException) when calling the GetParameter operation: "
        f"User: {user['Arn']} is not authorized to perform: ssm:GetParameter on resource: "
        f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter{parameter} "
        "because no identity-based policy allows the ssm:GetParameter action"
    )
    statement = {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = aws("iam", "create-role", "--role-name", name,
               "--assume-role-policy-document", trust)["Role"]["Arn"]  # fmt: skip
    aws("iam", "attach-role-policy", "--role-name", name,
        "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")  # fmt: skip
    made = aws("sts", "assume-role", "--role-arn", role, "--role-session-name", "desk",
               **theirs)["Credentials"]  # fmt: skip
    session = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }
    value = aws("ssm", "get-parameter", "--name", parameter, "--query", "Parameter.Value",
                "--output", "text", **session)  # fmt: skip
    assert value.strip() == "home"
    wrong = {**theirs, "AWS_SECRET_ACCESS_KEY": "x" * 40}
    assert "(SignatureDoesNotMatch)" in refused("sts", "get-caller-identity", **wrong)


def test_metrics(aws: Aws, fresh_name: Any) -> None:
    space = fresh_name("Space")
    for value in ("1", "3"):
        aws("cloudwatch", "put-metric-data", "--namespace", space, "--metric-name", "saves",
            "--value", value, "--dimensions", "desk=news")  # fmt: skip
    (metric,) = aws("cloudwatch", "list-metrics", "--namespace", space)["Metrics"]
    assert metric["Dimensions"] == [{"Name": "desk", "Value": "news"}]


def test_what_is_not_there_says_so(refused: Any) -> None:
    complaint = refused("polly", "delete-lexicon", "--name", "absent")
    assert "(LexiconNotFoundException)" in complaint
    complaint = refused("iam", "list-organizations-features")
    assert "(NotImplemented)" in complaint
    assert "ListOrganizationsFeatures" in complaint
