"""What AssumeRole may be asked for, and what it makes of it.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import RoleFacts

    Keys = dict[str, str | list[str]]

CHAINED = 3_600
"""Seconds a session may last that another role's session opens."""
POLICY_CHARACTERS, POLICY_ARNS = 2048, 10
_PACKED = 4096
"""Characters that session policies and tags may have together: 100 per cent."""
_TRANSITIVE = "sts:TransitiveTagKeys"
_SOURCE = "aws:SourceIdentity"
MFA = "aws:MultiFactorAuthPresent"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Session policies, and how much of the packed size they and the tags take, in per cent."""

    policies: tuple[str, ...]
    packed: int | None


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)


def check_arn(arn: str) -> str:
    """`arn` where it reads as one. Raises ValidationError."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not all((parts[1], parts[2], parts[5])):
        raise invalid(f"{arn} is invalid")
    return arn


def shows_mfa(call: Call, req: Mapping[str, Any], *, spend: bool = False) -> bool:
    """Whether the request proves the caller's MFA device. Raises AccessDenied for a wrong code."""
    if "TokenCode" not in req and "SerialNumber" not in req:
        return False
    serial, code = req.get("SerialNumber", ""), req.get("TokenCode", "")
    fits = call.house.identities.mfa(call.tx, call.principal, serial, code, spend=spend)
    if fits is None:
        reason = (
            "unable to validate MFA code.  Please verify your MFA serial number is valid and "
            "associated with this user."
        )
    else:
        reason = "with invalid MFA one time pass code."
    if not fits:
        separator = ", " if fits is None else " "
        raise ServiceError(
            "AccessDenied", f"MultiFactorAuthentication failed{separator}{reason}", status=403
        )
    return True


def duration(call: Call, req: Mapping[str, Any], role: RoleFacts) -> int:
    """Seconds the session lasts."""
    seconds: int = req.get("DurationSeconds", 3600)
    if seconds > role.max_session_seconds:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            Detail=f"{seconds} is more than {role.max_session_seconds}.",
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
    if shows_mfa(call, req):
        found |= {MFA: "true", "aws:MultiFactorAuthAge": "0"}
    if "ExternalId" in req:
        found["sts:ExternalId"] = req["ExternalId"]
    source = req.get("SourceIdentity") or call.principal.context.get(_SOURCE)
    if source:
        found["sts:SourceIdentity"] = source
    found |= tag_keys(call, req)
    passed = [*_inherited(call), *req.get("TransitiveTagKeys", ())]
    if passed:
        found[_TRANSITIVE] = passed
    return found


def tag_keys(call: Call, req: Mapping[str, Any]) -> Keys:
    """`aws:RequestTag/…` and `aws:TagKeys` of the session tags that a request gives."""
    given = {tag["Key"]: tag["Value"] for tag in req.get("Tags", ())}
    found: Keys = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return found | {"aws:TagKeys": list(given)} if given else found


def session_tags(call: Call, req: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the new session: those given, and the calling session's transitive ones."""
    given = _checked(req.get("Tags", ()))
    lower = {key.lower() for key in given}
    for key in req.get("TransitiveTagKeys", ()):
        if key.lower() not in lower:
            raise _wrong("The specified transitive tag key must be included in the requested tags.")
    inherited = _inherited(call)
    for key in inherited:
        if key.lower() in lower:
            raise _wrong(
                "One of the specified transitive tag keys can't be set because it conflicts with a "
                "transitive tag key from the calling session."
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


def issued(call: Call, *, mfa: bool) -> Keys:
    """What every session knows of its beginning; the age of its MFA counts from there."""
    return {
        MFA: "true" if mfa else "false",
        "aws:TokenIssueTime": call.now.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def session_context(
    call: Call,
    passed: Sequence[str],
    tags: Mapping[str, str],
    source: str | None,
    *,
    mfa: bool = False,
) -> Keys:
    """Condition keys that the new session carries in all of its requests.

    `passed` are the keys of tags that the request makes transitive.
    """
    context = issued(call, mfa=mfa)
    if source:
        context[_SOURCE] = source
    lower = {key.lower() for key in (*_inherited(call), *passed)}
    transitive = [key for key in tags if key.lower() in lower]
    if transitive:
        context[_TRANSITIVE] = transitive
    return context


def narrowing(
    call: Call, req: Mapping[str, Any], account: str, tags: Sequence[Mapping[str, str]]
) -> Narrowing:
    """The session policies that a request names and spells out. `tags` count for the size."""
    arns = [one.get("arn", "") for one in req.get("PolicyArns", ())]
    text: str | None = req.get("Policy")
    if len(arns) > POLICY_ARNS:
        raise invalid(f"PolicyArns: at most {POLICY_ARNS} can be given, not {len(arns)}.")
    found = [_managed(call, arn, account) for arn in arns]
    if text is not None:
        try:
            Policy.parse(text, kind=PolicyKind.SESSION, name="session policy")
        except InvalidPolicy as problem:
            raise ServiceError(
                "MalformedPolicyDocument", problem.message, Detail=problem.where or None
            ) from None
        found.append(text)
    policies = len(text or "") + sum(map(len, arns))
    tagged = sum(len(tag["Key"]) + len(tag["Value"]) for tag in tags)
    packed = -(-100 * (policies + tagged) // _PACKED)
    if policies > POLICY_CHARACTERS or packed > 100:
        raise ServiceError(
            "PackedPolicyTooLarge",
            f"Packed policy consumes {max(packed, 100 * policies // POLICY_CHARACTERS)}% of "
            f"allotted space; policies may have {POLICY_CHARACTERS} characters together, with tags "
            f"{_PACKED}.",
        )
    return Narrowing(tuple(found), packed if policies or tagged else None)


def _managed(call: Call, arn: str, account: str) -> str:
    parts = arn.split(":")
    document = call.house.identities.managed_policy(call.tx, arn)
    if document is None or parts[4] not in ("aws", account):
        raise ServiceError(
            "ValidationError",
            f"PolicyArns: {arn!r} is no managed policy of account {account} or AWS.",
        )
    return document


def _inherited(call: Call) -> list[str]:
    """Keys of the calling session's tags that pass on to the next session."""
    passed = call.principal.context.get(_TRANSITIVE, [])
    return [key for key in passed if key in call.principal.tags]


def _checked(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in tags:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise _wrong(f"Tag key {key!r} is reserved: keys must not begin with aws:")
        if key.lower() in {known.lower() for known in found}:
            raise _wrong(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            )
        found[key] = tag["Value"]
    return found


def _wrong(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message, status=400)
