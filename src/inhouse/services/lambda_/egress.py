"""What a function may reach over the network.

AWS has no such rule for functions without a VPC. Here it is a tag, so that any tool for AWS can
set it: `inhouse:egress` is `none`, `inhouse` (this server alone) or `any`. The setting
`function_egress` is the most that a function gets, whatever its tag says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from inhouse.compute import isolation
from inhouse.core.errors import ServiceError
from inhouse.services.lambda_.names import invalid
from inhouse.services.lambda_.runtime_api import INSIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row

TAG = "inhouse:egress"
LEVELS = ("none", "inhouse", "any")


def check(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameterValueException for a rule that is none, or that cannot be kept."""
    level = tags.get(TAG, "any")
    if level not in LEVELS:
        raise invalid(f"Tags: {TAG} is {level!r}; it can be {', '.join(LEVELS)}.")
    if level != "any" and not isolation().own_network:
        raise invalid(f"Tags: {TAG} cannot be {level!r}: {_why()}.")


def level(row: Row, most: str) -> str:
    """What a function may reach: what its tag says, `most` at the most."""
    wanted: str = orjson.loads(row["tags"]).get(TAG, "any")
    return min(wanted, most, key=LEVELS.index)


def network(level: str, endpoint: str) -> tuple[tuple[str, int], ...] | None:
    """The addresses of a worker's own network: the Runtime API's, then the server's; None for
    this machine's network. Raises ResourceNotReadyException where no worker can have its own."""
    if level == "any":
        return None
    if not isolation().own_network:
        raise ServiceError(
            "ResourceNotReadyException",
            f"The function may reach {level!r} alone over the network, and it is not run without "
            f"that: {_why()}.",
            status=502,
        )
    if level == "none":
        return (INSIDE,)
    address = urlsplit(endpoint)
    host = address.hostname or ""
    return (INSIDE, ("127.0.0.1" if host == "localhost" else host, address.port or 443))


def _why() -> str:
    found = isolation()
    return (
        "this machine grants workers no network of their own "
        f"(isolation: {found.kind}, {found.why}); `inhouse doctor` tells what would help"
    )
