"""Callers of GetObject that wait for their function's WriteGetObjectResponse."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.failures import LIMIT, invalid

if TYPE_CHECKING:
    from inhouse.core.call import Call

ROUTE = "io-inhouse-001"
"""The label that clients may put before the host of WriteGetObjectResponse."""


@dataclass(slots=True)
class Exchange:
    """One caller's wait. `answer` will be boto3's result of GetObject, or the error."""

    token: str
    access_point: str
    """ARN of the Object Lambda access point."""
    role: str
    """ARN of the function's role: nobody else may answer."""
    checked: bool
    """Whether the caller asked for checksums, so that a wrong one is an error."""
    deadline: float
    """When the function's time is up, by the loop's clock."""
    answer: asyncio.Future[dict[str, Any]] = field(repr=False)


class Exchanges:
    """The exchanges that are open, by token. A token opens one door once.

    In memory: a caller does not outlive the server either.
    """

    def __init__(self) -> None:
        self._open: dict[str, Exchange] = {}

    def open(self, call: Call, access_point: str, role: str, *, checked: bool) -> Exchange:
        loop = asyncio.get_running_loop()
        name = base64.urlsafe_b64encode(access_point.encode()).decode()
        token = f"{name}.{call.house.ids.token(32)}"
        deadline = loop.time() + LIMIT
        made = Exchange(token, access_point, role, checked, deadline, loop.create_future())
        self._open[token] = made
        return made

    def close(self, exchange: Exchange) -> None:
        """Nobody may answer any more."""
        self._open.pop(exchange.token, None)

    def claim(self, call: Call, token: str) -> Exchange:
        """The exchange that a function answers; its token is spent.

        Raises ValidationError for tokens that are not open, AccessDenied for strangers.
        """
        found = self._open.get(token)
        if found is None:
            raise invalid(
                "RequestToken: it was used before, its request has ended or it was never given; a "
                f"token is good for one response, {LIMIT} seconds long."
            )
        if call.principal.identity_arn != found.role:
            raise ServiceError(
                "AccessDenied",
                f"Only the function's role {found.role} may answer this request, not "
                f"{call.principal.arn}.",
                status=403,
            )
        self.close(found)
        return found


def access_point_of(token: str) -> str:
    """The ARN of the access point that a token says it is for; empty when it says none.

    Nothing vouches for it: `claim` compares the whole token.
    """
    try:
        return base64.b64decode(token.partition(".")[0], altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
