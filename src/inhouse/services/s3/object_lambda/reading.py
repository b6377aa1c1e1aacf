"""Reads through Object Lambda access points, and WriteGetObjectResponse, which answers them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/transforming-objects.html
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works
from inhouse.services.s3.object_lambda import responses, results
from inhouse.services.s3.object_lambda.exchanges import Exchanges, access_point_of
from inhouse.services.s3.object_lambda.failures import (
    failed,
    invalid,
    invalid_response,
    not_invoked,
    not_received,
    timed_out,
)
from inhouse.services.s3.object_lambda.invoking import Invoker
from inhouse.services.s3.object_lambda.journal import Journal
from inhouse.services.s3.object_lambda.line import Line
from inhouse.services.s3.object_lambda.meter import Meter
from inhouse.services.s3.object_lambda.metrics import Metrics, wanted
from inhouse.services.s3.object_lambda.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.ports import House
    from inhouse.services.s3.object_lambda.exchanges import Exchange

    Running = asyncio.Task[dict[str, Any]]

FOUND_HERE = ("LambdaInvalidResponse", "LambdaResponseNotReceived", "LambdaTimeout")
"""Errors of which the function's log would not tell without us."""


def _access_point(call: Call, req: Mapping[str, Any]) -> str:
    """The access point that the token names.

    `*` for one of another account, whose policy has no say: the function's role is asked alone.
    """
    arn = access_point_of(req["RequestToken"])
    return arn if arn.split(":")[4:5] == [call.principal.account] else "*"


class ObjectLambda:
    """Objects as functions show them."""

    def __init__(self, house: House) -> None:
        self._journal = Journal(house)
        self._exchanges = Exchanges(house.settings.object_lambda_limit, self._journal)
        self._metrics = Metrics(house)
        self._invoker = Invoker(Line(house.settings.worker_limit), self._exchanges)

    async def transform(self, call: Call, operation: str, req: Mapping[str, Any]) -> dict[str, Any]:
        """The result of an operation that `call.via`, an Object Lambda access point, transforms."""
        via = call.via
        assert via is not None
        transformation = via.transformation(operation)
        assert transformation is not None
        chosen = transformation["ContentTransformation"]["AwsLambda"]
        _check_features(call, operation, req, via)
        function: str = chosen["FunctionArn"]
        with Meter(self._metrics, via, operation, function) as meter:
            try:
                return meter.answered(await self._transform(call, operation, req, chosen))
            except ServiceError as error:
                if error.code in FOUND_HERE:
                    self._journal.tell(function, call.request_id, error)
                raise

    async def proxied(
        self,
        call: Call,
        operation: str,
        req: Mapping[str, Any],
        run: Callable[[], Awaitable[dict[str, Any]]],
    ) -> dict[str, Any]:
        """The result of an operation that `call.via` hands on to its supporting access point."""
        via = call.via
        assert via is not None
        if not wanted(via):
            return await run()
        with Meter(self._metrics, via, operation) as meter:
            return meter.proxied(req, await run())

    async def _transform(
        self, call: Call, operation: str, req: Mapping[str, Any], chosen: Mapping[str, Any]
    ) -> dict[str, Any]:
        running, exchange = await self._invoker.start(call, operation, req, chosen)
        function, limit = chosen["FunctionArn"], self._exchanges.limit
        if exchange is not None:
            try:
                return await _answered(function, running, exchange, limit)
            finally:
                self._exchanges.close(exchange)
        await asyncio.wait((running,), timeout=limit)
        return results.result(operation, _ended(function, running, limit)["Payload"])

    async def stop(self) -> None:
        """Ends what still runs for callers."""
        await self._invoker.close()
        await self._metrics.close()
        await self._journal.close()

    @works("s3-object-lambda:WriteGetObjectResponse", _access_point)
    async def write_get_object_response(self, call: Call, req: Mapping[str, Any]) -> None:
        """Answers a waiting GetObject. Ends when the caller has been sent the last byte."""
        exchange = self._exchanges.claim(call, req["RequestToken"])
        try:
            answer = responses.answer(req, checked=exchange.checked)
        except ServiceError as error:
            if error.code == "ValidationError":
                exchange.answer.set_exception(invalid_response(error.message))
                raise
            exchange.answer.set_exception(error)
            return
        exchange.answer.set_result(answer)
        passage = answer["Body"]
        if isinstance(passage, Passage):
            try:
                await _passed(passage, exchange, self._exchanges.limit)
            except ServiceError as error:
                self._journal.tell(exchange.function, exchange.request_id, error)
                raise


async def _answered(
    function: str, running: Running, exchange: Exchange, limit: int
) -> dict[str, Any]:
    """What the function writes, as soon as it begins to."""
    waited: tuple[asyncio.Future[Any], ...] = (exchange.answer, running)
    await asyncio.wait(waited, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    if exchange.answer.done():
        return exchange.answer.result()
    _ended(function, running, limit)
    raise not_received(function)


def _ended(function: str, running: Running, limit: int) -> dict[str, Any]:
    """What Invoke answered. Raises the error that tells the caller why it did not."""
    if not running.done():
        raise timed_out(function, limit)
    try:
        answer = running.result()
    except ServiceError as error:
        raise not_invoked(function, error) from error
    if "FunctionError" in answer:
        raise failed(function, answer)
    return answer


async def _passed(passage: Passage, exchange: Exchange, limit: int) -> None:
    try:
        async with asyncio.timeout_at(exchange.deadline):
            await asyncio.shield(passage.over)
    except TimeoutError:
        error = invalid(f"The response was not complete within {limit} seconds.")
        passage.fail(error)
        raise error from None


def _check_features(call: Call, operation: str, req: Mapping[str, Any], via: AccessPoint) -> None:
    """Refuses Range and partNumber unless the configuration says that the function knows them."""
    assert via.configuration is not None
    allowed = via.configuration.get("AllowedFeatures") or ()
    given = {
        "Range": req.get("Range") is not None or _is_queried(call, "range"),
        "PartNumber": req.get("PartNumber") is not None,
    }
    for name, is_given in given.items():
        feature = f"{operation}-{name}"
        if is_given and feature not in allowed and operation in ("GetObject", "HeadObject"):
            raise ServiceError(
                "NotImplemented",
                f"{via.arn} does not accept {name}: {feature} is not among its AllowedFeatures.",
                status=501,
                Header=name,
            )


def _is_queried(call: Call, name: str) -> bool:
    fields = parse_qsl(call.origin.query, keep_blank_values=True)
    return any(key.lower() == name for key, _ in fields)
