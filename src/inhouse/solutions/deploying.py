"""What every solution deploys: roles, functions and the packages of their code.

Each function returns what it did, or None when everything was as it should be.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import boto3

_EPOCH = (1980, 1, 1, 0, 0, 0)
_ABSENT = frozenset(
    {"404", "NoSuchBucket", "NoSuchKey", "NotFound", "NoSuchEntity", "ParameterNotFound",
     "ResourceNotFoundException", "NotFoundException", "QueueDoesNotExist", "NoSuchAccessPoint",
     "NoSuchAccessPointPolicy",
     "AWS.SimpleQueueService.NonExistentQueue"}
)  # fmt: skip
ROLE_PATIENCE = 60.0
"""Seconds that a role which was just made may take to be assumable."""


def existing(ask: Callable[..., Any], **members: Any) -> Any:
    """The answer, or None when what is asked about does not exist."""
    try:
        return ask(**members)
    except ClientError as error:
        if error.response["Error"]["Code"] in _ABSENT:
            return None
        raise


def s3_control(session: boto3.Session) -> Any:
    """A client of S3 Control, which puts the account before its host for AWS alone."""
    client = session.client("s3control")
    if not urlsplit(client.meta.endpoint_url).netloc.endswith(".amazonaws.com"):
        client.meta.events.register("before-sign.s3-control", _without_account)
    return client


def _without_account(request: Any, **_: Any) -> None:
    parts = urlsplit(request.url)
    account, _dot, host = parts.netloc.partition(".")
    if len(account) == 12 and account.isdigit():
        request.url = urlunsplit(parts._replace(netloc=host))


def role(
    iam: Any, name: str, trust: Mapping[str, Any], policy: Mapping[str, Any], policy_name: str
) -> tuple[str, str | None]:
    """The role's ARN and what was done."""
    found = existing(iam.get_role, RoleName=name)
    if found is None:
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"][
            "Arn"
        ]
    else:
        arn = found["Role"]["Arn"]
        held = existing(iam.get_role_policy, RoleName=name, PolicyName=policy_name)
        if held is not None and held["PolicyDocument"] == policy:
            return arn, None
    iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=json.dumps(policy))
    return arn, f"{'created' if found is None else 'updated'} role {name}"


def function(client: Any, settings: Mapping[str, Any], package: bytes) -> str | None:
    """`settings` are the members of CreateFunction but for the code."""
    name = settings["FunctionName"]
    found = existing(client.get_function, FunctionName=name)
    if found is None:
        _patiently(lambda: client.create_function(**settings, Code={"ZipFile": package}))
        client.get_waiter("function_active_v2").wait(FunctionName=name)
        return f"created function {name}"
    held = found["Configuration"]
    changed = False
    if held["CodeSha256"] != base64.b64encode(hashlib.sha256(package).digest()).decode():
        client.update_function_code(FunctionName=name, ZipFile=package)
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        changed = True
    if any(_held(held, member) != wanted for member, wanted in settings.items()):
        _patiently(lambda: client.update_function_configuration(**settings))
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        changed = True
    return f"updated function {name}" if changed else None


def _held(configuration: Mapping[str, Any], member: str) -> Any:
    value = configuration.get(member)
    if member == "Layers":
        return [layer["Arn"] for layer in value or ()]
    return value


def _patiently(act: Callable[[], object]) -> None:
    """Retries while a new role is not known everywhere yet."""
    until = time.monotonic() + ROLE_PATIENCE
    while True:
        try:
            act()
        except ClientError as error:
            problem = error.response["Error"]
            young = problem["Code"] == "InvalidParameterValueException" and "role" in (
                problem["Message"].casefold()
            )
            if not young or time.monotonic() > until:
                raise
            time.sleep(2)
        else:
            return


def package(folder: Path, name: str) -> bytes:
    """A zip with the folder's modules as the Python package `name`: the same code, the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.py")):
            entry = zipfile.ZipInfo(f"{name}/{path.name}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return out.getvalue()
