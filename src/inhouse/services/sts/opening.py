"""Sessions opened, and told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import Credentials
    from inhouse.core.principal import Principal


def opened(
    call: Call, principal: Principal, seconds: int, packed: int | None, source: str | None
) -> dict[str, Any]:
    """The answer to AssumeRole and its kin: a new role session on this write transaction."""
    made = call.house.identities.open_session(call.tx, principal, seconds=seconds)
    answer: dict[str, Any] = {
        "Credentials": shown(made),
        "AssumedRoleUser": {"AssumedRoleId": principal.unique_id, "Arn": principal.arn},
    }
    if packed is not None:
        answer["PackedPolicySize"] = packed
    if source:
        answer["SourceIdentity"] = source
    return answer


def shown(made: Credentials) -> dict[str, Any]:
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
        "Expiration": datetime.fromtimestamp(made.expires, UTC),
    }


def denied(message: str) -> ServiceError:
    return ServiceError("AccessDenied", message, status=403)
