"""Where subscriptions deliver to: protocols and what their endpoints look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inhouse.core.arn import Arn
from inhouse.services.sns.messages import invalid

if TYPE_CHECKING:
    from inhouse.core.call import Call

PROTOCOLS = ("http", "https", "lambda", "sqs")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,80}(\.fifo)?")
_FUNCTION = re.compile(r"function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?")
_MAX_URL = 2048


def check(protocol: str, endpoint: str | None) -> str:
    """Raises InvalidParameter unless `endpoint` is one that `protocol` delivers to."""
    if protocol not in PROTOCOLS:
        raise invalid(
            f"Amazon SNS does not support this protocol string: {protocol[:40]}",
            f"Here there are {', '.join(PROTOCOLS)}",
        )
    if not endpoint:
        raise invalid("Endpoint Reason: it is missing")
    if protocol in {"http", "https"}:
        _check_url(protocol, endpoint)
    else:
        _check_arn(protocol, endpoint)
    return endpoint


def confirms_itself(call: Call, protocol: str, endpoint: str) -> bool:
    """Whether the caller owns the endpoint, so that nobody needs to be asked.

    A queue of another account is asked with a message. A function cannot be, so its own account
    must subscribe it.
    """
    if protocol in {"http", "https"}:
        return False
    owner = Arn.parse(endpoint).account
    if owner == call.principal.account:
        return True
    if protocol == "lambda":
        raise invalid(
            f"Endpoint Reason: the function belongs to account {owner}, which must subscribe it itself"
        )
    return False


def _check_url(protocol: str, endpoint: str) -> None:
    try:
        url = urlsplit(endpoint)
        port_fits = url.port is None or 0 < url.port < 65536
    except ValueError as error:
        raise invalid(f"Endpoint Reason: {error}") from None
    if url.scheme != protocol:
        raise invalid(
            "Endpoint must match the specified protocol", f"It must start with {protocol}://"
        )
    printable = endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if not url.hostname or not port_fits or not printable:
        raise invalid(f"Endpoint Reason: {endpoint[:200]!r} is not a URL")
    if url.fragment or len(endpoint) > _MAX_URL:
        raise invalid(f"Endpoint Reason: a URL has at most {_MAX_URL} characters and no fragment")


def _check_arn(protocol: str, endpoint: str) -> None:
    try:
        arn = Arn.parse(endpoint)
    except ValueError as error:
        if protocol == "sqs":
            raise invalid("SQS endpoint ARN", str(error)[:500]) from None
        raise invalid(f"Endpoint Reason: {error}"[:500]) from None
    if protocol == "sqs":
        if arn.service != "sqs" or not arn.account or not _QUEUE.fullmatch(arn.resource):
            raise invalid("SQS endpoint ARN", f"{endpoint[:200]!r} is not the ARN of a queue")
        if arn.resource.endswith(".fifo"):
            raise invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to "
                "standard SNS topics"
            )
    elif arn.service != "lambda" or not arn.account or not _FUNCTION.fullmatch(arn.resource):
        raise invalid(f"Endpoint Reason: {endpoint[:200]!r} is not the ARN of a function")
