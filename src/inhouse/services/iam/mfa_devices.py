"""Virtual MFA devices: made, enabled for a user, brought in step.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.iam import (
    answers,
    devices,
    entities,
    names,
    pages,
    resource_rows,
    resources,
    rows,
    targets,
)
from inhouse.services.iam.changing import changes
from inhouse.services.iam.qr import png

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

DEVICES = 8
"""Devices a user may have."""
_SEED_BYTES = 40
_NEW = targets.of_new_resource(devices.KIND, "VirtualMFADeviceName")


class MfaDevices:
    """CreateVirtualMFADevice and its kin."""

    @changes("iam:CreateVirtualMFADevice", _NEW, keys=targets.tag_keys)
    def create_virtual_mfa_device(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name = req["VirtualMFADeviceName"]
        if devices.of(call.tx, call.account, _NEW(call, req)) is not None:
            raise names.exists("MFADevice entity at the same path and name already exists.")
        seed = base64.b32encode(secrets.token_bytes(_SEED_BYTES)).decode()
        row = resources.make(
            call,
            devices.KIND,
            f"{req.get('Path', '/')}{name}"[1:],
            {"Tags": req.get("Tags", ())},
            prefix="AMFA",
            seed=seed,
        )
        account = rows.account(call.tx, call.account)
        label = (account["alias"] if account is not None else None) or call.account
        uri = f"otpauth://totp/{quote(f'{name}@{label}')}?secret={seed}&issuer=Amazon%20Web%20Services"
        device = {
            "SerialNumber": resource_rows.arn(row),
            "Base32StringSeed": seed.encode(),
            "QRCodePNG": png(uri.encode()),
        }
        if resources.tags(row):
            device["Tags"] = resources.tags(row)
        return {"VirtualMFADevice": device}

    @changes("iam:EnableMFADevice", targets.of_self_or_user)
    def enable_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        owner, _ = _holder(call, req)
        row = devices.found(call.tx, call.account, req["SerialNumber"])
        if row["owner"] is not None:
            raise names.exists("MFA Device is already in use.")
        if len(resource_rows.owned(call.tx, owner, devices.KIND)) >= DEVICES:
            raise names.too_many("MFADevicesPerUser", DEVICES)
        known = _synchronized(call, row, req)
        enabled = {**known, "enabled": call.house.clock.time()}
        resource_rows.change(call.tx, row, owner=owner, details=enabled)

    @changes("iam:ResyncMFADevice", targets.of_self_or_user)
    def resync_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _enabled(call, req)
        resource_rows.change(call.tx, row, details=_synchronized(call, row, req))

    @changes("iam:DeactivateMFADevice", targets.of_self_or_user)
    def deactivate_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.change(call.tx, _enabled(call, req), owner=None)

    @changes("iam:DeleteVirtualMFADevice", targets.of_serial)
    def delete_virtual_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        serial = req["SerialNumber"]
        row = devices.of(call.tx, call.account, serial)
        if row is None:
            raise names.not_found(f"VirtualMFADevice with serial number {serial} doesn't exist.")
        if row["owner"] is not None:
            raise ServiceError(
                "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", status=409
            )
        resource_rows.drop(call.tx, row)

    @reads("iam:ListMFADevices", targets.of_self_or_user)
    def list_mfa_devices(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        owner, name = _holder(call, req)
        found = resource_rows.owned(call.tx, owner, devices.KIND)
        page, more = pages.page(sorted(found, key=entities.by_name), req, entities.by_name)
        return {"MFADevices": [{"UserName": name, **_shown(row)} for row in page], **more}

    @reads("iam:GetMFADevice", targets.of_self_or_user)
    def get_mfa_device(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = devices.found(call.tx, call.account, req["SerialNumber"])
        if "UserName" in req and row["owner"] != _holder(call, req)[0]:
            raise devices.missing(req["SerialNumber"])
        user = rows.entity_by_id(call.tx, row["owner"]) if row["owner"] else None
        return {**({"UserName": user["name"]} if user is not None else {}), **_shown(row)}

    @reads("iam:ListVirtualMFADevices", targets.of_all(devices.KIND))
    def list_virtual_mfa_devices(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        wanted = req.get("AssignmentStatus", "Any")
        found = [
            row
            for row in resource_rows.of_kind(call.tx, call.account, devices.KIND)
            if wanted == "Any" or (wanted == "Assigned") == (row["owner"] is not None)
        ]
        page, more = pages.page(found, req, entities.by_name)
        return {"VirtualMFADevices": [_with_user(call, row) for row in page], **more}

    @changes("iam:TagMFADevice", targets.of_serial, keys=targets.tag_keys)
    def tag_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.tag(call, devices.found(call.tx, call.account, req["SerialNumber"]), req)

    @changes("iam:UntagMFADevice", targets.of_serial, keys=targets.tag_keys)
    def untag_mfa_device(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.untag(call, devices.found(call.tx, call.account, req["SerialNumber"]), req)

    @reads("iam:ListMFADeviceTags", targets.of_serial)
    def list_mfa_device_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return resources.list_tags(devices.found(call.tx, call.account, req["SerialNumber"]), req)


def _holder(call: Call, req: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name of the user whose devices are meant; the account's number for its root user."""
    if "UserName" not in req and call.principal.kind == "root":
        return call.account, call.account
    user = entities.find(call, "user", targets.user_name(call, req))
    return user["id"], user["name"]


def _enabled(call: Call, req: Mapping[str, Any]) -> Row:
    """The device, enabled for the user that the request names."""
    owner, _ = _holder(call, req)
    row = devices.found(call.tx, call.account, req["SerialNumber"])
    if row["owner"] != owner:
        raise devices.missing(req["SerialNumber"])
    return row


def _synchronized(call: Call, row: Row, req: Mapping[str, Any]) -> dict[str, Any]:
    codes = req["AuthenticationCode1"], req["AuthenticationCode2"]
    known = devices.synchronized(row, *codes, call.house.clock.time())
    if known is None:
        raise ServiceError(
            "InvalidAuthenticationCode",
            "Authentication code for device is not valid: give two codes that the device showed "
            "one after the other.",
            status=403,
        )
    return known


def _shown(row: Row) -> dict[str, Any]:
    facts = {"SerialNumber": resource_rows.arn(row)}
    if row["owner"] is None:
        return facts
    return {**facts, "EnableDate": answers.date(resource_rows.details(row)["enabled"])}


def _with_user(call: Call, row: Row) -> dict[str, Any]:
    shown = _shown(row)
    user = rows.entity_by_id(call.tx, row["owner"]) if row["owner"] else None
    return shown if user is None else {**shown, "User": answers.entity(call.tx, user, whole=False)}
