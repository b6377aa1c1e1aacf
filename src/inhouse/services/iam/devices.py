"""Virtual MFA devices as rows: whose they are, and which codes they accept.

Their names hold their paths, as serial numbers do: one name may be used under several paths.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from inhouse.services.iam import names, resource_rows, totp

if TYPE_CHECKING:
    from inhouse.core.errors import ServiceError
    from inhouse.core.ports import Row, Tx

KIND = "mfa"
DRIFT = 20
"""Periods that a device's clock may be away from ours when it is enabled or brought in step."""


def of(tx: Tx, account: str, serial: str) -> Row | None:
    """The device with a serial number, which is its ARN."""
    row = resource_rows.named(tx, account, KIND, serial.partition(f":{KIND}/")[2])
    return row if row is not None and resource_rows.arn(row) == serial else None


def found(tx: Tx, account: str, serial: str) -> Row:
    """Raises NoSuchEntity."""
    row = of(tx, account, serial)
    if row is None:
        raise missing(serial)
    return row


def missing(serial: str) -> ServiceError:
    return names.not_found(f"MFA Device with serial number {serial} does not exist.")


def synchronized(row: Row, first: str, second: str, now: float) -> dict[str, Any] | None:
    """What to remember of a device that showed two codes in a row; None when it did not."""
    at = totp.step(now)
    period = totp.consecutive(_seed(row), first, second, at, around=DRIFT)
    return None if period is None else {"drift": period - at, "used": period}


def accepts(tx: Tx, row: Row, code: str, now: float, *, spend: bool) -> bool:
    """Whether an enabled device shows `code`; one period early or late, and each code once."""
    known = resource_rows.details(row)
    at = totp.step(now) + known["drift"]
    period = totp.fits(_seed(row), code, at, around=1, after=known["used"])
    if period is not None and spend:
        resource_rows.change(tx, row, details={"used": period})
    return period is not None


def _seed(row: Row) -> bytes:
    return base64.b32decode(resource_rows.details(row)["seed"])
