"""Policies and tags of buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.access.public import is_public
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import policies, public_access, rows, tags
from inhouse.services.s3.authority import the_bucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class Configuration:
    """What a bucket is set to, notifications apart."""

    @writes("s3:PutBucketPolicy", the_bucket)
    def put_bucket_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        """Sets the policy. Raises MalformedPolicy for one that could never be what was meant."""
        _own(call, req)
        policy = policies.kept(call, req["Policy"], req["Bucket"])
        public_access.check_policy(call, rows.bucket(call.tx, req["Bucket"]), policy)
        rows.change_bucket(call.tx, req["Bucket"], policy=policy)

    @reads("s3:GetBucketPolicy", the_bucket)
    def get_bucket_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        _own(call, req)
        return {"Policy": call.house.identities.policy_by_arn(call.tx, _policy(call, req))}

    @writes("s3:DeleteBucketPolicy", the_bucket)
    def delete_bucket_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        _own(call, req)
        rows.change_bucket(call.tx, req["Bucket"], policy=None)

    @reads("s3:GetBucketPolicyStatus", the_bucket)
    def get_bucket_policy_status(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Whether the policy lets everybody in."""
        return {"PolicyStatus": {"IsPublic": is_public(_policy(call, req))}}

    @writes("s3:PutBucketTagging", the_bucket)
    def put_bucket_tagging(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the tags of a bucket."""
        wanted = tags.from_request(req["Tagging"], tags.BUCKET_TAGS)
        rows.change_bucket(call.tx, req["Bucket"], tags=tags.to_row(wanted))

    @reads("s3:GetBucketTagging", the_bucket)
    def get_bucket_tagging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        text = rows.bucket(call.tx, req["Bucket"])["tags"]
        if text is None:
            raise ServiceError(
                "NoSuchTagSet", "The TagSet does not exist", status=404, BucketName=req["Bucket"]
            )
        return {"TagSet": tags.tag_set(text)}

    @writes("s3:PutBucketTagging", the_bucket)
    def delete_bucket_tagging(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.change_bucket(call.tx, req["Bucket"], tags=None)


def _own(call: Call, req: Mapping[str, Any]) -> None:
    """Policies are the business of the bucket's account, even if they grant that to others."""
    if call.principal.account != rows.bucket(call.tx, req["Bucket"])["account"]:
        raise ServiceError(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            status=405,
            ResourceType="BUCKETPOLICY",
            Detail="Only the bucket's own account may touch its policy.",
        )


def _policy(call: Call, req: Mapping[str, Any]) -> str:
    text: str | None = rows.bucket(call.tx, req["Bucket"])["policy"]
    if text is None:
        raise ServiceError(
            "NoSuchBucketPolicy",
            "The bucket policy does not exist",
            status=404,
            BucketName=req["Bucket"],
        )
    return text
