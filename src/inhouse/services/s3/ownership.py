"""Object ownership: whether a bucket has access control lists, and whose new objects are.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import acl, rows
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.grants import AccessList
from inhouse.services.s3.tables import BUCKET_OWNER_ENFORCED
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

KINDS = (BUCKET_OWNER_ENFORCED, "BucketOwnerPreferred", "ObjectWriter")
_ACTION = "s3:PutBucketOwnershipControls"


def check(kind: str) -> None:
    """Raises InvalidArgument for what is no ObjectOwnership."""
    if kind not in KINDS:
        raise ServiceError(
            "InvalidArgument",
            f"Invalid x-amz-object-ownership header: {kind[:40]}",
            status=400,
            ArgumentName="x-amz-object-ownership",
            Detail=f"It is one of {', '.join(KINDS)}",
        )


class Ownership:
    """The ownership controls of buckets."""

    @writes(_ACTION, the_bucket)
    def put_bucket_ownership_controls(self, call: Call, req: Mapping[str, Any]) -> None:
        """Turns lists on or off. Off they can only be while the bucket's list grants nothing."""
        rules = req["OwnershipControls"].get("Rules") or []
        kinds = [rule.get("ObjectOwnership") for rule in rules]
        if len(kinds) != 1 or kinds[0] not in KINDS:
            raise malformed_xml(
                "OwnershipControls has one Rule, whose ObjectOwnership is one of "
                f"{', '.join(KINDS)}"
            )
        bucket = rows.bucket(call.tx, req["Bucket"])
        mine = AccessList.of_owner(bucket["account"])
        if kinds[0] == BUCKET_OWNER_ENFORCED and acl.of_bucket(bucket) != mine:
            raise ServiceError(
                "InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
                status=400,
            )
        rows.change_bucket(call.tx, req["Bucket"], ownership=kinds[0])

    @reads("s3:GetBucketOwnershipControls", the_bucket)
    def get_bucket_ownership_controls(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        kind = rows.bucket(call.tx, req["Bucket"])["ownership"]
        if kind is None:
            raise ServiceError(
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
                status=404,
                BucketName=req["Bucket"],
            )
        return {"OwnershipControls": {"Rules": [{"ObjectOwnership": kind}]}}

    @writes(_ACTION, the_bucket)
    def delete_bucket_ownership_controls(self, call: Call, req: Mapping[str, Any]) -> None:
        """Without controls, objects belong to their writers."""
        rows.change_bucket(call.tx, req["Bucket"], ownership=None)
