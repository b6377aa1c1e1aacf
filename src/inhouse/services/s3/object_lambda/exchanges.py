"""Callers of GetObject that wait for their function's WriteGetObjectResponse."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.failures import invalid

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.services.s3.object_lambda.journal import Journal

ROUTE = "io-inhouse-001"
"""The label that clients may put before the host of WriteGetObjectResponse."""
REMEMBERED = 4096
"""Exchanges known after their end, so that their functions' logs tell of late answers."""


@dataclass(slots=True)
class Exchange:
    """One caller's wait. `answer` will be boto3's result of GetObject, or the error."""

    token: str
    access_point: str
    """ARN of the Object Lambda access point."""
    function: str
    """ARN of the function."""
    role: str
    """ARN of the function's role: nobody else may answer."""
    request_id: str
    """The caller's request, `xAmzRequestId` of the event."""
    checked: bool
    """Whether the caller asked for checksums, so that a wrong one is an error."""
    deadline: float
    """When the function's time is up, by the loop's clock."""
    answer: asyncio.Future[dict[str, Any]] = field(repr=False)


class Exchanges:
    """The exchanges that are open, by token. A token opens one door once.

    In memory: a caller does not outlive the server either.
    """

    def __init__(self, limit: int, journal: Journal) -> None:
        self.limit = limit
        """Seconds that a function has, from its invocation, to answer to the last byte."""
        self._journal = journal
        self._open: dict[str, Exchange] = {}
        self._ended: dict[str, tuple[str, str]] = {}

    def open(
        self, call: Call, access_point: str, function: str, role: str, *, checked: bool
    ) -> Exchange:
        loop = asyncio.get_running_loop()
        name = base64.urlsafe_b64encode(access_point.encode()).decode()
        token = f"{name}.{call.house.ids.token(32)}"
        deadline = loop.time() + self.limit
        answer = loop.create_future()
        made = Exchange(
            token, access_point, function, role, call.request_id, checked, deadline, answer
        )
        self._open[token] = made
        return made

    def close(self, exchange: Exchange) -> None:
        """Nobody may answer any more."""
        if self._open.pop(exchange.token, None) is None:
            return
        if len(self._ended) == REMEMBERED:
            del self._ended[next(iter(self._ended))]
        self._ended[exchange.token] = (exchange.function, exchange.request_id)

    def claim(self, call: Call, token: str) -> Exchange:
        """The exchange that a function answers; its token is spent.

        Raises ValidationError for tokens that are not open, AccessDenied for strangers.
        """
        found = self._open.get(token)
        if found is None:
            error = invalid(
                "RequestToken: it was used before, its request has ended or it was never given; a "
                f"token is good for one response, {self.limit} seconds long."
            )
            if token in self._ended:
                self._journal.tell(*self._ended[token], error)
            raise error
        if call.principal.identity_arn != found.role:
            error = ServiceError(
                "AccessDenied",
                f"Only the function's role {found.role} may answer this request, not "
                f"{call.principal.arn}.",
                status=403,
            )
            self._journal.tell(found.function, found.request_id, error)
            raise error
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
