"""AWS's sentences for faulty policies, which differ with what the policy is attached to.

IAM answers most faults of an identity policy with one sentence, names the fault in trust policies
as S3 does in bucket policies, and Organizations has one sentence for everything.
"""

from __future__ import annotations

from typing import Final, NoReturn

from inhouse.access.document import ORGANIZATION, PolicyKind
from inhouse.access.errors import InvalidPolicy

SYNTAX: Final = "Syntax errors in policy."
LEGACY: Final = "The policy failed legacy parsing"
VERSION: Final = "Policy document must be version 2012-10-17 or greater."
_ORGANIZATION: Final = (
    "The provided policy document does not meet the requirements of the specified policy type."
)


def refuse(
    kind: PolicyKind,
    place: str,
    detail: str,
    resource: str = "Invalid policy syntax.",
    identity: str = SYNTAX,
) -> NoReturn:
    """Raises InvalidPolicy with the sentence for `kind`: `resource` is that of bucket and trust
    policies, `identity` that of identity policies."""
    if kind in ORGANIZATION:
        message = _ORGANIZATION
    elif kind in (PolicyKind.RESOURCE, PolicyKind.TRUST):
        message = resource
    else:
        message = identity
    raise InvalidPolicy(message, place=place, detail=detail)
