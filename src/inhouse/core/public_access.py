"""Settings that keep policies and access control lists from letting everybody in.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The four settings, of a bucket, an access point or a whole account.

    Of several that apply, each setting that is on anywhere counts: join them with `|`.
    """

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> PublicAccessBlock:
        """From a `PublicAccessBlockConfiguration`; what it leaves out is off."""
        return cls(
            bool(members.get("BlockPublicAcls")),
            bool(members.get("IgnorePublicAcls")),
            bool(members.get("BlockPublicPolicy")),
            bool(members.get("RestrictPublicBuckets")),
        )

    @property
    def members(self) -> dict[str, bool]:
        """As a `PublicAccessBlockConfiguration`."""
        return {
            "BlockPublicAcls": self.block_public_acls,
            "IgnorePublicAcls": self.ignore_public_acls,
            "BlockPublicPolicy": self.block_public_policy,
            "RestrictPublicBuckets": self.restrict_public_buckets,
        }

    def __or__(self, other: PublicAccessBlock) -> PublicAccessBlock:
        return PublicAccessBlock(
            self.block_public_acls or other.block_public_acls,
            self.ignore_public_acls or other.ignore_public_acls,
            self.block_public_policy or other.block_public_policy,
            self.restrict_public_buckets or other.restrict_public_buckets,
        )


NO_BLOCK = PublicAccessBlock()
FULL_BLOCK = PublicAccessBlock(
    block_public_acls=True,
    ignore_public_acls=True,
    block_public_policy=True,
    restrict_public_buckets=True,
)
"""What new buckets and access points have."""
