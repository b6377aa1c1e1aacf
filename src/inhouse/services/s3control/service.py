"""S3 Control. Names and keys are those of boto3's `s3control` client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from inhouse.core.access_points import condition_keys
from inhouse.core.ports import ResourceFacts
from inhouse.core.public_access import NO_BLOCK, PublicAccessBlock
from inhouse.services.s3control import found, rows, tags
from inhouse.services.s3control.access_points import ORIGIN, AccessPoints
from inhouse.services.s3control.names import Name, of_arn
from inhouse.services.s3control.object_lambda import ObjectLambdaAccessPoints
from inhouse.services.s3control.policies import PointPolicies
from inhouse.services.s3control.public_access import AccountBlock
from inhouse.services.s3control.tags import Tags

if TYPE_CHECKING:
    from inhouse.core.access_points import AccessPoint
    from inhouse.core.ports import House, Tx


class S3ControlService(AccessPoints, ObjectLambdaAccessPoints, PointPolicies, AccountBlock, Tags):
    """Access points, and an account's public access block."""

    name = "s3control"

    def __init__(self, house: House) -> None:
        pass

    def keeps(self, arn: str) -> bool:
        """Access points, whose ARNs are of `s3` or `s3-object-lambda`."""
        return of_arn(arn) is not None

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner and tags of an access point, for who manages it; its policy is about its use."""
        name = of_arn(arn)
        row = rows.point(tx, name) if name is not None else None
        if row is None:
            return None
        noted = tags.of(row)
        keys = condition_keys(arn, row["account"], ORIGIN, noted)
        return ResourceFacts(row["account"], tags=noted, keys=keys)

    def access_point(
        self,
        tx: Tx,
        *,
        alias: str | None = None,
        account: str = "",
        region: str = "",
        name: str = "",
        object_lambda: bool = False,
    ) -> AccessPoint | None:
        """The access point with this alias, or of this name in an account, in whichever region
        if none is given."""
        if alias is not None:
            row = rows.by_alias(tx, alias)
        elif region:
            row = rows.point(tx, Name(account, region, name, object_lambda))
        else:
            row = rows.anywhere(tx, account, name, object_lambda=object_lambda)
        return None if row is None else found.value(tx, row)

    def is_access_point_host(self, tx: Tx, label: str) -> bool:
        """Whether `label` is NAME-ACCOUNT of an access point."""
        name, _, account = label.rpartition("-")
        return rows.anywhere(tx, account, name, object_lambda=False) is not None

    def has_access_points(self, tx: Tx, account: str, bucket: str) -> bool:
        """Whether the account has access points to the bucket, in any region."""
        return rows.is_behind(tx, account, bucket)

    def public_access_block(self, tx: Tx, account: str) -> PublicAccessBlock:
        """What blocks public access to all of an account's buckets."""
        text = rows.block(tx, account)
        return NO_BLOCK if text is None else PublicAccessBlock.of(orjson.loads(text))
