"""Access points as requests meet them: rows to values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.access_points import AccessPoint
from inhouse.core.errors import ServiceError
from inhouse.core.public_access import PublicAccessBlock
from inhouse.services.s3control import rows
from inhouse.services.s3control.names import MOST, Name, missing

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx


def the(tx: Tx, name: Name) -> Row:
    """Raises NoSuchAccessPoint."""
    row = rows.point(tx, name)
    if row is None:
        raise missing(name)
    return row


def check_room(tx: Tx, name: Name) -> None:
    """Raises TooManyAccessPoints when the account has all that it may have in the region.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html
    """
    most = MOST[name.object_lambda]
    if rows.count(tx, name) >= most:
        raise ServiceError(
            "TooManyAccessPoints",
            f"Account {name.account} has {most} access points of this kind in {name.region}; no "
            "more are allowed.",
            status=400,
        )


def name_of(row: Row) -> Name:
    return Name(row["account"], row["region"], row["name"], bool(row["object_lambda"]))


def block_of(row: Row) -> PublicAccessBlock:
    return PublicAccessBlock.of(orjson.loads(row["block"]))


def supporting_name(configuration: dict[str, Any]) -> Name:
    """The access point that an ObjectLambdaConfiguration stands on."""
    _, _, _, region, account, resource = configuration["SupportingAccessPoint"].split(":", 5)
    return Name(account, region, resource.partition("/")[2])


def value(tx: Tx, row: Row) -> AccessPoint | None:
    """The access point; None for one whose supporting access point is gone."""
    name = name_of(row)
    if not name.object_lambda:
        return _value(name, row, row["bucket"], row["bucket_account"])
    configuration = orjson.loads(row["configuration"])
    behind = rows.point(tx, supporting_name(configuration))
    if behind is None:
        return None
    return _value(
        name,
        row,
        behind["bucket"],
        behind["bucket_account"],
        supporting=value(tx, behind),
        configuration=configuration,
    )


def _value(name: Name, row: Row, bucket: str, bucket_account: str, **more: Any) -> AccessPoint:
    return AccessPoint(
        arn=name.arn,
        account=name.account,
        region=name.region,
        name=name.name,
        alias=row["alias"],
        bucket=bucket,
        bucket_account=bucket_account,
        policy=row["policy"],
        block=block_of(row),
        tags=orjson.loads(row["tags"]) if row["tags"] else {},
        **more,
    )
