"""What upstream or the way to it said, as an error for our caller and a line for the operator."""

from __future__ import annotations

import structlog
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    CredentialRetrievalError,
    InvalidConfigError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from inhouse.core.errors import ServiceError

log = structlog.get_logger()
REASON = 300
"""Characters of a reason that are logged."""

_THROTTLED = {
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_REFUSED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_NO_KEYS = (
    ConfigNotFound,
    ConfigParseError,
    CredentialRetrievalError,
    InvalidConfigError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
FAULTS = (BotoCoreError, ClientError, OSError)
"""What a call upstream may raise."""


class Away(ServiceError):
    """Upstream cannot answer now for reasons that are not in the request; it may answer later."""


def translate(error: Exception) -> ServiceError:
    """The error for our caller: upstream's own where the request was wrong, else Away.

    What is the operator's business, such as keys, is logged and not told to the caller.
    """
    match error:
        case ClientError():
            return _answered(error)
        case ParamValidationError():
            return ServiceError("ValidationException", str(error))
        case _ if isinstance(error, _NO_KEYS):
            return _refused(type(error).__name__, str(error))
    name = type(error).__name__
    log.warning("polly.upstream_unreachable", reason=f"{name}: {error}"[:REASON])
    return Away(
        "ServiceFailureException",
        f"The upstream Polly cannot be reached ({name}). Try again later.",
        status=500,
    )


def _answered(error: ClientError) -> ServiceError:
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    if code in _REFUSED:
        return _refused(code, message)
    if code in _THROTTLED or status == 429:
        return Away("ThrottlingException", f"Upstream: {message}", status=400)
    if status >= 500 or not code:
        log.warning("polly.upstream_failed", code=code, status=status, reason=message[:REASON])
        return Away("ServiceFailureException", f"Upstream: {message or status}", status=500)
    return ServiceError(code, message, status=status)


def _refused(code: str, reason: str) -> Away:
    log.error(
        "polly.upstream_refused",
        code=code,
        reason=reason[:REASON],
        advice="Check INHOUSE_POLLY_UPSTREAM_PROFILE or INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID and "
        "its secret, the region, and this machine's clock. The identity needs "
        "polly:SynthesizeSpeech, and for lexicons polly:PutLexicon, polly:ListLexicons and "
        "polly:DeleteLexicon.",
    )
    return Away(
        "ServiceFailureException",
        "The upstream Polly does not let this server in; its operator finds the reason in its log.",
        status=500,
    )
