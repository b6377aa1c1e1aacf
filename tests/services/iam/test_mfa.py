"""IAM and STS through boto3: virtual MFA devices, with codes as a phone shows them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.services.iam import attempts, totp
from inhouse.services.iam.qr import png
from tests.services.iam.asking import allow, refused
from tests.serving import ACCOUNT

RFC_SEED = b"12345678901234567890"


class Phone:
    """Shows the codes of a device; a server takes each once, so it goes on to the next."""

    def __init__(self, made: Any) -> None:
        self.serial = made["VirtualMFADevice"]["SerialNumber"]
        self.seed = base64.b32decode(made["VirtualMFADevice"]["Base32StringSeed"])
        self.period = totp.step(time.time()) - 1

    def code(self, period: int | None = None) -> str:
        return totp.code(self.seed, self.period if period is None else period)

    def two(self) -> dict[str, str]:
        first = self.code()
        self.period += 1
        return {"AuthenticationCode1": first, "AuthenticationCode2": self.code()}

    def next(self) -> dict[str, str]:
        self.period += 1
        return {"SerialNumber": self.serial, "TokenCode": self.code()}


@pytest.fixture
def owner(iam: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]) -> Any:
    """A user with a device in use: `owner.phone`, `owner.client("sts")`."""
    name = fresh_name("mfa")
    iam.create_user(UserName=name)
    phone = Phone(iam.create_virtual_mfa_device(VirtualMFADeviceName=name))
    iam.enable_mfa_device(UserName=name, SerialNumber=phone.serial, **phone.two())
    return SimpleNamespace(name=name, phone=phone, client=lambda service: as_user(name, service))


def credentials(answer: Any) -> dict[str, str]:
    made = answer["Credentials"]
    return {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code(RFC_SEED, totp.step(seconds)) == code


def test_a_code_fits_near_its_period_and_once() -> None:
    at = 1000
    early, late = totp.code(RFC_SEED, at - 1), totp.code(RFC_SEED, at + 2)
    assert totp.fits(RFC_SEED, early, at, around=1) == at - 1
    assert totp.fits(RFC_SEED, early, at, around=1, after=at - 1) is None
    assert totp.fits(RFC_SEED, late, at, around=1) is None
    assert totp.consecutive(RFC_SEED, totp.code(RFC_SEED, at + 1), late, at, around=5) == at + 2
    assert totp.consecutive(RFC_SEED, late, early, at, around=5) is None


@pytest.mark.parametrize("size", [1, 17, 100, 300, 858])
def test_the_picture_reads_as_it_was_written(size: int) -> None:
    cv2, numpy = pytest.importorskip("cv2"), pytest.importorskip("numpy")
    text = ("otpauth://totp/" + "abcdefghij" * 90)[:size]
    picture = cv2.imdecode(numpy.frombuffer(png(text.encode()), numpy.uint8), 0)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == text


def test_a_picture_has_its_limits() -> None:
    with pytest.raises(ValueError, match="859"):
        png(b"x" * 859)


def test_a_device_is_made_enabled_and_removed(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("device")
    iam.create_user(UserName=name)
    made = iam.create_virtual_mfa_device(
        VirtualMFADeviceName=name, Path="/phones/", Tags=[{"Key": "a", "Value": "b"}]
    )
    device, phone = made["VirtualMFADevice"], Phone(made)
    assert device["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/phones/{name}"
    assert len(device["Base32StringSeed"]) == 64
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    with refused(
        "EntityAlreadyExists", "MFADevice entity at the same path and name already exists."
    ):
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name, Path="/phones/")
    other = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    assert other["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/{name}"
    assert iam.list_mfa_devices(UserName=name)["MFADevices"] == []
    use = {"UserName": name, "SerialNumber": phone.serial}
    with refused("InvalidAuthenticationCode", "two codes"):
        iam.enable_mfa_device(**use, AuthenticationCode1="000000", AuthenticationCode2="000000")
    iam.enable_mfa_device(**use, **phone.two())
    with refused("EntityAlreadyExists", "MFA Device is already in use."):
        iam.enable_mfa_device(**use, **phone.two())
    (held,) = iam.list_mfa_devices(UserName=name)["MFADevices"]
    assert (held["UserName"], held["SerialNumber"]) == (name, phone.serial)
    assert (datetime.now(UTC) - held["EnableDate"]).total_seconds() < 600
    assert iam.get_mfa_device(SerialNumber=phone.serial, UserName=name)["UserName"] == name
    assigned = iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Assigned")
    (found,) = [
        one
        for page in assigned
        for one in page["VirtualMFADevices"]
        if one["SerialNumber"] == phone.serial
    ]
    assert found["User"]["UserName"] == name
    iam.resync_mfa_device(**use, **phone.two())
    with refused("DeleteConflict", "MFA device"):
        iam.delete_user(UserName=name)
    with refused("DeleteConflict", "Must deactivate first"):
        iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    iam.deactivate_mfa_device(**use)
    with refused("NoSuchEntity", f"MFA Device with serial number {phone.serial} does not exist."):
        iam.deactivate_mfa_device(**use)
    unassigned = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned", MaxItems=1000)
    assert {"SerialNumber": phone.serial} in unassigned["VirtualMFADevices"]
    assert iam.list_mfa_device_tags(SerialNumber=phone.serial)["Tags"][0]["Key"] == "a"
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    gone = f"VirtualMFADevice with serial number {phone.serial} doesn't exist."
    with refused("NoSuchEntity", gone):
        iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    with refused("NoSuchEntity", "GAHT12345678"):
        iam.enable_mfa_device(
            UserName=name,
            SerialNumber="GAHT12345678",
            AuthenticationCode1="123456",
            AuthenticationCode2="654321",
        )


def test_a_session_with_mfa_may_do_more(
    iam: Any, owner: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    recent = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "300"},
    }
    document = allow("iam:ListUsers", "ssm:DescribeParameters", Condition=recent)
    iam.put_user_policy(UserName=owner.name, PolicyName="p", PolicyDocument=document)
    sts = owner.client("sts")
    with refused("AccessDeniedException"):
        owner.client("ssm").describe_parameters()
    plain = credentials(sts.get_session_token())
    with refused("AccessDeniedException"):
        client("ssm", **plain).describe_parameters()
    proof = owner.phone.next()
    proven = credentials(sts.get_session_token(**proof))
    client("ssm", **proven).describe_parameters()
    client("iam", **proven).list_users()
    with refused("AccessDenied", "with invalid MFA one time pass code"):
        sts.get_session_token(**proof)  # a code is good for once
    with refused("AccessDenied", "verify your MFA serial number"):
        sts.get_session_token(SerialNumber=f"{owner.phone.serial}x", TokenCode="123456")


def test_a_role_may_ask_for_mfa(
    iam: Any, owner: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{owner.name}"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": statement})
    name = fresh_name("guarded")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    document = allow("iam:ListUsers", Condition=condition)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    ask = {"RoleArn": role, "RoleSessionName": "night"}
    sts = owner.client("sts")
    with refused("AccessDenied", "sts:AssumeRole"):
        sts.assume_role(**ask)
    with refused("AccessDenied", "with invalid MFA one time pass code"):
        sts.assume_role(**ask, SerialNumber=owner.phone.serial, TokenCode="000000")
    proof = owner.phone.next()
    client("iam", **credentials(sts.assume_role(**ask, **proof))).list_users()
    with refused("AccessDenied", "one time pass code"):
        sts.assume_role(**ask, **proof)


def test_codes_cannot_be_tried_at_will(owner: Any) -> None:
    sts = owner.client("sts")
    for wrong in range(attempts.MOST):
        with refused("AccessDenied", "one time pass code"):
            sts.get_session_token(SerialNumber=owner.phone.serial, TokenCode=f"{wrong:06d}")
    with refused("AccessDenied", "one time pass code"):
        sts.get_session_token(**owner.phone.next())


def test_a_device_rests_after_wrong_codes_and_wakes() -> None:
    clock: Any = SimpleNamespace(at=1000.0)
    clock.steady = lambda: clock.at
    tries = attempts.Attempts(clock)
    for _ in range(attempts.MOST):
        assert not tries.rests("phone")
        tries.note("phone", right=False)
    assert tries.rests("phone")
    assert not tries.rests("other")
    clock.at += attempts.REST
    assert not tries.rests("phone")
    tries.note("phone", right=False)
    tries.note("phone", right=True)
    for _ in range(attempts.MOST - 1):
        tries.note("phone", right=False)
    assert not tries.rests("phone")


def test_anothers_device_proves_nothing(
    iam: Any, owner: Any, as_user: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    name = fresh_name("thief")
    iam.create_user(UserName=name)
    with refused("AccessDenied", "verify your MFA serial number"):
        as_user(name, "sts").get_session_token(**owner.phone.next())
