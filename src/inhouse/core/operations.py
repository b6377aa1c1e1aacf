"""Decorators that make a method an operation, and say how it is authorized and run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from inhouse.core.call import Call

Request = Mapping[str, Any]
Resource = Callable[["Call", Any], "str | Iterable[str]"]
"""Finds the ARN, or ARNs, that a request touches."""
Keys = Callable[["Call", Any], Mapping[str, "str | list[str]"]]
"""Finds the service's own condition keys of a request, as `s3:prefix`."""
Kind = Literal["reads", "writes", "works"]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is authorized and run. `action` None: any authenticated caller may.

    `when` has the actions of requests that give a certain member, by the member's name.
    `missing` is asked when the caller is refused: it may raise that there is nothing to touch.
    """

    kind: Kind
    action: str | None
    resource: Resource
    keys: Keys | None
    anonymous: bool
    when: Mapping[str, str] = field(default_factory=dict)
    missing: Callable[[Call, Any], None] | None = None

    def action_of(self, request: Request) -> str | None:
        """The IAM action that `request` needs."""
        for member, action in self.when.items():
            if request.get(member) is not None:
                return action
        return self.action


@dataclass(frozen=True, slots=True)
class JobSpec:
    """How jobs of one kind are run.

    kind:        name in the queue, `sns.Deliver`.
    attempts:    runs before the job is dead.
    backoff:     seconds to wait after the n-th failed run (n from 1).
    concurrency: jobs of this kind running at once in this server.
    lease:       seconds after which a run that neither ended nor renewed counts as lost.
    lanes:       whether its jobs are deferred with a lane: one that may not take more places than
                 it leaves free to others.
    """

    kind: str
    attempts: int
    backoff: Callable[[int], float]
    concurrency: int
    lease: float
    lanes: bool = False


def ANY(call: Call, req: Request) -> str:  # noqa: N802  reads as the constant it stands for
    """For actions that AWS authorizes on `*` only."""
    return "*"


def _operation(kind: Kind) -> Callable[..., Callable[[F], F]]:
    def decorator(
        action: str | None,
        resource: Resource = ANY,
        *,
        keys: Keys | None = None,
        anonymous: bool = False,
        when: Mapping[str, str] | None = None,
        missing: Callable[[Call, Any], None] | None = None,
    ) -> Callable[[F], F]:
        operation = Operation(kind, action, resource, keys, anonymous, when or {}, missing)

        def mark(method: F) -> F:
            method.__operation__ = operation  # type: ignore[attr-defined]
            return method

        return mark

    return decorator


reads = _operation("reads")
"""Runs at once, on the event loop, with `call.tx` a reader's view of the last commit."""

writes = _operation("writes")
"""Runs on the writer, in a savepoint; the answer leaves after the commit is on disk."""

works = _operation("works")
"""Async: streams, engines, workers. Holds no transaction; reads with `call.tx`, writes with
`await call.write(function)`."""


def exponential(first: float, cap: float) -> Callable[[int], float]:
    """`first`, twice that, four times that … seconds, never more than `cap`."""
    return lambda attempt: min(cap, first * 2 ** (attempt - 1))


_PATIENT = exponential(1, 300)


def job(
    kind: str,
    *,
    attempts: int = 5,
    backoff: Callable[[int], float] = _PATIENT,
    concurrency: int = 8,
    lease: float = 900,
    lanes: bool = False,
) -> Callable[[F], F]:
    """Marks an async method `(self, call, payload)` as the runner of jobs of `kind`."""

    def mark(method: F) -> F:
        spec = JobSpec(kind, attempts, backoff, concurrency, lease, lanes)
        method.__job__ = spec  # type: ignore[attr-defined]
        return method

    return mark
