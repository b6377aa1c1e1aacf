"""Identity and Access Management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.core.call import Call
from inhouse.core.ports import ResourceFacts
from inhouse.core.principal import ANONYMOUS
from inhouse.services.iam import accounts, rows
from inhouse.services.iam.groups import Groups
from inhouse.services.iam.held_policies import GroupPolicies, RolePolicies, UserPolicies
from inhouse.services.iam.identities import Identities, entity_arn
from inhouse.services.iam.managed import PREFIX
from inhouse.services.iam.managed_policies import ManagedPolicies
from inhouse.services.iam.roles import Roles
from inhouse.services.iam.simulation import Simulation
from inhouse.services.iam.summary import Summary
from inhouse.services.iam.tagging import Tagging
from inhouse.services.iam.users import Users

if TYPE_CHECKING:
    from inhouse.core.ports import House, Key, Tx


class IamService(
    Users,
    Groups,
    Roles,
    UserPolicies,
    GroupPolicies,
    RolePolicies,
    ManagedPolicies,
    Tagging,
    Summary,
    Simulation,
):
    """Identity and Access Management, and the house's identities."""

    name = "iam"

    def __init__(self, house: House) -> None:
        self._house = house
        self.identities = Identities(house)
        house.identities = self.identities

    async def stop(self) -> None:
        """Writes when keys were last used."""
        house = self._house
        call = Call(
            house=house,
            principal=ANONYMOUS,
            service=self.name,
            operation="Stop",
            account="",
            region=house.region,
            request_id="",
            now=house.clock.now(),
            tx=house.dispatch.reader(),
        )
        await call.write(lambda here: self.identities.write_uses(here.tx))

    def bootstrap(self, tx: Tx, account_id: str, access_key_id: str, secret: str) -> None:
        """Makes sure of the management account, its admin and the admin's key."""
        self.identities.changed(tx)
        accounts.bootstrap(self._house, tx, account_id, access_key_id, secret)

    def create_account(self, tx: Tx, account_id: str, name: str) -> Key:
        """A new account with an access key for its root user."""
        self.identities.changed(tx)
        return accounts.create_account(self._house, tx, account_id, name)

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner, tags and trust of a user, role or policy; AWS's own policies are everybody's."""
        parts = arn.split(":", 5)
        if len(parts) != 6:
            return None
        if arn.startswith(PREFIX):
            return ResourceFacts("")
        kind, _, name = parts[5].partition("/")
        if kind == "policy":
            row = rows.policy(tx, arn)
        else:
            row = rows.entity(tx, parts[4], kind, name.rpartition("/")[2])
        if row is None or (kind != "policy" and entity_arn(row) != arn):
            return ResourceFacts(parts[4])
        trust = row["trust"] if kind == "role" else None
        return ResourceFacts(parts[4], trust_policy=trust, tags=lambda: rows.tags_of(row))
