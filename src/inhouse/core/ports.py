"""What rooms need of each other, as protocols. app.py plugs the real things in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import (
        AsyncIterable,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        Sequence,
    )
    from pathlib import Path

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.clock import Clock
    from inhouse.core.ids import Ids
    from inhouse.core.principal import Principal
    from inhouse.core.public_access import PublicAccessBlock

T = TypeVar("T")
Row = Any
"""A `sqlite3.Row`: values by column name, `row["name"]`."""


class Tx(Protocol):
    """A view of the store. Statements are SQLAlchemy Core constructs; parameters go by name.

    Build constant statements once, at module level: their SQL is compiled once and kept.
    """

    def one(self, statement: Any, /, **params: Any) -> Row | None: ...
    def all(self, statement: Any, /, **params: Any) -> list[Row]: ...
    def scalar(self, statement: Any, /, **params: Any) -> Any: ...
    def run(self, statement: Any, /, **params: Any) -> int:
        """Executes a change; answers the number of rows it touched."""
        ...

    def after_commit(self, action: Callable[[], None]) -> None:
        """Calls `action` once this transaction is durable (on the event loop)."""
        ...


@dataclass(frozen=True, slots=True)
class BlobInfo:
    id: str
    size: int


class Blobs(Protocol):
    """Immutable byte strings outside the tables, named by random ids."""

    async def put(self, data: AsyncIterable[bytes] | bytes) -> BlobInfo:
        """Stores `data` durably, then answers. A put that fails leaves nothing behind."""
        ...

    def read(self, blob_id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Bytes `start` up to, not including, `end`, in pieces of at most 1 MiB."""
        ...

    async def get(self, blob_id: str) -> bytes: ...
    async def delete(self, blob_ids: Sequence[str]) -> None:
        """Removes blobs; ids that do not exist are passed over."""
        ...


class Keys(Protocol):
    """Seals data keys: each thing that is stored has one of its own.

    `context` is bound to a sealed key: it says what the key is for, and opens it again.
    """

    def fresh(self, context: bytes) -> tuple[bytes, bytes]:
        """A new data key of 32 bytes, plain and sealed."""
        ...

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The data key. Raises store's `Unopenable`."""
        ...


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What the gateway must know of a resource to authorize a call on it."""

    account: str
    policy: str | None = None
    """The resource-based policy, JSON text."""
    tags: Mapping[str, str] | Callable[[], Mapping[str, str]] = field(default_factory=dict)
    """The tags, or how to find them: they are asked for only if a policy has a condition."""
    keys: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys that the resource brings, beside those of its tags."""
    trust_policy: str | None = None
    """A role's trust policy, which decides STS's actions on the role and no others."""
    only: tuple[str, ...] = ()
    """The accounts that alone, with services, are let in, `policy` being public; () lets in all."""
    grants: str | None = None
    """What the resource's access control list allows, as a resource-based policy."""
    narrow: Callable[[str, Mapping[str, str | list[str]]], ResourceFacts] | None = None
    """Finds the facts for one action and its condition keys, where they hang on these."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials. `expires` in seconds since the epoch."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires: float
    principal: Principal


@dataclass(frozen=True, slots=True)
class Key:
    """A verified access key's secret and whom it stands for."""

    secret: str = field(repr=False)
    principal: Principal
    session_token: str | None = field(default=None, repr=False)
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class IdentityPolicies:
    """Policies attached to a user or role, as `(name, JSON text)`."""

    identity: tuple[tuple[str, str], ...] = ()
    boundary: tuple[str, str] | None = None
    scps: tuple[tuple[tuple[str, str], ...], ...] = ()
    rcps: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RoleFacts:
    arn: str
    name: str
    unique_id: str
    account: str
    trust_policy: str
    max_session_seconds: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider that an account trusts, and the clients its tokens may be for."""

    arn: str
    clients: tuple[str, ...]


class Identities(Protocol):
    """The accounts' users, roles, keys and sessions: what authentication stands on."""

    def key(self, tx: Tx, access_key_id: str) -> Key | None:
        """The key, if it exists and is active; expiry is for the caller to judge."""
        ...

    def used(self, access_key_id: str, service: str, region: str) -> None:
        """Notes that a request signed with the key was let in. In memory; written later."""
        ...

    def policies(self, tx: Tx, principal: Principal) -> IdentityPolicies: ...
    def role(self, tx: Tx, role_arn: str) -> RoleFacts | None: ...

    def managed_policy(self, tx: Tx, policy_arn: str) -> str | None:
        """The document in force of a managed policy, JSON text."""
        ...

    def policy_by_id(self, tx: Tx, text: str) -> str:
        """A resource's policy with unique ids for the users and roles that it names.

        A later namesake is not meant then. Raises `access.InvalidPolicy` for a user or role that
        its account does not have.
        """
        ...

    def policy_by_arn(self, tx: Tx, text: str) -> str:
        """A policy as it was put: ARNs again for all who are still there."""
        ...

    def mfa(
        self, tx: Tx, principal: Principal, serial: str, code: str, *, spend: bool = False
    ) -> bool | None:
        """Whether `code` is one that the principal's device shows now and nobody used yet.

        None when the principal has no such device. `spend` uses the code up, on a write transaction.
        After several wrong codes no code is right for a while.
        """
        ...

    def oidc_provider(self, tx: Tx, account: str, issuer: str) -> OidcProvider | None:
        """The provider with the URL of a token's issuer that `account` registered."""
        ...

    def trusts(self, role: RoleFacts, service: str, context: Mapping[str, str]) -> bool:
        """Whether the role lets `service` (`lambda.amazonaws.com`) assume it.

        `context` are the condition keys of the request, such as aws:SourceArn.
        """
        ...

    def open_session(self, tx: Tx, principal: Principal, *, seconds: int) -> Credentials:
        """Temporary credentials for `principal`, durable with this write transaction."""
        ...

    def lend(self, principal: Principal, *, seconds: float) -> Credentials:
        """Temporary credentials for `principal` that are in memory only, until `revoke`."""
        ...

    def revoke(self, access_key_id: str) -> None:
        """Ends what `lend` gave, at once. Safe to call again."""
        ...

    def role_principal(
        self,
        role: RoleFacts,
        session_name: str,
        *,
        session_policies: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        context: Mapping[str, str | list[str]] | None = None,
    ) -> Principal:
        """The principal of a session of `role`; trust is the caller's business."""
        ...


class Dispatch(Protocol):
    """Runs an operation in this process, authorized as a principal."""

    async def invoke(
        self,
        caller: Principal,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        account: str,
        region: str,
    ) -> dict[str, Any]: ...

    def require(
        self,
        call: Call,
        action: str,
        arn: str,
        keys: Mapping[str, str | list[str]] | None = None,
    ) -> None:
        """Raises AccessDenied unless `call`'s principal may do `action` on `arn`."""
        ...

    def facts(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner and policy of a resource, whichever service keeps it."""
        ...

    def account_block(self, tx: Tx, account: str) -> PublicAccessBlock:
        """What keeps all of an account's buckets from the public."""
        ...

    def access_point(self, tx: Tx, bucket: str) -> AccessPoint | None:
        """The access point whose ARN or alias stands where a bucket's name may.

        Raises InvalidARN, NoSuchAccessPoint.
        """
        ...

    def is_access_point_host(self, tx: Tx, label: str) -> bool:
        """Whether a host that begins with `label` is an access point's: no bucket may have it."""
        ...

    def has_access_points(self, tx: Tx, account: str, bucket: str) -> bool:
        """Whether the account has access points to the bucket."""
        ...

    def services(self) -> Mapping[str, str]:
        """The full names of this house's services, by the prefix of their actions."""
        ...

    async def write(self, call: Call, function: Callable[..., T], *args: Any) -> T: ...
    def reader(self) -> Tx: ...


class Queue(Protocol):
    """The durable queue under everything that happens later."""

    def add(
        self,
        call: Call,
        kind: str,
        payload: Mapping[str, Any],
        *,
        delay: float,
        as_: Principal,
        lane: str,
    ) -> None:
        """Inserts a job on `call.tx`."""
        ...


@dataclass(slots=True)
class House:
    """What a service is built with: the shared parts of one running server."""

    clock: Clock
    ids: Ids
    blobs: Blobs
    keys: Keys
    """The server's own, from its key file."""
    data: Path
    """The data directory. Only rooms that own a folder of it may write there."""
    account: str
    """The management account."""
    region: str
    settings: Any
    identities: Identities = field(init=False)
    dispatch: Dispatch = field(init=False)
    queue: Queue = field(init=False)
    endpoint: str = field(init=False, default="")
    """URL under which this server reaches itself, for workers; set once it listens."""
    listen: Callable[[socket.socket], Awaitable[asyncio.Server]] = field(init=False)
    """Answers on one more socket, for workers with a network of their own."""


class Service(Protocol):
    """One AWS service. `name` is botocore's. Optional members the gateway looks for:

    - `async start(self)`, `async stop(self)`
    - `resource(self, tx, arn: str) -> ResourceFacts | None`: owner, policy and tags of a resource
    - `keeps(self, arn: str) -> bool`: whether a resource is its own whose ARN names another service
    - `cors(self, tx, bucket, origin, method, wanted) -> headers | None`: what lets web pages in
    - `metrics(self) -> Iterable[Metric]`: what it counts, as prometheus-client's families
    - `routes(self) -> Mapping[str, handler]`: raw HTTP paths (for example a signing certificate)
    """

    name: str
