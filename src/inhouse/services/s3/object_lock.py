"""Object lock, which no bucket here has: what asks for it is told so, in S3's words.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.s3.authority import object_keys, the_bucket, the_object
from inhouse.services.s3.headers import no_object_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class ObjectLock:
    """Locks of buckets, retention and legal holds of objects."""

    @reads("s3:GetBucketObjectLockConfiguration", the_bucket)
    def get_object_lock_configuration(self, call: Call, req: Mapping[str, Any]) -> None:
        raise ServiceError(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
            status=404,
            BucketName=req["Bucket"],
        )

    @reads("s3:PutBucketObjectLockConfiguration", the_bucket)
    def put_object_lock_configuration(self, call: Call, req: Mapping[str, Any]) -> None:
        raise ServiceError(
            "InvalidBucketState",
            "Object Lock configuration cannot be enabled on existing buckets: Inhouse does not "
            "implement object lock; keep versions and deny s3:DeleteObjectVersion instead.",
            status=409,
            BucketName=req["Bucket"],
        )

    @reads("s3:GetObjectRetention", the_object, keys=object_keys)
    def get_object_retention(self, call: Call, req: Mapping[str, Any]) -> None:
        raise no_object_lock("Retention")

    @reads("s3:PutObjectRetention", the_object, keys=object_keys)
    def put_object_retention(self, call: Call, req: Mapping[str, Any]) -> None:
        raise no_object_lock("Retention")

    @reads("s3:GetObjectLegalHold", the_object, keys=object_keys)
    def get_object_legal_hold(self, call: Call, req: Mapping[str, Any]) -> None:
        raise no_object_lock("LegalHold")

    @reads("s3:PutObjectLegalHold", the_object, keys=object_keys)
    def put_object_legal_hold(self, call: Call, req: Mapping[str, Any]) -> None:
        raise no_object_lock("LegalHold")
