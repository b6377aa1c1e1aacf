"""What authentication and authorization ask of IAM's tables, answered from memory.

Every request needs a key and policies, so both are remembered. A change of IAM's rows replaces
the memory once it is committed: a reader that began to fill the old one fills what nobody will
look at again. Only a reader's findings are remembered, never what a writer sees, since that may
yet be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from inhouse.access import Policies, Policy, PolicyKind, Question, Who, decide
from inhouse.core.arn import Arn
from inhouse.core.ports import Credentials, IdentityPolicies, Key, OidcProvider, RoleFacts
from inhouse.core.principal import Principal
from inhouse.services.iam import devices, naming, resource_rows, rows, service_uses
from inhouse.services.iam.attempts import Attempts
from inhouse.services.iam.issuers import bare
from inhouse.services.iam.managed import MANAGED
from inhouse.services.iam.naming import entity_arn
from inhouse.services.iam.service_uses import ServiceUse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inhouse.core.ports import House, Row, Tx

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 20_000
"""Keys, and identities, remembered at most; one more and the memory starts afresh."""
EXPIRED_FOR = 86_400.0
"""Seconds an expired session is kept, so that its holder is told that it expired."""
Use = tuple[float, str, str]
"""When a key was used, with which service and in which region."""
NO_POLICIES = IdentityPolicies()
_ROOT_POLICIES = IdentityPolicies(
    identity=(
        (
            "root",
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
        ),
    )
)
"""What a federated user's session of a root user starts from."""


class _Memory:
    """One generation of what readers found."""

    __slots__ = ("keys", "policies")

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.policies: dict[str, IdentityPolicies] = {}


class Identities:
    """Implements core's `Identities` over IAM's tables."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._memory = _Memory()
        self._uses: dict[str, Use] = {}
        self._services: dict[tuple[str, str], ServiceUse] = {}
        self._lent: dict[str, Key] = {}
        self._attempts = Attempts(house.clock)

    def changed(self, tx: Tx) -> None:
        """Every change of IAM's rows on `tx` says so here."""
        tx.after_commit(self.forget)
        self.write_uses(tx)

    def used(self, access_key_id: str, service: str, region: str) -> None:
        now = self._house.clock.time()
        if access_key_id.startswith("AKIA"):
            self._uses[access_key_id] = (now, service, region)
        key = self._memory.keys.get(access_key_id)
        if key is not None:
            who = key.principal
            self._services[who.entity_id, service] = ServiceUse(who.account, now, region)

    def last_use(self, access_key_id: str) -> Use | None:
        """The last use since uses were written to the rows."""
        return self._uses.get(access_key_id)

    def write_uses(self, tx: Tx) -> None:
        """Writes to the rows what `used` noted: with every change of IAM, and at the end."""
        uses = dict(self._uses)
        for key_id, (moment, service, region) in uses.items():
            rows.change_key(tx, key_id, last_used=moment, last_service=service, last_region=region)
        services = dict(self._services)
        service_uses.write(tx, services)
        tx.after_commit(lambda: _forget(self._uses, uses))
        tx.after_commit(lambda: _forget(self._services, services))

    def forget(self) -> None:
        self._memory = _Memory()

    def key(self, tx: Tx, access_key_id: str) -> Key | None:
        memory = self._memory
        found = memory.keys.get(access_key_id) or self._lent.get(access_key_id)
        if found is None:
            found = _load_key(tx, access_key_id)
            if found is not None and self._may_remember(tx, memory.keys):
                memory.keys[access_key_id] = found
        return found

    def policies(self, tx: Tx, principal: Principal) -> IdentityPolicies:
        """The policies of the user or role itself; a namesake made later has another unique id."""
        if principal.kind not in ("user", "role"):
            return NO_POLICIES
        memory = self._memory
        entity_id = principal.entity_id
        if entity_id == principal.account:
            return _ROOT_POLICIES
        found = memory.policies.get(entity_id)
        if found is None:
            found = _load_policies(tx, entity_id)
            if self._may_remember(tx, memory.policies):
                memory.policies[entity_id] = found
        return found

    def role(self, tx: Tx, role_arn: str) -> RoleFacts | None:
        """The role, None where there is none or its account is suspended."""
        try:
            arn = Arn.parse(role_arn)
        except ValueError:
            return None
        if arn.service != "iam" or not arn.resource.startswith("role/"):
            return None
        row = rows.entity(tx, arn.account, "role", arn.resource.rpartition("/")[2])
        if row is None or entity_arn(row) != role_arn or not is_active(tx, arn.account):
            return None
        return RoleFacts(
            arn=role_arn,
            name=row["name"],
            unique_id=row["id"],
            account=row["account"],
            trust_policy=row["trust"],
            max_session_seconds=row["max_session"],
            tags=rows.tags_of(row),
        )

    def managed_policy(self, tx: Tx, policy_arn: str) -> str | None:
        return document_of(tx, policy_arn)

    def policy_by_id(self, tx: Tx, text: str) -> str:
        return naming.by_id(tx, text)

    def policy_by_arn(self, tx: Tx, text: str) -> str:
        return naming.by_arn(tx, text)

    def mfa(
        self, tx: Tx, principal: Principal, serial: str, code: str, *, spend: bool = False
    ) -> bool | None:
        row = devices.of(tx, principal.account, serial)
        if row is None or row["owner"] != principal.entity_id:
            return None
        if self._attempts.rests(serial):
            return False
        right = devices.accepts(tx, row, code, self._house.clock.time(), spend=spend)
        self._attempts.note(serial, right=right)
        return right

    def oidc_provider(self, tx: Tx, account: str, issuer: str) -> OidcProvider | None:
        row = resource_rows.named(tx, account, "oidc-provider", bare(issuer))
        if row is None:
            return None
        return OidcProvider(resource_rows.arn(row), tuple(resource_rows.details(row)["clients"]))

    def trusts(self, role: RoleFacts, service: str, context: Mapping[str, str]) -> bool:
        trust = Policy.parse(role.trust_policy, kind=PolicyKind.TRUST, name="trust policy")
        question = Question(
            action="sts:AssumeRole",
            resource=role.arn,
            principal=Who("service", "", service),
            resource_account=role.account,
            context=dict(context),
        )
        return decide(question, Policies(resource=trust)).allowed

    def open_session(self, tx: Tx, principal: Principal, *, seconds: int) -> Credentials:
        house = self._house
        now = house.clock.time()
        rows.drop_sessions(tx, now - EXPIRED_FOR)
        key_id = house.ids.unique("ASIA")
        made = Credentials(
            access_key_id=key_id,
            secret_access_key=house.ids.token(30),
            session_token=house.ids.token(192),
            expires=float(int(now) + seconds),
            principal=principal,
        )
        rows.add_session(
            tx,
            id=key_id,
            account=principal.account,
            secret=made.secret_access_key,
            token=made.session_token,
            expires=made.expires,
            principal=orjson.dumps(principal.to_row()).decode(),
        )
        if principal.kind == "role":
            rows.change_entity(tx, principal.entity_id, last_used=now, last_region=house.region)
        return made

    def lend(self, principal: Principal, *, seconds: float) -> Credentials:
        house = self._house
        made = Credentials(
            access_key_id=house.ids.unique("ASIA"),
            secret_access_key=house.ids.token(30),
            session_token=house.ids.token(48),
            expires=house.clock.time() + seconds,
            principal=principal,
        )
        self._lent[made.access_key_id] = Key(
            made.secret_access_key, principal, made.session_token, made.expires
        )
        return made

    def revoke(self, access_key_id: str) -> None:
        self._lent.pop(access_key_id, None)

    def role_principal(
        self,
        role: RoleFacts,
        session_name: str,
        *,
        session_policies: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        context: Mapping[str, str | list[str]] | None = None,
    ) -> Principal:
        return Principal(
            kind="role",
            account=role.account,
            arn=f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session_name}",
            identity_arn=role.arn,
            unique_id=f"{role.unique_id}:{session_name}",
            session_policies=tuple(session_policies),
            tags={**role.tags, **(tags or {})},
            context=dict(context or {}),
        )

    def _may_remember(self, tx: Tx, known: dict[str, Any]) -> bool:
        if len(known) >= REMEMBERED:
            known.clear()
        return tx is self._house.dispatch.reader()


def _forget(noted: dict[K, V], written: Mapping[K, V]) -> None:
    """Takes out what was written and not noted anew since."""
    for key, use in written.items():
        if noted.get(key) is use:
            del noted[key]


def is_active(tx: Tx, account_id: str) -> bool:
    account = rows.account(tx, account_id)
    return account is not None and account["status"] == "ACTIVE"


def document_of(tx: Tx, policy_arn: str) -> str | None:
    """The document in force of a managed policy, ours or a customer's."""
    managed = MANAGED.get(policy_arn)
    return managed.document if managed else rows.default_document(tx, policy_arn)


def _load_key(tx: Tx, key_id: str) -> Key | None:
    if key_id.startswith("ASIA"):
        return _load_session(tx, key_id)
    row = rows.key(tx, key_id)
    if row is None or row["status"] != "Active" or row["account_status"] != "ACTIVE":
        return None
    if not row["user_id"]:
        return Key(row["secret"], root_principal(row["account"], key_id))
    user = rows.entity_by_id(tx, row["user_id"])
    return Key(row["secret"], user_principal(user, key_id)) if user is not None else None


def _load_session(tx: Tx, key_id: str) -> Key | None:
    row = rows.session(tx, key_id)
    if row is None or row["account_status"] != "ACTIVE":
        return None
    principal = Principal.from_row({**orjson.loads(row["principal"]), "access_key_id": key_id})
    # Policies of resources may still name a user or role that is gone; its sessions end with it.
    entity_id = principal.entity_id
    if entity_id != principal.account and rows.entity_by_id(tx, entity_id) is None:
        return None
    return Key(row["secret"], principal, row["token"], row["expires"])


def root_principal(account_id: str, key_id: str = "") -> Principal:
    arn = f"arn:aws:iam::{account_id}:root"
    return Principal("root", account_id, arn, arn, account_id, key_id)


def user_principal(user: Row, key_id: str = "") -> Principal:
    arn = entity_arn(user)
    return Principal("user", user["account"], arn, arn, user["id"], key_id, tags=rows.tags_of(user))


def _load_policies(tx: Tx, entity_id: str) -> IdentityPolicies:
    entity = rows.entity_by_id(tx, entity_id)
    if entity is None or not is_active(tx, entity["account"]):
        return NO_POLICIES
    holders = [entity_id]
    if entity["kind"] == "user":
        holders += [group["id"] for group in rows.groups_of(tx, entity_id)]
    found: dict[str, str] = {}
    for holder in holders:
        for arn in rows.attached(tx, holder):
            document = document_of(tx, arn)
            if document is not None:
                found[arn] = document
    named = list(found.items())
    for holder in holders:
        named += rows.inline_of(tx, holder).items()
    return IdentityPolicies(identity=tuple(named), boundary=_boundary(tx, entity["boundary"]))


def _boundary(tx: Tx, arn: str | None) -> tuple[str, str] | None:
    if arn is None:
        return None
    # A boundary that is gone must not set its holder free.
    nothing = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    return arn, document_of(tx, arn) or nothing
