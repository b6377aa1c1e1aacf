"""Which services a user, role or root user last used, when and in which region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inhouse.services.iam import resource_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Tx

KIND = "service-use"
_NAMESPACES = {"s3control": "s3"}
"""Services whose actions are those of another one."""


@dataclass(frozen=True, slots=True)
class ServiceUse:
    account: str
    at: float
    region: str


def write(tx: Tx, uses: Mapping[tuple[str, str], ServiceUse]) -> None:
    """Puts uses down, by the id of who used and by service; of one service's, the last counts."""
    for (entity_id, service), use in uses.items():
        name = f"{entity_id}/{_NAMESPACES.get(service, service)}"
        facts = {"at": use.at, "region": use.region}
        row = resource_rows.named(tx, use.account, KIND, name)
        if row is not None:
            if resource_rows.details(row)["at"] < use.at:
                resource_rows.change(tx, row, details=facts)
            continue
        resource_rows.add(
            tx,
            id=name,
            account=use.account,
            kind=KIND,
            name=name,
            path="/",
            created=use.at,
            owner=entity_id,
            tags={},
            details=facts,
        )


def of(tx: Tx, entity_id: str) -> dict[str, ServiceUse]:
    """By service."""
    found: dict[str, ServiceUse] = {}
    for row in resource_rows.owned(tx, entity_id, KIND):
        facts = resource_rows.details(row)
        service = row["name"].partition("/")[2]
        found[service] = ServiceUse(row["account"], facts["at"], facts["region"])
    return found


def drop(tx: Tx, entity_id: str) -> None:
    for row in resource_rows.owned(tx, entity_id, KIND):
        resource_rows.drop(tx, row)
