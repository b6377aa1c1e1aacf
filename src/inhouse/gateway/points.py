"""Requests that name an access point where others name a bucket.

S3's own operations never see one: the request gets the bucket behind it, and `call.via` tells
which door it came through. The forms are those of AWS: the ARN; the alias, in the path or the
host; `NAME-ACCOUNT` in the host, where the signing scope tells the two kinds apart.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.access_points import AccessPoint
    from inhouse.core.call import Call
    from inhouse.core.ports import Tx
    from inhouse.gateway.registry import Registry

ALIASES = ("-s3alias", "--ol-s3")
"""How aliases end; no bucket's name may."""
OBJECT_LAMBDA = "s3-object-lambda"
_MAKING = "CreateBucket"
"""Names a bucket to be, and its rules say why no alias can be one."""
_ARN = re.compile(
    r"arn:aws:(?P<service>s3|s3-object-lambda):(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r"[:]accesspoint[:/](?P<name>[a-z0-9-]+)"
).fullmatch
_IN_HOST = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)-(?P<account>\d{12})").fullmatch
_THROUGH = frozenset(
    [
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObject",
        "DeleteObjects",
        "DeleteObjectTagging",
        "GetBucketAcl",
        "GetBucketCors",
        "GetBucketLocation",
        "GetBucketNotificationConfiguration",
        "GetBucketPolicy",
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectLegalHold",
        "GetObjectRetention",
        "GetObjectTagging",
        "HeadBucket",
        "HeadObject",
        "ListMultipartUploads",
        "ListObjects",
        "ListObjectsV2",
        "ListObjectVersions",
        "ListParts",
        "PostObject",
        "PutObject",
        "PutObjectAcl",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
        "RestoreObject",
        "UploadPart",
        "UploadPartCopy",
    ]
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html"""


class Points:
    """Finds access points through the service that keeps them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def through(
        self, call: Call, request: dict[str, Any], *, host: str | None = None, scope: str = ""
    ) -> dict[str, Any]:
        """The request with the bucket behind its access point, which `call.via` becomes.

        `host` is the bucket as the host named it, `scope` the service that signed. Raises
        NoSuchAccessPoint, and MethodNotAllowed for what access points do not do.
        """
        bucket = request.get("Bucket")
        if call.service != "s3" or not isinstance(bucket, str) or call.operation == _MAKING:
            return request
        point = self.named(call.tx, bucket, in_host=host is not None, scope=scope)
        if point is None:
            return request
        if call.operation not in _THROUGH:
            raise ServiceError(
                "MethodNotAllowed",
                f"{call.operation} cannot be made through an access point; name the bucket.",
                status=405,
                Method=call.operation,
                ResourceType="ACCESSPOINT",
            )
        call.via = point
        return {**request, "Bucket": point.bucket}

    def named(
        self, tx: Tx, bucket: str, *, in_host: bool = False, scope: str = ""
    ) -> AccessPoint | None:
        """The access point that `bucket` names; None when it is a bucket's name.

        In a host, NAME-ACCOUNT may be either: it is the bucket's when there is one. Without a
        scope, it is the ordinary access point's before the Object Lambda access point's. Raises
        InvalidARN, NoSuchAccessPoint.
        """
        if bucket.endswith(ALIASES):
            return self._find(tx, bucket, {"alias": bucket})
        if bucket.startswith("arn:"):
            arn = _ARN(bucket)
            if arn is None:
                raise ServiceError(
                    "InvalidARN", f"{bucket[:200]!r} is not the ARN of an access point.", status=400
                )
            wanted = {**arn.groupdict(), "object_lambda": arn["service"] == OBJECT_LAMBDA}
            del wanted["service"]
            return self._find(tx, bucket, wanted)
        host = _IN_HOST(bucket) if in_host else None
        if host is None or (scope != OBJECT_LAMBDA and self._is_bucket(tx, bucket)):
            return None
        kinds = {"": (False, True), OBJECT_LAMBDA: (True,)}.get(scope, (False,))
        return self._find(
            tx, bucket, *({**host.groupdict(), "object_lambda": one} for one in kinds)
        )

    def _find(self, tx: Tx, named: str, *wanted: Mapping[str, Any]) -> AccessPoint:
        for members in wanted:
            for find in self._registry.each("access_point"):
                point: AccessPoint | None = find(tx, **members)
                if point is not None:
                    return point
        raise ServiceError(
            "NoSuchAccessPoint",
            "The specified accesspoint does not exist",
            status=404,
            AccessPointName=named[:200],
        )

    def _is_bucket(self, tx: Tx, name: str) -> bool:
        arn = f"arn:aws:s3:::{name}"
        keeper = self._registry.owner(arn)
        return keeper is not None and keeper.resource(tx, arn) is not None
