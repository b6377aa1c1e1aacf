"""How long policies may be; white space does not count.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from inhouse.access.errors import PolicyTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterable


class SizeLimit(Enum):
    """A quota: characters, and AWS's sentence when there are more.

    Inline policies share one quota for each user, group or role.
    """

    MANAGED = (6_144, "Cannot exceed quota for PolicySize: {limit}")
    USER_INLINE = (2_048, "Maximum policy size of {limit} bytes exceeded for user {holder}")
    GROUP_INLINE = (5_120, "Maximum policy size of {limit} bytes exceeded for group {holder}")
    ROLE_INLINE = (10_240, "Maximum policy size of {limit} bytes exceeded for role {holder}")
    TRUST = (2_048, "Cannot exceed quota for ACLSizePerRole: {limit}")
    SESSION = (2_048, "Packed size of the session policies exceeds {limit} characters")
    ORGANIZATION = (5_120, "The policy exceeds the quota of {limit} characters")
    BUCKET = (20_480, "Policy exceeds the maximum allowed document size.")
    FUNCTION = (20_480, "The final policy size is bigger than the limit ({limit}).")
    TOPIC = (30_720, "Invalid parameter: Policy length exceeds {limit} characters")

    @property
    def characters(self) -> int:
        return self.value[0]

    def sentence(self, holder: str) -> str:
        """AWS's sentence for more than that, held by `holder`."""
        return self.value[1].format_map({"limit": self.characters, "holder": holder})


def policy_size(text: str) -> int:
    """Characters of a policy document without its white space."""
    return sum(map(len, text.split()))


def check_size(texts: Iterable[str], limit: SizeLimit, *, holder: str = "") -> None:
    """Raises PolicyTooLarge when the documents together are longer than `limit`."""
    if sum(map(policy_size, texts)) > limit.characters:
        raise PolicyTooLarge(limit.sentence(holder))
