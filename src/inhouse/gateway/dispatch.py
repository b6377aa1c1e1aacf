"""Runs operations: for the wire, and for services that call each other in this process."""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeVar

from inhouse.core.call import Call, Origin
from inhouse.core.public_access import NO_BLOCK
from inhouse.core.streams import BytesStream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.operations import JobSpec
    from inhouse.core.ports import House, ResourceFacts, Row, Tx
    from inhouse.core.principal import Principal
    from inhouse.core.public_access import PublicAccessBlock
    from inhouse.gateway.guard import Guard
    from inhouse.gateway.points import Points
    from inhouse.gateway.registry import Bound, Registry
    from inhouse.store import Store
    from inhouse.wire.router import Router

T = TypeVar("T")
_INSIDE = Origin(secure=True, via_service=True)
"""Calls of services to each other never leave this process."""


class Dispatcher:
    """Implements core's `Dispatch`."""

    def __init__(
        self,
        house: House,
        store: Store,
        registry: Registry,
        guard: Guard,
        router: Router,
        points: Points,
    ) -> None:
        self._points = points
        self._house = house
        self._store = store
        self._registry = registry
        self._guard = guard
        self._router = router

    def reader(self) -> Tx:
        return self._store.reader()

    def require(
        self, call: Call, action: str, arn: str, keys: Mapping[str, str | list[str]] | None = None
    ) -> None:
        self._guard.require(call, action, arn, keys)

    def facts(self, tx: Tx, arn: str) -> ResourceFacts | None:
        return self._guard.facts(tx, arn)

    def account_block(self, tx: Tx, account: str) -> PublicAccessBlock:
        found = (find(tx, account) for find in self._registry.each("public_access_block"))
        return reduce(or_, found, NO_BLOCK)

    def access_point(self, tx: Tx, bucket: str) -> AccessPoint | None:
        return self._points.named(tx, bucket)

    def is_access_point_host(self, tx: Tx, label: str) -> bool:
        return any(ask(tx, label) for ask in self._registry.each("is_access_point_host"))

    def has_access_points(self, tx: Tx, account: str, bucket: str) -> bool:
        return any(ask(tx, account, bucket) for ask in self._registry.each("has_access_points"))

    def services(self) -> Mapping[str, str]:
        return self._registry.full_names()

    async def write(self, call: Call, function: Callable[..., T], *args: Any) -> T:
        return await self._store.write(lambda tx: function(call.on(tx), *args))

    def call(
        self,
        principal: Principal,
        service: str,
        operation: str,
        *,
        account: str,
        region: str,
        request_id: str = "",
        origin: Origin = _INSIDE,
    ) -> Call:
        """A call by `principal`, now, reading from the last commit."""
        house = self._house
        return Call(
            house,
            principal,
            service,
            operation,
            account,
            region,
            request_id or house.ids.uuid(),
            house.clock.now(),
            self._store.reader(),
            origin,
        )

    def job_call(self, principal: Principal, spec: JobSpec, row: Row) -> Call:
        """The call that a job of the durable queue runs as."""
        service = spec.kind.partition(".")[0]
        return self.call(
            principal, service, spec.kind, account=row["account"], region=row["region"]
        )

    def admit(
        self,
        call: Call,
        bound: Bound,
        request: dict[str, Any],
        *,
        host: str | None = None,
        scope: str = "",
    ) -> dict[str, Any]:
        """The request as the operation is to see it, once the policies agree.

        `host` and `scope` are for requests by access point: see `Points.through`.
        """
        request = self._points.through(call, request, host=host, scope=scope)
        self._guard.authorize(call, bound.operation, request)
        return request

    async def run(self, call: Call, bound: Bound, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs an authorized operation, or has a function make its result."""
        via = call.via
        if via is None or via.supporting is None:
            return await self._run(call, bound, request)
        service, operation = self._registry.services[bound.service], call.operation
        result: dict[str, Any]
        if via.transformation(operation):
            result = await service.transform(call, operation, request)
        else:
            run = partial(self._run, call, bound, request)
            result = await service.proxied(call, operation, request, run)
        return result

    async def _run(self, call: Call, bound: Bound, request: Mapping[str, Any]) -> dict[str, Any]:
        """Runs an operation the way its decorator says."""
        kind = bound.operation.kind
        if kind == "reads":
            result = bound.run(call, request)
        elif kind == "writes":
            run = bound.run
            result = await self._store.write(lambda tx: run(call.on(tx), request))
        else:
            result = await bound.run(call, request)
        return result if result is not None else {}

    async def invoke(
        self,
        caller: Principal,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        account: str,
        region: str,
    ) -> dict[str, Any]:
        """An operation by boto3's name, authorized as `caller` like any request from outside."""
        bound = self._registry.method(service, operation)
        name = self._registry.wire_name(bound)
        call = self.call(caller, service, name, account=account, region=region)
        given = self.admit(call, bound, self._streamed(service, name, request))
        return await self.run(call, bound, given)

    def _streamed(self, service: str, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        wire = self._router.operation(service, name)
        if not wire.streams_in or wire.payload_in is None:
            return dict(request)
        body = request.get(wire.payload_in, b"")
        stream = BytesStream(body) if isinstance(body, bytes) else body
        return {**request, wire.payload_in: stream}
