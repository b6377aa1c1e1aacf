"""The credential report: all users of an account, and what they sign with.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads
from inhouse.services.iam import answers, passwords, resource_rows, rows
from inhouse.services.iam.changing import changes
from inhouse.services.iam.login_profiles import KIND as PROFILE
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "credential-report"
HOLDS = 4 * 3600.0
"""Seconds until a report is too old."""
_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "password_next_rotation", "mfa_active",
    *(f"access_key_1_{one}" for one in _KEY), *(f"access_key_2_{one}" for one in _KEY),
    "cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip
_NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")


class CredentialReport:
    """GenerateCredentialReport and GetCredentialReport."""

    @changes("iam:GenerateCredentialReport", ANY)
    def generate_credential_report(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Written at once: `changes` has just put down when keys were last used.

        Told as on AWS: a first report has begun, one that holds is complete.
        """
        old = resource_rows.named(call.tx, call.account, KIND, KIND)
        holds = old is not None and call.house.clock.time() - old["created"] <= HOLDS
        if old is not None:
            resource_rows.drop(call.tx, old)
        resource_rows.add(
            call.tx,
            id=call.house.ids.unique("AREP"),
            account=call.account,
            kind=KIND,
            name=KIND,
            path="/",
            created=call.house.clock.time(),
            tags={},
            details={"content": _report(call)},
        )
        if holds:
            return {"State": "COMPLETE"}
        return {
            "State": "STARTED",
            "Description": "No report exists. Starting a new report generation task",
        }

    @reads("iam:GetCredentialReport", ANY)
    def get_credential_report(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = resource_rows.named(call.tx, call.account, KIND, KIND)
        if row is None:
            raise _gone("ReportNotPresent", "No report exists")
        if call.house.clock.time() - row["created"] > HOLDS:
            raise _gone("ReportExpired", "The report is older than four hours")
        return {
            "Content": resource_rows.details(row)["content"].encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": answers.date(row["created"]),
        }


def _gone(code: str, reason: str) -> ServiceError:
    return ServiceError(code, f"{reason}: call GenerateCredentialReport first.", status=410)


def _report(call: Call) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerow(_root(call))
    for user in rows.entity_page(call.tx, call.account, "user"):
        lines.writerow(_user(call, user))
    return text.getvalue()


def _root(call: Call) -> list[str]:
    account = rows.account(call.tx, call.account)
    created = _time(account["created"]) if account is not None else "N/A"
    mfa = bool(resource_rows.owned(call.tx, call.account, "mfa"))
    password = ["not_supported", "no_information", "not_supported", "not_supported"]
    return [
        "<root_account>",
        f"arn:aws:iam::{call.account}:root",
        created,
        *password,
        _flag(mfa),
        *_keys(call, ""),
        *("false", "N/A") * 2,
    ]


def _user(call: Call, user: Row) -> list[str]:
    mfa = bool(resource_rows.owned(call.tx, user["id"], "mfa"))
    return [
        user["name"],
        entity_arn(user),
        _time(user["created"]),
        *_password(call, user),
        _flag(mfa),
        *_keys(call, user["id"]),
        *_certificates(call, user),
    ]


def _password(call: Call, user: Row) -> tuple[str, ...]:
    """Enabled, last used, last changed, next rotation."""
    found = resource_rows.owned(call.tx, user["id"], PROFILE)
    if not found:
        return "false", "N/A", "N/A", "N/A"
    changed = resource_rows.details(found[0])["changed"]
    days = (passwords.policy(call.tx, call.account) or {}).get("MaxPasswordAge")
    rotation = _time(changed + days * 86_400) if days else "N/A"
    return "true", "no_information", _time(changed), rotation


def _keys(call: Call, user_id: str) -> Iterator[str]:
    kept = rows.keys_of(call.tx, call.account, user_id)
    for key in kept[:2]:
        yield _flag(key["status"] == "Active")
        yield _time(key["created"])
        yield _time(key["last_used"]) if key["last_used"] is not None else "N/A"
        yield key["last_region"] or "N/A"
        yield key["last_service"] or "N/A"
    for _ in range(2 - len(kept)):
        yield from _NO_KEY


def _certificates(call: Call, user: Row) -> Iterator[str]:
    kept = resource_rows.owned(call.tx, user["id"], "signing-certificate")
    for one in kept[:2]:
        yield _flag(resource_rows.details(one)["status"] == "Active")
        yield _time(one["created"])
    yield from ("false", "N/A") * (2 - len(kept))


def _time(seconds: float) -> str:
    return answers.date(seconds).isoformat()


def _flag(value: bool) -> str:
    return "true" if value else "false"
