"""The encryption of buckets: under the server's keys always, under customers' unless blocked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import rows
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.encryption.customer import AES256
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

_PUT = "s3:PutEncryptionConfiguration"
_BLOCKED = "SSE-C"
_ALGORITHMS = (AES256, "aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup")


class Encryption:
    """Default encryption of buckets, and which encryption they do not take."""

    @writes(_PUT, the_bucket)
    def put_bucket_encryption(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the rule. What it leaves out of blocked types stays, as on AWS."""
        rules = (req.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or []
        if len(rules) != 1:
            raise malformed_xml(f"There are {len(rules)} Rules; give one.")
        rule = rules[0]
        _check_default(rule.get("ApplyServerSideEncryptionByDefault"))
        blocked = _blocked(rule.get("BlockedEncryptionTypes"))
        if blocked is None:
            blocked = _kept(call, req).get("blocked")
        kept = {"bucket_key": bool(rule.get("BucketKeyEnabled")), "blocked": blocked}
        rows.change_bucket(call.tx, req["Bucket"], encryption=orjson.dumps(kept).decode())

    @reads("s3:GetEncryptionConfiguration", the_bucket)
    def get_bucket_encryption(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """What was put, else what every bucket has since January 2023."""
        kept = _kept(call, req)
        rule: dict[str, Any] = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": AES256},
            "BucketKeyEnabled": kept.get("bucket_key", False),
        }
        if kept.get("blocked") is not None:
            types = [_BLOCKED if kept["blocked"] else "NONE"]
            rule["BlockedEncryptionTypes"] = {"EncryptionType": types}
        return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}

    @writes(_PUT, the_bucket)
    def delete_bucket_encryption(self, call: Call, req: Mapping[str, Any]) -> None:
        """Back to what every bucket has."""
        rows.change_bucket(call.tx, req["Bucket"], encryption=None)


def _kept(call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
    text: str | None = rows.bucket(call.tx, req["Bucket"])["encryption"]
    kept: dict[str, Any] = {} if text is None else orjson.loads(text)
    return kept


def _check_default(default: Mapping[str, Any] | None) -> None:
    if default is None:
        return
    algorithm = default.get("SSEAlgorithm")
    if algorithm not in _ALGORITHMS:
        raise malformed_xml(f"SSEAlgorithm is {str(algorithm)[:40]!r}; it is {AES256}.")
    if algorithm != AES256:
        raise ServiceError(
            "NotImplemented",
            f"SSEAlgorithm is {algorithm!r}: Inhouse has no KMS. Say {AES256}, which encrypts "
            "under this server's key file.",
            status=501,
        )
    if default.get("KMSMasterKeyID") is not None:
        raise ServiceError(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or "
            "aws:kms:dsse",
            status=400,
            ArgumentName="ApplyServerSideEncryptionByDefault",
        )


def _blocked(members: Mapping[str, Any] | None) -> bool | None:
    """Whether SSE-C is blocked; None if a rule says nothing of it."""
    types = (members or {}).get("EncryptionType") or []
    if not types:
        return None
    if types not in (["NONE"], [_BLOCKED]):
        raise malformed_xml(f"EncryptionType is {types!r:.60}; it is NONE or {_BLOCKED}.")
    return bool(types == [_BLOCKED])
