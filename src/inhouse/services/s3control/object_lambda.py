"""Object Lambda access points: made, told, configured, listed, removed.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPointForObjectLambda.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.operations import reads, writes
from inhouse.core.public_access import FULL_BLOCK
from inhouse.services.s3control import found, names, rows
from inhouse.services.s3control.configuration import checked
from inhouse.services.s3control.paging import cut, most

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row


class ObjectLambdaAccessPoints:
    """Doors behind which a function changes what is read."""

    @writes("s3:CreateAccessPointForObjectLambda", names.transforming_arn)
    def create_access_point_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Public access is always blocked."""
        name = names.transforming(call, req)
        names.check(name)
        configuration = checked(call, name, req["Configuration"])
        if rows.point(call.tx, name) is not None:
            raise names.taken(name)
        found.check_room(call.tx, name)
        alias = names.alias(call.house.ids, name)
        rows.add(
            call.tx,
            name,
            alias=alias,
            block=orjson.dumps(FULL_BLOCK.members).decode(),
            configuration=orjson.dumps(configuration).decode(),
            created=call.now.timestamp(),
        )
        return {"ObjectLambdaAccessPointArn": name.arn, "Alias": _alias(alias)}

    @reads("s3:GetAccessPointForObjectLambda", names.transforming_arn)
    def get_access_point_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        row = found.the(call.tx, names.transforming(call, req))
        return {
            "Name": row["name"],
            "PublicAccessBlockConfiguration": found.block_of(row).members,
            "CreationDate": datetime.fromtimestamp(row["created"], UTC),
            "Alias": _alias(row["alias"]),
        }

    @reads("s3:ListAccessPointsForObjectLambda", names.everything)
    def list_access_points_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        after = names.transforming(call, {**req, "Name": req.get("NextToken", "")})
        count = most(req)
        page, token = cut(rows.page(call.tx, after, count + 1), count)
        return {"ObjectLambdaAccessPointList": [_listed(row) for row in page], **token}

    @writes("s3:DeleteAccessPointForObjectLambda", names.transforming_arn)
    def delete_access_point_for_object_lambda(self, call: Call, req: Mapping[str, Any]) -> None:
        name = names.transforming(call, req)
        found.the(call.tx, name)
        rows.remove(call.tx, name)

    @reads("s3:GetAccessPointConfigurationForObjectLambda", names.transforming_arn)
    def get_access_point_configuration_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        row = found.the(call.tx, names.transforming(call, req))
        return {"Configuration": orjson.loads(row["configuration"])}

    @writes("s3:PutAccessPointConfigurationForObjectLambda", names.transforming_arn)
    def put_access_point_configuration_for_object_lambda(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        name = names.transforming(call, req)
        found.the(call.tx, name)
        configuration = checked(call, name, req["Configuration"])
        rows.change(call.tx, name, configuration=orjson.dumps(configuration).decode())


def _alias(alias: str) -> dict[str, str]:
    return {"Value": alias, "Status": "READY"}


def _listed(row: Row) -> dict[str, Any]:
    return {
        "Name": row["name"],
        "ObjectLambdaAccessPointArn": found.name_of(row).arn,
        "Alias": _alias(row["alias"]),
    }
