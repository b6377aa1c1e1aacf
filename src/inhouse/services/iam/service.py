"""Identity and Access Management."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.core.call import Call
from inhouse.core.ports import ResourceFacts
from inhouse.core.principal import ANONYMOUS
from inhouse.services.iam import accounts, names, resource_rows, rows, targets
from inhouse.services.iam.credential_report import CredentialReport
from inhouse.services.iam.groups import Groups
from inhouse.services.iam.held_policies import GroupPolicies, RolePolicies, UserPolicies
from inhouse.services.iam.identities import Identities
from inhouse.services.iam.instance_profiles import InstanceProfiles
from inhouse.services.iam.last_access import LastAccess
from inhouse.services.iam.login_profiles import LoginProfiles
from inhouse.services.iam.managed import PREFIX
from inhouse.services.iam.managed_policies import ManagedPolicies
from inhouse.services.iam.mfa_devices import MfaDevices
from inhouse.services.iam.naming import entity_arn
from inhouse.services.iam.oidc_providers import OidcProviders
from inhouse.services.iam.roles import Roles
from inhouse.services.iam.saml_providers import SamlProviders
from inhouse.services.iam.server_certificates import ServerCertificates
from inhouse.services.iam.service_credentials import ServiceCredentials
from inhouse.services.iam.service_linked import ServiceLinkedRoles
from inhouse.services.iam.simulation import Simulation
from inhouse.services.iam.summary import Summary
from inhouse.services.iam.tagging import Tagging
from inhouse.services.iam.user_credentials import UserCredentials
from inhouse.services.iam.users import Users
from inhouse.wire.constraints import constrained

if TYPE_CHECKING:
    from inhouse.core.ports import House, Key, Row, Tx


@constrained("iam", names.SENTENCES)
class IamService(
    Users,
    Groups,
    Roles,
    UserPolicies,
    GroupPolicies,
    RolePolicies,
    ManagedPolicies,
    ServiceLinkedRoles,
    InstanceProfiles,
    MfaDevices,
    OidcProviders,
    SamlProviders,
    LoginProfiles,
    UserCredentials,
    ServiceCredentials,
    ServerCertificates,
    CredentialReport,
    LastAccess,
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
        """Owner, tags and trust of what an account has in IAM; AWS's own policies are everybody's."""
        parts = arn.split(":", 5)
        if len(parts) != 6:
            return None
        if arn.startswith(PREFIX):
            return ResourceFacts("")
        kind, _, name = parts[5].partition("/")
        if kind == "policy":
            row = rows.policy(tx, arn)
        elif kind in targets.MEMBERS:
            row = rows.entity(tx, parts[4], kind, name.rpartition("/")[2])
        else:
            last = name if kind in ("oidc-provider", "mfa") else name.rpartition("/")[2]
            row = resource_rows.named(tx, parts[4], kind, last)
        if row is None or _arn(kind, row) != arn:
            return ResourceFacts(parts[4])
        trust = row["trust"] if kind == "role" else None
        return ResourceFacts(parts[4], trust_policy=trust, tags=lambda: rows.tags_of(row))


def _arn(kind: str, row: Row) -> str:
    if kind == "policy":
        return str(row["arn"])
    return entity_arn(row) if kind in targets.MEMBERS else resource_rows.arn(row)
