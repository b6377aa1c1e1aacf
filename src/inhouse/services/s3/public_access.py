"""The public access block of buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.access.public import is_public
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.core.public_access import FULL_BLOCK, NO_BLOCK, PublicAccessBlock
from inhouse.services.s3 import rows
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.names import bucket_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row, Tx

_ACTION = "s3:PutBucketPublicAccessBlock"


def to_row(block: PublicAccessBlock) -> str:
    return orjson.dumps(block.members).decode()


NEW = to_row(FULL_BLOCK)
"""The column of a new bucket, since April 2023."""


def of(bucket: Row) -> PublicAccessBlock:
    """The bucket's own settings."""
    text: str | None = bucket["public_access_block"]
    return NO_BLOCK if text is None else _parsed(text)


def in_force(house: House, tx: Tx, bucket: Row) -> PublicAccessBlock:
    """The settings of the bucket and of its account, joined."""
    return of(bucket) | house.dispatch.account_block(tx, bucket["account"])


def let_in(house: House, tx: Tx, bucket: Row) -> tuple[str, ...]:
    """The accounts that RestrictPublicBuckets lets in, the policy being public; () where it does
    not matter."""
    policy: str | None = bucket["policy"]
    if policy is None or not is_public(policy):
        return ()
    restricted = in_force(house, tx, bucket).restrict_public_buckets
    return (bucket["account"],) if restricted else ()


def check_policy(call: Call, bucket: Row, text: str) -> None:
    """Raises AccessDenied for a public policy where BlockPublicPolicy is on."""
    if in_force(call.house, call.tx, bucket).block_public_policy and is_public(text):
        raise ServiceError(
            "AccessDenied",
            f"User: {call.principal.arn} is not authorized to perform: s3:PutBucketPolicy on "
            f'resource: "{bucket_arn(bucket["name"])}" because public policies are prevented by '
            "the BlockPublicPolicy setting in S3 Block Public Access.",
            status=403,
        )


@lru_cache(maxsize=64)
def _parsed(text: str) -> PublicAccessBlock:
    return PublicAccessBlock.of(orjson.loads(text))


class PublicAccess:
    """What keeps a bucket from the public."""

    @writes(_ACTION, the_bucket)
    def put_public_access_block(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the settings; those left out are off."""
        if not req["PublicAccessBlockConfiguration"]:
            raise ServiceError(
                "InvalidRequest", "Must specify at least one configuration.", status=400
            )
        block = PublicAccessBlock.of(req["PublicAccessBlockConfiguration"])
        rows.change_bucket(call.tx, req["Bucket"], public_access_block=to_row(block))

    @reads("s3:GetBucketPublicAccessBlock", the_bucket)
    def get_public_access_block(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        bucket = rows.bucket(call.tx, req["Bucket"])
        if bucket["public_access_block"] is None:
            raise ServiceError(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
                status=404,
                BucketName=req["Bucket"],
            )
        return {"PublicAccessBlockConfiguration": of(bucket).members}

    @writes(_ACTION, the_bucket)
    def delete_public_access_block(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.change_bucket(call.tx, req["Bucket"], public_access_block=None)
