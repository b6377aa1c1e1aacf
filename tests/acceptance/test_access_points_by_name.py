"""Access points by ARN with the AWS CLI as it is, where names resolve and where they do not."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serving import ACCOUNT, RunningServer

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(params=["names below localhost", "the server as the proxy"])
def environment(request: pytest.FixtureRequest, server: RunningServer) -> dict[str, str]:
    """What a shell sets."""
    if "proxy" in request.param:
        return {**server.environment(), "HTTP_PROXY": server.endpoint}
    try:
        socket.getaddrinfo("name.localhost", 80)
    except OSError:
        pytest.skip("names below localhost do not resolve here; libnss-myhostname makes them")
    port = urlsplit(server.endpoint).port
    return {**server.environment(), "AWS_ENDPOINT_URL": f"http://localhost:{port}"}


def test_the_cli_reads_and_writes_by_arn(
    environment: dict[str, str], server: RunningServer, tmp_path: Path,
    fresh_name: Callable[..., str],
) -> None:  # fmt: skip
    bucket, name = fresh_name("bucket"), fresh_name("door")
    server.client("s3").create_bucket(Bucket=bucket)
    (tmp_path / "note.txt").write_text("hello")

    def aws(*words: str) -> str:
        done = subprocess.run(
            [str(AWS), *words], env=environment, cwd=tmp_path, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    arn = aws("s3control", "create-access-point", "--account-id", ACCOUNT, "--name", name,
              "--bucket", bucket, "--query", "AccessPointArn", "--output", "text").strip()  # fmt: skip
    assert arn == f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/{name}"
    aws("s3", "cp", "note.txt", f"s3://{arn}/notes/1.txt")
    assert "notes/1.txt" in aws("s3", "ls", "--recursive", f"s3://{arn}")
    aws("s3api", "get-object", "--bucket", arn, "--key", "notes/1.txt", "back.txt")
    assert (tmp_path / "back.txt").read_text() == "hello"
