"""Access points: doors to a bucket, each with a name and a policy of its own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inhouse.core.public_access import FULL_BLOCK, PublicAccessBlock

if TYPE_CHECKING:
    from collections.abc import Mapping


def condition_keys(
    arn: str, account: str, network_origin: str, tags: Mapping[str, str]
) -> dict[str, str | list[str]]:
    """What an access point tells policies of itself, used or managed.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    """
    return {
        "s3:DataAccessPointArn": arn,
        "s3:DataAccessPointAccount": account,
        "s3:AccessPointNetworkOrigin": network_origin,
        **{f"s3:AccessPointTag/{key}": value for key, value in tags.items()},
    }


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """The access point that a request came through.

    An Object Lambda access point stands before another one, its `supporting` access point, and
    has a `configuration`, boto3's ObjectLambdaConfiguration.
    """

    arn: str
    account: str
    region: str
    name: str
    alias: str
    bucket: str
    """The bucket behind it; for Object Lambda, behind the supporting access point."""
    bucket_account: str
    policy: str | None = None
    network_origin: str = "Internet"
    block: PublicAccessBlock = FULL_BLOCK
    tags: Mapping[str, str] = field(default_factory=dict)
    supporting: AccessPoint | None = None
    configuration: Mapping[str, Any] | None = None

    @property
    def keys(self) -> dict[str, str | list[str]]:
        """Its condition keys."""
        return condition_keys(self.arn, self.account, self.network_origin, self.tags)

    def transformation(self, operation: str) -> Mapping[str, Any] | None:
        """What the configuration says of an operation (`GetObject`), if it transforms it."""
        every = self.configuration["TransformationConfigurations"] if self.configuration else ()
        return next((one for one in every if operation in one["Actions"]), None)

    def inner(self, bucket_arn: str) -> str | None:
        """Its own ARN for its bucket's or for an object in it; None for another bucket's.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
        """
        bucket, slash, key = bucket_arn.partition("/")
        if bucket != f"arn:aws:s3:::{self.bucket}":
            return None
        return f"{self.arn}/object/{key}" if slash else self.arn
