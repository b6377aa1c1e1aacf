"""How a delivery can end other than well."""

from __future__ import annotations

from inhouse.core.errors import ServiceError

_PASSING = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSThrottlingException",
        "RequestThrottled",
        "ServiceException",
        "ServiceUnavailable",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class Refused(Exception):
    """The endpoint will never take this message: it goes to the dead letters at once."""


class Failed(Exception):
    """The endpoint did not take the message this time: it is tried again."""


def outcome(error: Exception) -> Refused | Failed:
    """What an error of a queue or a function means for the delivery."""
    if isinstance(error, Refused | Failed):
        return error
    if not isinstance(error, ServiceError):
        return Failed(f"{type(error).__name__}: {error}")
    passing = error.code in _PASSING or (error.status is not None and error.status >= 500)
    if passing and error.status != 501:
        return Failed(str(error))
    return Refused(str(error))
