"""Trust policies: checked, and kept as they are meant.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.access import InvalidPolicy, PolicyKind, SizeLimit
from inhouse.services.iam import documents, naming

if TYPE_CHECKING:
    from inhouse.core.ports import Tx


def bound(tx: Tx, text: str) -> str:
    """A trust policy, checked, with unique ids for the users and roles it names.

    Raises MalformedPolicyDocument, also for a user or role that is not there.
    """
    documents.check(text, PolicyKind.TRUST)
    documents.check_quota([text], SizeLimit.TRUST)
    try:
        return naming.by_id(tx, text)
    except InvalidPolicy as problem:
        raise documents.malformed(problem) from None
