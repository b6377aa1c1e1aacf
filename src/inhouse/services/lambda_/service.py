"""Lambda. Names and keys are those of boto3's `lambda` client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from inhouse.core.ports import ResourceFacts
from inhouse.services.lambda_ import rows
from inhouse.services.lambda_.aliases import Aliases
from inhouse.services.lambda_.concurrency import Concurrency
from inhouse.services.lambda_.downloads import PREFIX, Downloads
from inhouse.services.lambda_.environments import Environments
from inhouse.services.lambda_.event_config import EventConfiguring
from inhouse.services.lambda_.functions import Functions
from inhouse.services.lambda_.handling import Handling
from inhouse.services.lambda_.invoking import Invoking
from inhouse.services.lambda_.layer_permissions import LayerPermissions
from inhouse.services.lambda_.layers import Layers
from inhouse.services.lambda_.names import Function, Layer
from inhouse.services.lambda_.permissions import Permissions, document
from inhouse.services.lambda_.runtimes import Runtimes
from inhouse.services.lambda_.tagging import Tagging
from inhouse.services.lambda_.versions import Versions
from inhouse.wire.constraints import constrained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from inhouse.core.ports import House, Row, Tx


@constrained("lambda", code="ValidationException", but=("runtime",))
class LambdaService(
    Functions,
    Versions,
    Aliases,
    Concurrency,
    Invoking,
    Handling,
    EventConfiguring,
    Layers,
    LayerPermissions,
    Permissions,
    Tagging,
):
    """Functions as zip packages, their layers, permissions, events and invocations."""

    name = "lambda"

    def __init__(self, house: House) -> None:
        self.house = house
        self.runtimes = Runtimes(house.data / "functions" / "offered")
        self.downloads = Downloads(house)
        self.environments: Environments | None = None

    async def start(self) -> None:
        self.environments = Environments(self.house, self.runtimes)

    async def stop(self) -> None:
        if self.environments is not None:
            await self.environments.close()
            self.environments = None

    async def forget(self, chosen: Function) -> None:
        await self.running.forget(chosen)

    @property
    def running(self) -> Environments:
        """The environments of a server that has started."""
        assert self.environments is not None
        return self.environments

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner, policy and tags of a function, a version or alias of it, or a layer's version."""
        parts = arn.split(":")
        if len(parts) == 8 and parts[5] == "layer" and parts[7].isdecimal():
            return _layer(tx, Layer(parts[4], parts[3], parts[6], int(parts[7])))
        if len(parts) < 7 or parts[5] != "function":
            return None
        qualifier = parts[7] if len(parts) > 7 else ""
        row = rows.named(tx, Function(parts[4], parts[3], parts[6], qualifier))
        if row is None:
            return ResourceFacts(parts[4])
        return ResourceFacts(parts[4], _policy(row), orjson.loads(row["tags"]))

    def blob_ids(self, tx: Tx) -> Iterable[str]:
        return rows.blobs(tx)

    def routes(self) -> Mapping[str, Callable[[Any], Any]]:
        return {PREFIX: self.downloads.answer}


def _layer(tx: Tx, chosen: Layer) -> ResourceFacts:
    row = rows.layer(tx, chosen)
    return ResourceFacts(chosen.account, None if row is None else _policy(row))


def _policy(row: Row) -> str | None:
    statements = orjson.loads(row["policy"])
    return document(statements) if statements else None
