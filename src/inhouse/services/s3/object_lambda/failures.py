"""What callers are told when a function does not serve them.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3ObjectLambdaErrorCodeList
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_INVOKE = {
    "AccessDeniedException": ("LambdaPermissionError", 403),
    "MissingAuthenticationTokenException": ("LambdaPermissionError", 403),
    "ResourceNotFoundException": ("LambdaNotFound", 404),
    "TooManyRequestsException": ("SlowDown", 503),
}


def not_invoked(function: str, error: ServiceError) -> ServiceError:
    """Lambda has refused to run the function."""
    code, status = _INVOKE.get(error.code, ("LambdaInvocationFailed", 400))
    return ServiceError(
        code, f"Lambda did not invoke {function}: {error.code}: {error.message}", status=status
    )


def failed(function: str, answer: Mapping[str, Any]) -> ServiceError:
    """The function ended with an error, which its log tells in full."""
    told = _error(answer["Payload"])
    kind = str(told.get("errorType", answer["FunctionError"]))[:200]
    if kind == "Sandbox.Timedout":
        return ServiceError(
            "LambdaTimeout",
            f"{function} did not respond in the time that its configuration allows.",
            status=500,
        )
    return ServiceError(
        "LambdaRuntimeError",
        f"{function} failed during execution: {kind}. Its log says more.",
        status=500,
    )


def timed_out(function: str, limit: int) -> ServiceError:
    return ServiceError(
        "LambdaTimeout", f"{function} did not respond within {limit} seconds.", status=500
    )


def not_received(function: str) -> ServiceError:
    return ServiceError(
        "LambdaResponseNotReceived",
        f"{function} exited without successfully calling WriteGetObjectResponse.",
        status=500,
    )


def invalid_response(reason: str) -> ServiceError:
    return ServiceError("LambdaInvalidResponse", reason, status=400)


def invalid(reason: str) -> ServiceError:
    """The answer to a WriteGetObjectResponse that cannot be honoured."""
    return ServiceError("ValidationError", reason, status=400)


def _error(payload: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
