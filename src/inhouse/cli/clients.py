"""How commands find the server: the shell's AWS_ variables first, else the data directory's."""

from __future__ import annotations

import os
from pathlib import Path

import boto3

import inhouse


def aws_session(data: Path) -> boto3.Session:
    """The user's own AWS environment if it names an endpoint or a profile, else the local admin.

    So that `inhouse narration deploy` works on AWS itself, too.
    """
    if any(
        os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_ACCESS_KEY_ID")
    ):
        return boto3.Session(
            region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        )
    return inhouse.session(data=data)
