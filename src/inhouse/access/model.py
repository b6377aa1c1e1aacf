"""The question asked of the policies, and the answer: plain immutable values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from inhouse.access import wording

if TYPE_CHECKING:
    from inhouse.access.policy import Policy

WhoKind = Literal["user", "role", "root", "service", "anonymous", "federated"]
ContextValue = str | Sequence[str]
Context = Mapping[str, ContextValue]


class Layer(StrEnum):
    """The kind of policy that decided."""

    SCP = "scp"
    RCP = "rcp"
    RESOURCE = "resource"
    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"


class Reason(StrEnum):
    """Why a request is allowed or denied."""

    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY_SCP = "implicit_deny_scp"
    IMPLICIT_DENY_RESOURCE = "implicit_deny_resource"
    IMPLICIT_DENY_IDENTITY = "implicit_deny_identity"
    IMPLICIT_DENY_BOUNDARY = "implicit_deny_boundary"
    IMPLICIT_DENY_SESSION = "implicit_deny_session"
    ALLOWED_IDENTITY = "allowed_identity"
    ALLOWED_RESOURCE = "allowed_resource"
    ALLOWED_BOTH = "allowed_both"
    ALLOWED_ROOT = "allowed_root"


@dataclass(frozen=True, slots=True)
class Who:
    """The principal of a request.

    `arn` is the user, the role (not its session), the account's `:root`, the service name
    (`sns.amazonaws.com`), or the identity provider for `federated`, whose caller has yet to assume
    a role. `session_arn` is the `assumed-role` ARN of a role session, or the `federated-user` ARN
    of a GetFederationToken session of a user. `unique_id` is what `aws:userid` shows
    (`AIDA…`, `AROA…:session-name`). `canonical_id` is the account's canonical user ID in S3.
    `entity_id` is the unique id of the user or role itself, where `unique_id` does not begin so.
    """

    kind: WhoKind
    account: str
    arn: str
    session_arn: str | None = None
    unique_id: str = ""
    canonical_id: str = ""
    entity_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """May `principal` do `action` to `resource`?

    `resource` is an ARN or `*`. `resource_account` owns the resource; empty means the
    principal's own account, as for actions that name no resource. `context` holds condition keys,
    in any case; a key with several values has a list. It may also be a function that returns them,
    called at most once for a decision, and only if a policy asks for a key. Keys that follow from
    the principal and the resource (`aws:PrincipalArn`, `aws:PrincipalAccount`,
    `aws:PrincipalType`, `aws:userid`, `aws:username`, `aws:PrincipalIsAWSService`,
    `aws:PrincipalServiceName`, `aws:ResourceAccount`) need not be given: the engine derives them,
    and a given one wins.
    """

    action: str
    resource: str
    principal: Who
    resource_account: str = ""
    context: Context | Callable[[], Context] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that applies to a question.

    `scps` are the levels from the organization's root down to the principal's account; each level
    must allow, so an empty level allows nothing. Leave `scps` empty for the management account
    and outside organizations. `rcps` are those of the resource's account, all levels together:
    AWS attaches RCPFullAWSAccess everywhere and lets nobody detach it, so only denials count.
    `session` policies are alternatives to each other: one that allows is enough; none means that
    the session was not narrowed.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that took part in a decision. `index` counts from 0 within its policy."""

    policy: str
    index: int
    sid: str
    effect: Literal["Allow", "Deny"]
    layer: Layer

    def __str__(self) -> str:
        name = f"statement {self.sid!r}" if self.sid else f"statement {self.index}"
        return f"{name} of {wording.A_POLICY[self.layer]} {self.policy!r}"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, true when allowed. `layer` granted, or is the one that refused."""

    allowed: bool
    reason: Reason
    layer: Layer
    matched: tuple[Match, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed

    def message(self, question: Question) -> str:
        """AWS's AccessDenied sentence for a refusal, naming action, resource and policy type.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        return wording.denied(self, question)

    def explanation(self) -> tuple[str, ...]:
        """The decision for people: one line for the outcome, one for each statement behind it."""
        return wording.explained(self)
