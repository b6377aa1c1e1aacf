"""One call of one operation: who, when, where, and the doors to everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.ports import House, Tx
    from inhouse.core.principal import Principal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Origin:
    """How the call reached us; empty for calls that services make themselves."""

    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    via_service: bool = False
    """A service makes the call for its caller."""
    auth_type: str = ""
    """`REST-HEADER`, `REST-QUERY-STRING` (presigned), or empty when nobody signed."""
    signature_version: str = ""
    """`AWS4-HMAC-SHA256` or `AWS`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names in lower case. Authorization and session tokens are not among them."""
    query: str = ""
    """The raw query string."""


@dataclass(slots=True)
class Call:
    """Handed to every operation and job.

    `account` is the account whose resources the call means when the request names none:
    the caller's. `tx` is the transaction of a `@writes` operation, else a reader.
    """

    house: House
    principal: Principal
    service: str
    operation: str
    account: str
    region: str
    request_id: str
    now: datetime
    tx: Tx
    origin: Origin = field(default_factory=Origin)
    via: AccessPoint | None = None
    """The access point that the request came through."""

    def arn(self, resource: str, *, service: str | None = None) -> str:
        """The ARN of a resource of this call's service, account and region."""
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"

    def defer(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        delay: float = 0,
        as_: Principal | None = None,
        lane: str = "",
    ) -> None:
        """Queues a job on this transaction: it exists if and only if the transaction commits.

        The job runs as `as_`, else as this call's principal, `delay` seconds from now or later.
        `lane` is for kinds that have lanes: jobs of one cannot take all places of the kind.
        """
        as_ = as_ or self.principal
        self.house.queue.add(self, kind, payload, delay=delay, as_=as_, lane=lane)

    def require(
        self, action: str, arn: str, keys: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """Raises AccessDenied unless this call's principal may also do `action` on `arn`."""
        self.house.dispatch.require(self, action, arn, keys)

    async def write(self, function: Callable[..., T], *args: Any) -> T:
        """Runs `function(call, *args)` on the writer, `call.tx` being its transaction.

        Answers what it answers, once that is durable. An exception undoes it all.
        """
        return await self.house.dispatch.write(self, function, *args)

    def client(
        self, service: str, *, as_: Principal | None = None, account: str | None = None
    ) -> Client:
        """Another service, in this process, shaped as boto3's client with awaitable methods.

        Every call is authorized as `as_`, else as this call's principal.
        """
        principal = as_ or self.principal
        return Client(
            self.house,
            service,
            principal,
            account or principal.account or self.account,
            self.region,
        )

    def on(self, tx: Tx) -> Call:
        """The same call on another transaction."""
        return self._copy(tx, self.via)

    def through(self, via: AccessPoint | None) -> Call:
        """The same call, as it would be had it come through that door."""
        return self._copy(self.tx, via)

    def _copy(self, tx: Tx, via: AccessPoint | None) -> Call:
        return Call(
            self.house,
            self.principal,
            self.service,
            self.operation,
            self.account,
            self.region,
            self.request_id,
            self.now,
            tx,
            self.origin,
            via,
        )


class Client:
    """`await client.publish(TopicArn=…)`: boto3's method names, request and answer dicts."""

    def __init__(
        self, house: House, service: str, principal: Principal, account: str, region: str
    ) -> None:
        self._house = house
        self._service = service
        self._principal = principal
        self._account = account
        self._region = region

    def __getattr__(self, method: str) -> Callable[..., Awaitable[dict[str, Any]]]:
        def call(**request: Any) -> Awaitable[dict[str, Any]]:
            return self._house.dispatch.invoke(
                self._principal,
                self._service,
                method,
                request,
                account=self._account,
                region=self._region,
            )

        return call
