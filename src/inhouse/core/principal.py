"""Who makes a call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

PrincipalKind = Literal["root", "user", "role", "federated", "service", "anonymous"]


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller, a service acting on an owner's behalf, or nobody.

    `arn` is what `sts:GetCallerIdentity` answers: the user's ARN, or for a role session the
    `assumed-role` ARN. `identity_arn` owns the identity policies: the user or the role itself.
    `federated` is an identity provider, whose user has yet to assume a role.
    """

    kind: PrincipalKind
    account: str
    arn: str
    identity_arn: str = ""
    unique_id: str = ""
    access_key_id: str = ""
    session_policies: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    """Condition keys that belong to the caller (`aws:SourceArn`, `sts:ExternalId`, …)."""
    behind: str = ""
    """Who made a federated user's session: a user's unique id, or the account of a root user."""

    @property
    def entity_id(self) -> str:
        """The unique id of the user or role whose policies count."""
        return self.behind or self.unique_id.partition(":")[0]

    def to_row(self) -> dict[str, Any]:
        """JSON-able form, for jobs that later act as this caller."""
        return {
            "kind": self.kind,
            "account": self.account,
            "arn": self.arn,
            "identity_arn": self.identity_arn,
            "unique_id": self.unique_id,
            "session_policies": list(self.session_policies),
            "tags": dict(self.tags),
            "context": dict(self.context),
            "behind": self.behind,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Principal:
        return cls(**{**row, "session_policies": tuple(row["session_policies"])})


ANONYMOUS = Principal(kind="anonymous", account="", arn="*")


def service_principal(service: str, *, source_arn: str, source_account: str) -> Principal:
    """A service acting for a resource, as `sns.amazonaws.com` does for a topic.

    Only a resource policy can let it in; `aws:SourceArn` and `aws:SourceAccount` are set so that
    the policy can tell whose resource it is.
    """
    return Principal(
        kind="service",
        account="",
        arn=service,
        context={"aws:SourceArn": source_arn, "aws:SourceAccount": source_account},
    )


def root_user(account: str) -> Principal:
    arn = f"arn:aws:iam::{account}:root"
    return Principal("root", account, arn, arn, account)
