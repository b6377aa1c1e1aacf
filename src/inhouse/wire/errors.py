"""Errors in the protocol at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inhouse.core.errors import ServiceError
    from inhouse.wire.http import HttpRequest, HttpResponse
    from inhouse.wire.router import Target


def serialize_error(
    target: Target | None, request: HttpRequest, error: ServiceError, request_id: str
) -> HttpResponse:
    """The answer that tells a client of `error`; HEAD and 304 answers have no body.

    Without a target (routing failed) the protocol is guessed from the request's head.
    """
    raise NotImplementedError
