"""How commands find the server: the shell's AWS_ variables first, else the data directory's."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import NoCredentialsError

import inhouse

if TYPE_CHECKING:
    import boto3


def aws_session(data: Path) -> boto3.Session:
    """The user's own AWS environment if it names an endpoint or a profile, else the local admin.

    So that `inhouse narration deploy` works on AWS itself, too. An endpoint that is an address has
    no names below it, such as S3 Control wants them; its session asks for none.
    """
    import boto3

    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if _address(endpoint):
        return _by_address(endpoint)
    if any(
        os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")
    ):
        return boto3.Session(
            region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        )
    return inhouse.session(data=data)


def _address(endpoint: str) -> bool:
    url = urlsplit(endpoint)
    if url.hostname == "localhost":
        return url.port is not None
    try:
        ip_address(url.hostname or "")
    except ValueError:
        return False
    return url.port is not None


def _by_address(endpoint: str) -> boto3.Session:
    import boto3

    own = boto3.Session()
    keys = own.get_credentials()
    if keys is None:
        raise NoCredentialsError
    frozen = keys.get_frozen_credentials()
    return inhouse.session(
        endpoint,
        aws_access_key_id=frozen.access_key,
        aws_secret_access_key=frozen.secret_key,
        aws_session_token=frozen.token,
        region_name=os.environ.get("AWS_REGION") or own.region_name,
        verify=os.environ.get("AWS_CA_BUNDLE"),
    )
