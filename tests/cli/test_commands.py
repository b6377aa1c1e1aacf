"""The command line as a subprocess, the AWS CLI included."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import inhouse
from tests.serving import ACCOUNT, KEY_ID, SECRET, RunningServer
from tests.waiting import PATIENCE

BIN = Path(sys.executable).parent


def run(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "INHOUSE_"))}
    return subprocess.run(
        [sys.executable, "-m", "inhouse.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment or plain,
    )


def test_version_and_help() -> None:
    assert run("--version").stdout.strip() == inhouse.__version__
    shown = run("--help")
    assert shown.returncode == 0
    for command in ("serve", "env", "doctor", "logs", "access", "narration", "demo", "voices"):
        assert command in shown.stdout


@pytest.mark.parametrize("command", ["env", "logs", "serve"])
def test_commands_do_not_wait_for_what_others_need(command: str) -> None:
    """Importing boto3 and the speech engine takes longer than `inhouse env` itself."""
    source = (
        "import sys\nfrom typer.main import get_command\nfrom inhouse.cli.main import app\n"
        f"get_command(app).commands[{command!r}]\n"
        "print({'boto3', 'httpx', 'inhouse.engines', 'inhouse.solutions'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_env_prints_exports_and_json(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server()
    exports = run("env", "--data", str(server.data)).stdout
    assert f"export AWS_ENDPOINT_URL={server.endpoint}" in exports
    assert f"export AWS_ACCESS_KEY_ID={KEY_ID}" in exports
    found = json.loads(run("env", "--data", str(server.data), "--json").stdout)
    assert found["AWS_SECRET_ACCESS_KEY"] == SECRET
    assert (server.data / "credentials.json").stat().st_mode & 0o077 == 0


def test_env_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    done = run("env", "--data", str(tmp_path))
    assert done.returncode == 3
    assert "inhouse serve --data" in done.stderr


def test_two_servers_on_one_data_directory(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server()
    done = run("serve", "--data", str(server.data), "--port", "0")
    assert done.returncode == 1
    assert "in use by another inhouse server" in done.stderr


def test_a_port_that_is_taken(server: RunningServer, tmp_path: Path) -> None:
    port = server.endpoint.rpartition(":")[2]
    done = run("serve", "--data", str(tmp_path), "--port", port)
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_make_no_sense() -> None:
    done = run("serve", "--port", "99999")
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_server_leaves_well(durable_server: Callable[..., RunningServer]) -> None:
    server = durable_server()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0
    assert not (server.data / "server.json").exists()
    assert "Traceback" not in server.log


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    from tests import serving

    found = []
    for _ in range(2):
        with serving.start(tmp_path, "--data", str(tmp_path / "d"), KEYLESS="1") as server:
            found.append(json.loads((server.data / "credentials.json").read_text()))
    assert found[0] == found[1]


def test_doctor_tells_what_there_is(server: RunningServer) -> None:
    done = run("doctor", "--data", str(server.data), "--json")
    findings = {one["what"]: one["state"] for one in json.loads(done.stdout)}
    assert findings["Python"] == "ok"
    assert findings["Server"] == "ok"
    assert done.returncode == 0


def test_access_explain_shows_the_statement(
    server: RunningServer, client: Callable, fresh_name: Callable[..., str]
) -> None:
    iam, user = client("iam"), fresh_name("reader")
    iam.create_user(UserName=user)
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
    }
    iam.put_user_policy(UserName=user, PolicyName="reads", PolicyDocument=json.dumps(policy))
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user}"
    environment = server.environment()
    allowed = run(
        "access", "explain", arn, "s3:GetObject", "arn:aws:s3:::b/k", environment=environment
    )
    assert allowed.returncode == 0, allowed.stderr
    assert "allowed" in allowed.stdout
    assert '"Action": "s3:Get*"' in allowed.stdout
    denied = run(
        "access", "explain", arn, "s3:PutObject", "arn:aws:s3:::b/k", environment=environment
    )
    assert denied.returncode == 1
    assert "is not authorized to perform: s3:PutObject" in denied.stdout
    assert "no match: action" in denied.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["sts", "get-caller-identity"],
        ["s3", "mb", "s3://{bucket}"],
        ["ssm", "put-parameter", "--name", "/{bucket}", "--value", "v", "--type", "String"],
        ["sns", "create-topic", "--name", "{bucket}"],
        ["cloudwatch", "list-metrics"],
    ],
)
def test_the_aws_cli_works_unchanged(
    server: RunningServer, fresh_name: Callable[..., str], command: list[str]
) -> None:
    done = subprocess.run(
        [str(BIN / "aws"), *(part.format(bucket=fresh_name("cli")) for part in command)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=server.environment(),
    )
    assert done.returncode == 0, done.stderr


def test_the_python_session_needs_no_dns(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    from botocore.config import Config

    s3 = server.session().client("s3", config=Config(s3={"addressing_style": "virtual"}))
    bucket = fresh_name("virtual")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"over a virtual host")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"over a virtual host"
