"""How commands reach a server that the shell names by its address."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError

from inhouse.cli.clients import aws_session
from tests.serving import RunningServer


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without anything of AWS."""
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


def test_names_below_the_address_need_not_resolve(
    shell: pytest.MonkeyPatch, server: RunningServer, tmp_path: Path
) -> None:
    for name, value in server.environment().items():
        if name.startswith("AWS_"):
            shell.setenv(name, value)
    session = aws_session(tmp_path)
    account = session.client("sts").get_caller_identity()["Account"]
    found = session.client("s3control").list_access_points(AccountId=account)
    assert "AccessPointList" in found


def test_an_address_without_keys(shell: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shell.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:8420")
    with pytest.raises(NoCredentialsError):
        aws_session(tmp_path)


def test_a_name_is_left_to_boto3(shell: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shell.setenv("AWS_ENDPOINT_URL", "https://inhouse.example.com")
    shell.setenv("AWS_REGION", "eu-central-1")
    assert aws_session(tmp_path).client("sts").meta.endpoint_url == "https://inhouse.example.com"
