"""Operations on buckets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import acl, contents, ownership, places, public_access, rows
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.names import bucket_arn, check_bucket_name, owner
from inhouse.services.s3.scan import after_prefix
from inhouse.services.s3.tables import BUCKET_OWNER_ENFORCED
from inhouse.services.s3.tags import BUCKET_TAGS, checked, to_row
from inhouse.services.s3.tokens import last_of, token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

_MAX_BUCKETS = 10_000
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_LAST = "\U0010ffff"


def _new_bucket(call: Call, req: Mapping[str, Any]) -> str:
    """The ARN of a bucket to be. Names are global: another account's is taken for everybody."""
    there = rows.find_bucket(call.tx, req["Bucket"])
    if there is not None and there["account"] != call.account:
        raise _taken(req["Bucket"])
    return bucket_arn(req["Bucket"])


def _all_buckets(call: Call, req: Mapping[str, Any]) -> str:
    return "arn:aws:s3:::*"


def _create_keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    wanted = (req.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    return {"s3:LocationConstraint": wanted} if wanted else {}


class Buckets:
    """Create, find, list and delete buckets."""

    @writes("s3:CreateBucket", _new_bucket, keys=_create_keys)
    def create_bucket(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Creates a bucket of the caller's account.

        As on AWS, creating one's own bucket again succeeds in us-east-1, if without tags, and
        raises BucketAlreadyOwnedByYou elsewhere.
        """
        name = req["Bucket"]
        check_bucket_name(name)
        if call.principal.kind == "anonymous":
            raise ServiceError("AccessDenied", "Anonymous callers cannot own buckets.", status=403)
        _check_creation(req)
        region = _region(call, req)
        kind, access = _control(call, req)
        there = rows.find_bucket(call.tx, name)
        if there is not None:
            return _there_already(call, there, req)
        if call.house.dispatch.is_access_point_host(call.tx, name):
            raise _taken(name)
        wanted = (req.get("CreateBucketConfiguration") or {}).get("Tags") or []
        tags = checked(((tag["Key"], tag["Value"]) for tag in wanted), BUCKET_TAGS)
        rows.add_bucket(
            call.tx,
            name=name,
            account=call.account,
            region=region,
            created=float(int(call.now.timestamp())),
            tags=to_row(tags),
            public_access_block=public_access.NEW,
            ownership=kind,
            acl=access,
        )
        location = f"/{name}" if region == "us-east-1" else f"http://{name}.s3.amazonaws.com/"
        return {"Location": location, "BucketArn": bucket_arn(name)}

    @reads("s3:ListBucket", the_bucket)
    def head_bucket(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        bucket = rows.bucket(call.tx, req["Bucket"])
        return {
            "BucketRegion": bucket["region"],
            "BucketArn": bucket_arn(bucket["name"]),
            "AccessPointAlias": False,
        }

    @reads("s3:GetBucketLocation", the_bucket)
    def get_bucket_location(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The region; us-east-1 is told as none, as it always was."""
        region = rows.bucket(call.tx, req["Bucket"])["region"]
        return {"LocationConstraint": None if region == "us-east-1" else region}

    @reads("s3:ListAllMyBuckets", _all_buckets)
    def list_buckets(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The account's buckets by name, in pages of MaxBuckets."""
        most = req.get("MaxBuckets", _MAX_BUCKETS)
        if not 1 <= most <= _MAX_BUCKETS:
            raise ServiceError(
                "InvalidArgument",
                f"Argument max-buckets must be an integer between 1 and {_MAX_BUCKETS}, not {most}",
                ArgumentName="max-buckets",
                ArgumentValue=str(most),
            )
        region, prefix = req.get("BucketRegion"), req.get("Prefix") or ""
        if region is not None and not _REGION.fullmatch(region):
            raise ServiceError(
                "InvalidArgument",
                f"Argument value {region[:40]} is not a valid AWS Region",
                ArgumentName="bucket-region",
            )
        given = req.get("ContinuationToken")
        found = rows.buckets_of(
            call.tx,
            call.account,
            "" if given is None else last_of(given),
            prefix,
            after_prefix(prefix) or _LAST,
            region or "",
            most + 1,
        )
        answer: dict[str, Any] = {
            "Buckets": [
                {
                    "Name": row["name"],
                    "CreationDate": rows.moment(row["created"]),
                    "BucketRegion": row["region"],
                    "BucketArn": bucket_arn(row["name"]),
                }
                for row in found[:most]
            ],
            "Owner": owner(call.account),
        }
        if req.get("Prefix") is not None:
            answer["Prefix"] = prefix
        if len(found) > most:
            answer["ContinuationToken"] = token(found[most - 1]["name"])
        return answer

    @writes("s3:DeleteBucket", the_bucket)
    def delete_bucket(self, call: Call, req: Mapping[str, Any]) -> None:
        """Deletes an empty bucket, and the parts of uploads begun in it.

        Access points of other accounts do not keep it: its owner could not remove them.
        """
        name = req["Bucket"]
        bucket = rows.bucket(call.tx, name)
        if call.house.dispatch.has_access_points(call.tx, bucket["account"], name):
            raise ServiceError(
                "BucketHasAccessPointsAttached",
                "The bucket you tried to delete has access points attached. Delete your access "
                "points before deleting your bucket.",
                status=400,
                BucketName=name,
            )
        if not rows.is_empty(call.tx, name):
            versions = ". You must delete all versions in the bucket."
            raise ServiceError(
                "BucketNotEmpty",
                "The bucket you tried to delete is not empty"
                + (versions if bucket["versioning"] is not None else ""),
                status=409,
                BucketName=name,
            )
        for upload in contents.uploads_of(call.tx, name):
            contents.delete_upload(call.tx, upload)
            places.discard_content(call, upload)
        rows.delete_bucket(call.tx, name)


def _check_creation(req: Mapping[str, Any]) -> None:
    """Refuses buckets of kinds that are not implemented."""
    configuration = req.get("CreateBucketConfiguration") or {}
    asked = {
        "ObjectLockEnabledForBucket": req.get("ObjectLockEnabledForBucket"),
        "CreateBucketConfiguration.Location": configuration.get("Location"),
        "CreateBucketConfiguration.Bucket": configuration.get("Bucket"),
        "BucketNamespace": req.get("BucketNamespace") not in (None, "global"),
    }
    for name, wanted in asked.items():
        if wanted:
            raise ServiceError(
                "NotImplemented",
                f"{name}: Inhouse has general purpose buckets, owned and controlled by their "
                "account, without object lock; leave it out.",
                status=501,
                Header=name,
            )


def _control(call: Call, req: Mapping[str, Any]) -> tuple[str, str | None]:
    """The object ownership and the access control list that a bucket begins with, as columns."""
    arn, kind = bucket_arn(req["Bucket"]), req.get("ObjectOwnership")
    if kind is not None:
        ownership.check(kind)
        call.require("s3:PutBucketOwnershipControls", arn)
    access = acl.of_new_bucket(call, req, kind or BUCKET_OWNER_ENFORCED)
    if access is None:
        return kind or BUCKET_OWNER_ENFORCED, None
    call.require("s3:PutBucketAcl", arn)
    return kind or BUCKET_OWNER_ENFORCED, orjson.dumps(access.row).decode()


def _region(call: Call, req: Mapping[str, Any]) -> str:
    configuration = req.get("CreateBucketConfiguration") or {}
    wanted: str | None = configuration.get("LocationConstraint") or None
    wanted = {"EU": "eu-west-1"}.get(wanted or "", wanted)
    first = call.region in ("us-east-1", "aws-global")
    if wanted is not None and (not _REGION.fullmatch(wanted) or (first and wanted == "us-east-1")):
        raise ServiceError(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
            status=400,
            LocationConstraint=wanted[:40],
            Detail="Name another region, or none for us-east-1.",
        )
    if not first and wanted != call.region:
        raise ServiceError(
            "IllegalLocationConstraintException",
            f"The {wanted or 'unspecified'} location constraint is incompatible for the region "
            "specific endpoint this request was sent to.",
            status=400,
            Detail=f"The request is signed for {call.region}: that is the LocationConstraint.",
        )
    return wanted or "us-east-1"


def _there_already(call: Call, there: Any, req: Mapping[str, Any]) -> dict[str, Any]:
    name, tags = req["Bucket"], (req.get("CreateBucketConfiguration") or {}).get("Tags")
    if there["account"] != call.account:
        raise _taken(name)
    if there["region"] == call.region == "us-east-1" and not tags:
        return {"Location": f"/{name}", "BucketArn": bucket_arn(name)}
    raise ServiceError(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
        status=409,
        BucketName=name,
    )


def _taken(name: str) -> ServiceError:
    return ServiceError(
        "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again.",
        status=409,
        BucketName=name,
    )
