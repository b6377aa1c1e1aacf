"""The bytes of a transformed object on their way from the function to the caller."""

from __future__ import annotations

import asyncio
import base64
import hmac
from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.services.s3.object_lambda.failures import invalid
from inhouse.wire.checksums import checksum

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

Promise = tuple[str, str]
"""An algorithm and the checksum that the body must have, base64."""


class Passage:
    """The function's request body, read by the caller's answer: nothing is kept in between, and
    each goes as fast as the slower of the two.

    `over` is done once the last byte has been handed to the caller, or holds the error that
    the function is told.
    """

    def __init__(self, body: AsyncIterable[bytes], promise: Promise | None = None) -> None:
        self._pieces = aiter(body)
        self._promise = promise
        self._digest = checksum(promise[0]) if promise else None
        self._begun = False
        self.sent = 0
        """Bytes that the caller was handed."""
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __aiter__(self) -> Passage:
        return self

    async def __anext__(self) -> bytes:
        if not self._begun:
            self._begun = True
            await asyncio.sleep(0)  # who sends this learns now whether the caller is still there
        if self.over.done():
            raise _cut()
        try:
            piece = await anext(self._pieces)
            if self._digest is not None:
                self._digest.update(piece)
        except StopAsyncIteration:
            self._end()
            raise
        except BaseException as error:
            self.fail(error)
            raise _cut() from error
        self.sent += len(piece)
        return piece

    async def aclose(self) -> None:
        """The caller has left, unless all is said."""
        self.fail(invalid("The caller of GetObject has gone away; nobody reads the response."))

    def fail(self, error: BaseException) -> None:
        """Cuts the caller off and tells the function why."""
        if not self.over.done():
            self.over.set_exception(error)
            self.over.exception()  # looked at: the function may have gone as well

    def _end(self) -> None:
        if self._digest is not None and self._promise is not None:
            found = base64.b64encode(self._digest.digest()).decode()
            if not hmac.compare_digest(found, self._promise[1]):
                error = invalid(
                    f"The body's {self._promise[0]} is {found}, not {self._promise[1][:100]}."
                )
                self.fail(error)
                raise _cut() from error
        self.over.set_result(None)


def _cut() -> ServiceError:
    return ServiceError(
        "InternalError", "The function did not send its response to the end.", status=500
    )
