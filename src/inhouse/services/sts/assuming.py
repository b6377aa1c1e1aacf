"""What AssumeRole may be asked for, and what it makes of it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import RoleFacts

    Keys = dict[str, str | list[str]]

SHORTEST, LONGEST, CHAINED = 900, 43_200, 3_600
"""Seconds a role session may last; CHAINED when a role's session assumes another role."""
POLICY_CHARACTERS, POLICY_ARNS, TAGS = 2048, 10, 50
_PACKED = 4096
"""Characters that session policies and tags may have together: 100 per cent."""
_WORDS = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}").fullmatch
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}").fullmatch
_TRANSITIVE = "sts:TransitiveTagKeys"
_SOURCE = "aws:SourceIdentity"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Session policies, and how much of the packed size they and the tags take, in per cent."""

    policies: tuple[str, ...]
    packed: int | None


def invalid(member: str, value: object, right: str) -> ServiceError:
    shown = repr(value) if len(repr(value)) < 140 else f"{repr(value)[:140]}…"
    return ServiceError(
        "ValidationError", f"1 validation error detected: Value {shown} at '{member}': {right}"
    )


def check(req: Mapping[str, Any]) -> None:
    """Raises ValidationError for values that no role could accept."""
    if not _WORDS(req["RoleSessionName"]):
        raise invalid(
            "roleSessionName",
            req["RoleSessionName"],
            "use 2 to 64 letters, digits and characters of _+=,.@- only",
        )
    if "SourceIdentity" in req and not _WORDS(req["SourceIdentity"]):
        raise invalid("sourceIdentity", req["SourceIdentity"], "use 2 to 64 of [A-Za-z0-9_+=,.@-]")
    if "ExternalId" in req and not _EXTERNAL_ID(req["ExternalId"]):
        raise invalid("externalId", req["ExternalId"], "use 2 to 1224 of [A-Za-z0-9_+=,.@:/-]")
    if "TokenCode" in req or "SerialNumber" in req:
        raise no_mfa()


def no_mfa() -> ServiceError:
    return ServiceError(
        "AccessDenied",
        "MultiFactorAuthentication failed: this server knows no MFA devices.",
        status=403,
    )


def duration(call: Call, req: Mapping[str, Any], role: RoleFacts) -> int:
    """Seconds the session lasts."""
    seconds: int = req.get("DurationSeconds", 3600)
    if not SHORTEST <= seconds <= LONGEST:
        raise invalid("durationSeconds", seconds, f"use {SHORTEST} to {LONGEST}")
    if seconds > role.max_session_seconds:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role: "
            f"{seconds} is more than {role.max_session_seconds}.",
        )
    if call.principal.kind == "role" and seconds > CHAINED:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    return seconds


def keys(call: Call, req: Mapping[str, Any]) -> Keys:
    """The condition keys of the request, for AssumeRole, TagSession and SetSourceIdentity."""
    found: Keys = {"sts:RoleSessionName": req["RoleSessionName"]}
    if "ExternalId" in req:
        found["sts:ExternalId"] = req["ExternalId"]
    source = req.get("SourceIdentity") or call.principal.context.get(_SOURCE)
    if source:
        found["sts:SourceIdentity"] = source
    given = {tag["Key"]: tag["Value"] for tag in req.get("Tags", ())}
    for key, value in given.items():
        found[f"aws:RequestTag/{key}"] = value
    if given:
        found["aws:TagKeys"] = list(given)
    passed = [*_inherited(call), *req.get("TransitiveTagKeys", ())]
    if passed:
        found[_TRANSITIVE] = passed
    return found


def session_tags(call: Call, req: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the new session: those given, and the calling session's transitive ones."""
    given = _checked(req.get("Tags", ()))
    lower = {key.lower() for key in given}
    for key in req.get("TransitiveTagKeys", ()):
        if key.lower() not in lower:
            raise ServiceError(
                "ValidationError",
                f"The specified transitive tag key must be included in the requested tags: {key!r}",
            )
    inherited = _inherited(call)
    for key in inherited:
        if key.lower() in lower:
            raise ServiceError(
                "ValidationError",
                f"One of the specified session tags conflicts with a transitive tag from the "
                f"calling session: {key!r}",
            )
    return {**{key: call.principal.tags[key] for key in inherited}, **given}


def source_identity(call: Call, req: Mapping[str, Any]) -> str | None:
    """Set once, at the head of a chain of sessions; it cannot be changed further down."""
    own = call.principal.context.get(_SOURCE)
    given: str | None = req.get("SourceIdentity")
    if isinstance(own, str):
        if given not in (None, own):
            raise ServiceError(
                "AccessDenied",
                f"SourceIdentity {given!r}: the calling session has {own!r}, and it cannot change.",
                status=403,
            )
        return own
    return given


def session_context(
    call: Call, req: Mapping[str, Any], tags: Mapping[str, str], source: str | None
) -> Keys:
    """Condition keys that the new session carries in all of its requests."""
    context: Keys = {
        "aws:MultiFactorAuthPresent": "false",
        "aws:TokenIssueTime": call.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    if source:
        context[_SOURCE] = source
    lower = {key.lower() for key in (*_inherited(call), *req.get("TransitiveTagKeys", ()))}
    transitive = [key for key in tags if key.lower() in lower]
    if transitive:
        context[_TRANSITIVE] = transitive
    return context


def narrowing(call: Call, req: Mapping[str, Any], role: RoleFacts) -> Narrowing:
    """The session policies that a request names and spells out."""
    arns = [one.get("arn", "") for one in req.get("PolicyArns", ())]
    text: str | None = req.get("Policy")
    if len(arns) > POLICY_ARNS:
        raise invalid("policyArns", len(arns), f"at most {POLICY_ARNS} can be given")
    found = [_managed(call, arn, role) for arn in arns]
    if text is not None:
        try:
            Policy.parse(text, kind=PolicyKind.SESSION, name="session policy")
        except InvalidPolicy as problem:
            raise ServiceError("MalformedPolicyDocument", str(problem)) from None
        found.append(text)
    policies = len(text or "") + sum(map(len, arns))
    tags = sum(len(tag["Key"]) + len(tag["Value"]) for tag in req.get("Tags", ()))
    packed = -(-100 * (policies + tags) // _PACKED)
    if policies > POLICY_CHARACTERS or packed > 100:
        raise ServiceError(
            "PackedPolicyTooLarge",
            f"Packed policy consumes {max(packed, 100 * policies // POLICY_CHARACTERS)}% of "
            f"allotted space; policies may have {POLICY_CHARACTERS} characters together, with tags "
            f"{_PACKED}.",
        )
    return Narrowing(tuple(found), packed if policies or tags else None)


def _managed(call: Call, arn: str, role: RoleFacts) -> str:
    parts = arn.split(":")
    document = call.house.identities.managed_policy(call.tx, arn)
    if document is None or parts[4] not in ("aws", role.account):
        raise ServiceError(
            "ValidationError",
            f"PolicyArns: {arn!r} is no managed policy of account {role.account} or AWS.",
        )
    return document


def _inherited(call: Call) -> list[str]:
    """Keys of the calling session's tags that pass on to the next session."""
    passed = call.principal.context.get(_TRANSITIVE, [])
    return [key for key in passed if key in call.principal.tags]


def _checked(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tags:
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 128 or not _is_tag_text(key) or key.lower().startswith("aws:"):
            raise invalid("tags.key", key, "1 to 128 letters, digits, spaces, _.:/=+-@; not aws:…")
        if len(value) > 256 or not _is_tag_text(value):
            raise invalid("tags.value", value, "up to 256 letters, digits, spaces and _.:/=+-@")
        if key.lower() in {known.lower() for known in found}:
            raise ServiceError("ValidationError", f"Duplicate tag keys: {key!r} is given twice.")
        found[key] = value
    if len(found) > TAGS:
        raise invalid("tags", len(found), f"at most {TAGS} can be given")
    return found


def _is_tag_text(text: str) -> bool:
    return all(
        character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text
    )
