"""aws-chunked bodies, decoded as they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inhouse.wire.sigv4 import SigningContext


class AwsChunkedDecoder:
    """Decodes one aws-chunked body.

    `signed`: None for unsigned chunks, the request's `SigningContext` when each chunk is signed.
    `trailers` are the lower-case names announced in `x-amz-trailer`. `decoded_length` is
    `x-amz-decoded-content-length`.
    """

    trailers: dict[str, str]
    done: bool

    def __init__(
        self,
        signed: SigningContext | None = None,
        trailers: Iterable[str] = (),
        *,
        decoded_length: int | None = None,
    ) -> None:
        raise NotImplementedError

    def feed(self, data: bytes) -> list[bytes]:
        """The payload pieces in `data`. Raises `ServiceError` on bad framing or signatures."""
        raise NotImplementedError

    def finish(self) -> dict[str, str]:
        """The trailers, once the body has ended. Raises `ServiceError` IncompleteBody."""
        raise NotImplementedError
