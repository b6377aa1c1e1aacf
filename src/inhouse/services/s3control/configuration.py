"""What Object Lambda access points do to which reads: checked, and as stored.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-configuration.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3control import rows
from inhouse.services.s3control.names import Name, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

ACTIONS = ("GetObject", "HeadObject", "ListObjects", "ListObjectsV2")
FEATURES = (
    "GetObject-Range",
    "GetObject-PartNumber",
    "HeadObject-Range",
    "HeadObject-PartNumber",
)
_POINT = re.compile(
    r"arn:aws:s3:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):accesspoint/(?P<name>[a-z0-9-]{3,50})"
).fullmatch
_FUNCTION = re.compile(
    r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9$_-]{1,128})?"
).fullmatch
MOST_PAYLOAD = 131_072
"""Characters of a function's payload."""


def checked(call: Call, name: Name, given: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as it is kept. Raises InvalidRequest, naming member and value."""
    supporting = given["SupportingAccessPoint"]
    found = _POINT(supporting)
    if found is None:
        raise _invalid(f"SupportingAccessPoint {supporting[:200]!r} is not an access point's ARN")
    behind = Name(found["account"], found["region"], found["name"])
    if (behind.account, behind.region) != (name.account, name.region):
        raise _invalid(
            f"SupportingAccessPoint {supporting!r} must be in {name.region} of account "
            f"{name.account}, as the Object Lambda access point is"
        )
    if rows.point(call.tx, behind) is None:
        raise missing(behind)
    features = list(dict.fromkeys(given.get("AllowedFeatures") or ()))
    for feature in features:
        if feature not in FEATURES:
            raise _invalid(f"AllowedFeatures has {feature[:40]!r}; known are {_listing(FEATURES)}")
    return {
        "SupportingAccessPoint": supporting,
        "CloudWatchMetricsEnabled": bool(given.get("CloudWatchMetricsEnabled")),
        "AllowedFeatures": features,
        "TransformationConfigurations": _transformations(given["TransformationConfigurations"]),
    }


def _transformations(given: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not given:
        raise _invalid("TransformationConfigurations is empty; it needs at least one")
    kept, taken = [], set[str]()
    for one in given:
        actions = list(dict.fromkeys(one["Actions"]))
        if not actions:
            raise _invalid("Actions is empty; a transformation needs at least one")
        for action in actions:
            if action not in ACTIONS:
                raise _invalid(f"Actions has {action[:40]!r}; known are {_listing(ACTIONS)}")
            if action in taken:
                raise _invalid(f"Actions has {action!r} in two transformations; once is allowed")
        taken.update(actions)
        kept.append(
            {"Actions": actions, "ContentTransformation": _content(one["ContentTransformation"])}
        )
    return kept


def _content(given: Mapping[str, Any]) -> dict[str, Any]:
    function = given.get("AwsLambda")
    if not function:
        raise _invalid("ContentTransformation has no AwsLambda")
    arn, payload = function["FunctionArn"], function.get("FunctionPayload")
    if not _FUNCTION(arn):
        raise _invalid(f"FunctionArn {arn[:200]!r} is not the ARN of a Lambda function")
    if payload is not None and len(payload) > MOST_PAYLOAD:
        raise _invalid(f"FunctionPayload has {len(payload)} characters; {MOST_PAYLOAD} are allowed")
    return {
        "AwsLambda": {"FunctionArn": arn}
        if payload is None
        else {"FunctionArn": arn, "FunctionPayload": payload}
    }


def _listing(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _invalid(reason: str) -> ServiceError:
    return ServiceError("InvalidRequest", f"{reason}.", status=400)
