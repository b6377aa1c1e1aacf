"""The decorator of IAM's writes: none of them can forget to drop what readers remember."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

from inhouse.core.operations import ANY, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.operations import Keys, Resource
    from inhouse.services.iam.identities import Identities

    Method = Callable[[Any, Call, Mapping[str, Any]], dict[str, Any] | None]


class Holder(Protocol):
    identities: Identities


def changes(
    action: str, resource: Resource = ANY, *, keys: Keys | None = None
) -> Callable[[Method], Method]:
    """`@writes`, and what `Identities` remembers goes with the commit."""
    mark = writes(action, resource, keys=keys)

    def decorator(method: Method) -> Method:
        @wraps(method)
        def run(self: Holder, call: Call, req: Mapping[str, Any]) -> dict[str, Any] | None:
            self.identities.changed(call.tx)
            return method(self, call, req)

        return mark(run)

    return decorator
