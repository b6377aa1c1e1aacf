"""Whom a statement's Principal or NotPrincipal means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.access.model import Who


class Grade(IntEnum):
    """How closely a statement names the principal, which decides what else must agree.

    ACCOUNT hands the matter to the account's own policies. ENTITY (the role behind a session, the
    user behind a federated session) stays under its boundary and session policies. DIRECT (the
    user, the session, the service, everybody) needs nobody else in the same account.
    """

    NONE = 0
    ACCOUNT = 1
    ENTITY = 2
    DIRECT = 3


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals that an element names."""

    everybody: bool
    arns: frozenset[str]
    accounts: frozenset[str]
    unique_ids: frozenset[str]
    services: frozenset[str]
    providers: frozenset[str]
    canonical_ids: frozenset[str]

    @classmethod
    def of(cls, element: Mapping[str, tuple[str, ...]]) -> Principals:
        named = element.get("AWS", ())
        arns = frozenset(name for name in named if name.startswith("arn:"))
        roots = frozenset(name.split(":")[4] for name in arns if name.endswith(":root"))
        others = frozenset(named) - arns
        return cls(
            everybody="*" in named,
            arns=arns,
            accounts=roots | {name for name in others if name.isdigit()},
            unique_ids=frozenset(name for name in others if not name.isdigit()),
            services=frozenset(element.get("Service", ())),
            providers=frozenset(element.get("Federated", ())),
            canonical_ids=frozenset(element.get("CanonicalUser", ())),
        )

    def grade(self, who: Who) -> Grade:
        """How closely these principals name `who`."""
        return Grade.DIRECT if self.everybody else self._named(who)

    def _named(self, who: Who) -> Grade:
        if who.kind == "service":
            known = who.arn in self.services or "*" in self.services
            return Grade.DIRECT if known else Grade.NONE
        if who.kind == "federated":
            known = who.arn in self.providers or "*" in self.providers
            return Grade.DIRECT if known else Grade.NONE
        if who.kind == "anonymous":
            return Grade.NONE
        entity = who.entity_id or who.unique_id.partition(":")[0]
        named = who.arn in self.arns or entity in self.unique_ids
        if who.session_arn is None and who.kind != "role":
            if named:
                return Grade.DIRECT
        elif who.session_arn in self.arns or who.unique_id in self.unique_ids - {entity}:
            return Grade.DIRECT
        elif named:
            return Grade.ENTITY
        if who.account in self.accounts or who.canonical_id in self.canonical_ids:
            return Grade.DIRECT if who.kind == "root" else Grade.ACCOUNT
        return Grade.NONE

    def excludes(self, who: Who, *, deny: bool) -> bool:
        """Whether NotPrincipal spares `who` from the statement.

        From a denial only those are spared who are named as what they are: a session by its own
        ARN, not by its role's or its account's. From an allow everybody is who is named at all.
        """
        return self.grade(who) >= (Grade.DIRECT if deny else Grade.ACCOUNT)
