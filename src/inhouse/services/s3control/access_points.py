"""Access points: made, told, listed, removed.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError, not_implemented
from inhouse.core.operations import reads, writes
from inhouse.core.public_access import FULL_BLOCK, PublicAccessBlock
from inhouse.services.s3control import found, names, rows, tags
from inhouse.services.s3control.paging import cut, most

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

ORIGIN = "Internet"


class AccessPoints:
    """Doors to a bucket."""

    @writes("s3:CreateAccessPoint", names.arn, keys=tags.asked)
    def create_access_point(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Public access is blocked unless the request says otherwise; that cannot change later.

        No network here is a VPC, so an access point for one could never be used. Scopes are for
        directory buckets. Both are refused.
        """
        name, bucket = names.ordinary(call, req), req["Bucket"]
        names.check(name)
        for member in ("VpcConfiguration", "Scope"):
            if req.get(member):
                raise not_implemented("s3control", f"CreateAccessPoint with {member}")
        noted = tags.to_row(tags.checked(req.get("Tags") or ()))
        if noted is not None:
            call.require("s3:TagResource", name.arn, tags.asked(call, req))
        owner = _owner(call, bucket, req)
        _check_free(call, name)
        found.check_room(call.tx, name)
        given = req.get("PublicAccessBlockConfiguration")
        block = FULL_BLOCK if given is None else PublicAccessBlock.of(given)
        alias = names.alias(call.house.ids, name)
        rows.add(
            call.tx,
            name,
            alias=alias,
            bucket=bucket,
            bucket_account=owner,
            block=orjson.dumps(block.members).decode(),
            created=call.now.timestamp(),
            tags=noted,
        )
        return {"AccessPointArn": name.arn, "Alias": alias}

    @reads("s3:GetAccessPoint", names.arn)
    def get_access_point(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name = names.ordinary(call, req)
        row = found.the(call.tx, name)
        kinds = {"ipv4": "", "dualstack": ".dualstack", "fips": "-fips"}
        kinds["fips_dualstack"] = kinds["fips"] + kinds["dualstack"]
        return {
            **_listed(row),
            "PublicAccessBlockConfiguration": found.block_of(row).members,
            "CreationDate": datetime.fromtimestamp(row["created"], UTC),
            "Endpoints": {
                kind: f"s3-accesspoint{middle}.{name.region}.amazonaws.com"
                for kind, middle in kinds.items()
            },
        }

    @reads("s3:ListAccessPoints", names.everything)
    def list_access_points(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """By name, those of one bucket if it is named."""
        after = names.ordinary(call, {**req, "Name": req.get("NextToken", "")})
        count = most(req)
        every = rows.page(call.tx, after, count + 1, bucket=req.get("Bucket"))
        page, token = cut(every, count)
        return {"AccessPointList": [_listed(row) for row in page], **token}

    @writes("s3:DeleteAccessPoint", names.arn)
    def delete_access_point(self, call: Call, req: Mapping[str, Any]) -> None:
        name = names.ordinary(call, req)
        found.the(call.tx, name)
        rows.remove(call.tx, name)


def _listed(row: Row) -> dict[str, Any]:
    return {
        "Name": row["name"],
        "NetworkOrigin": ORIGIN,
        "Bucket": row["bucket"],
        "AccessPointArn": found.name_of(row).arn,
        "Alias": row["alias"],
        "BucketAccountId": row["bucket_account"],
    }


def _owner(call: Call, bucket: str, req: Mapping[str, Any]) -> str:
    """The account of the bucket, which must be as the request expects."""
    facts = call.house.dispatch.facts(call.tx, f"arn:aws:s3:::{bucket}")
    if facts is None:
        raise ServiceError(
            "InvalidRequest",
            "Amazon S3 AccessPoint can only be created for existing bucket",
            status=400,
            Detail=f"Bucket is {bucket[:80]!r}, which is not there.",
        )
    expected = req.get("BucketAccountId") or req["AccountId"]
    if facts.account != expected:
        raise ServiceError(
            "AccessDenied",
            f"Access Denied: bucket {bucket!r} does not belong to account {expected}; name its "
            "owner in BucketAccountId.",
            status=403,
        )
    return facts.account


def _check_free(call: Call, name: names.Name) -> None:
    if rows.point(call.tx, name) is not None:
        raise names.taken(name)
    shadow = f"{name.name}-{name.account}"
    if call.house.dispatch.facts(call.tx, f"arn:aws:s3:::{shadow}") is not None:
        raise ServiceError(
            "InvalidRequest",
            f"Name {name.name!r}: the access point would be reached at the host of the bucket "
            f"{shadow!r}; choose another name.",
            status=400,
        )
