"""Adds, lists and removes preprocessings: what `inhouse preprocessing add`, `list`, `remove` do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inhouse.solutions import deploying
from inhouse.solutions.deploying import existing
from inhouse.solutions.preprocessing import policies
from inhouse.solutions.preprocessing.functions.options import TRANSFORMS
from inhouse.solutions.preprocessing.names import FUNCTION, Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import boto3

FOLDER = Path(__file__).parent / "functions"
SECONDS = 60
"""As long as S3 Object Lambda waits.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-managing-access-points.html"""
MEMORY_MIB = 512
ACTIONS = ["GetObject", "HeadObject"]
FEATURES = ["GetObject-Range", "HeadObject-Range"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What there is now; `changes` is empty when it already was so.

    Programs read from `access_point_arn`, or from `alias` wherever a bucket's name goes.
    """

    name: str
    bucket: str
    transform: str
    options: dict[str, Any]
    access_point_arn: str
    alias: str
    supporting_access_point_arn: str
    function: str
    role: str
    changes: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """Names and changes, for people and scripts."""
        return json.dumps(asdict(self), indent=2)


def add(
    session: boto3.Session,
    name: str,
    bucket: str,
    transform: str,
    options: Mapping[str, Any] | None = None,
    *,
    memory: int = MEMORY_MIB,
    layers: Sequence[str] = (),
    runtime: str = f"python3.{sys.version_info.minor}",
) -> Preprocessing:
    """Has objects of `bucket` read through the access point `name` be transformed, or changes how.

    `transform` is one of TRANSFORMS, `options` are the fields of its class. `layers` are ARNs of
    Lambda layers: on AWS, `images` needs one with OpenCV and numpy, which Inhouse brings. Raises
    ValueError when something does not fit, before anything is made.
    """
    names = Names.of(session, name)
    payload = _payload(transform, options or {})
    changes: list[str | None] = []
    account, control = names.account, deploying.s3_control(session)
    if existing(session.client("s3").head_bucket, Bucket=bucket) is None:
        raise ValueError(f"bucket is {bucket!r}, which is not there")
    role, change = deploying.role(
        session.client("iam"), names.role, policies.TRUST, policies.function(names, bucket),
        "preprocessing",
    )  # fmt: skip
    changes.append(change)
    settings: dict[str, Any] = {
        "FunctionName": names.function,
        "Runtime": runtime,
        "Role": role,
        "Handler": f"preprocessing.{_module(transform)}.handler",
        "Timeout": SECONDS,
        "MemorySize": memory,
        "Layers": list(layers),
    }
    code = deploying.package(FOLDER, "preprocessing")
    changes.append(deploying.function(session.client("lambda"), settings, code))
    changes.append(_access_point(control, account, names.supporting, bucket))
    changes.append(_object_lambda(control, names, payload))
    made = _found(session, names)
    assert made is not None
    return _replaced(made, changes)


def _payload(transform: str, options: Mapping[str, Any]) -> dict[str, Any]:
    if transform not in TRANSFORMS:
        raise ValueError(f"transform is {transform!r}; it must be one of {', '.join(TRANSFORMS)}")
    return TRANSFORMS[transform].of(options).payload()


def _module(transform: str) -> str:
    return transform.replace("-", "_")


def _access_point(control: Any, account: str, name: str, bucket: str) -> str | None:
    found = existing(control.get_access_point, AccountId=account, Name=name)
    if found is None:
        control.create_access_point(AccountId=account, Name=name, Bucket=bucket)
        return f"created access point {name}"
    if found["Bucket"] != bucket:
        raise ValueError(f"bucket is {bucket!r}, but {name} reads from {found['Bucket']!r}")
    return None


def _object_lambda(control: Any, names: Names, payload: Mapping[str, Any]) -> str | None:
    lambda_ = {"FunctionArn": names.function_arn}
    if payload:
        lambda_["FunctionPayload"] = json.dumps(payload, sort_keys=True)
    wanted = {
        "SupportingAccessPoint": names.supporting_arn,
        "CloudWatchMetricsEnabled": False,
        "AllowedFeatures": FEATURES,
        "TransformationConfigurations": [
            {"Actions": ACTIONS, "ContentTransformation": {"AwsLambda": lambda_}}
        ],
    }
    target = {"AccountId": names.account, "Name": names.name}
    found = existing(control.get_access_point_configuration_for_object_lambda, **target)
    if found is None:
        control.create_access_point_for_object_lambda(**target, Configuration=wanted)
        return f"created Object Lambda access point {names.name}"
    if _comparable(found["Configuration"]) == _comparable(wanted):
        return None
    control.put_access_point_configuration_for_object_lambda(**target, Configuration=wanted)
    return f"updated Object Lambda access point {names.name}"


def _comparable(configuration: Mapping[str, Any]) -> list[Any]:
    """What order and absent members make no difference to."""
    return [
        configuration["SupportingAccessPoint"],
        sorted(configuration.get("AllowedFeatures", ())),
        [
            [sorted(one["Actions"]), one["ContentTransformation"]]
            for one in configuration["TransformationConfigurations"]
        ],
    ]


def _replaced(made: Preprocessing, changes: Sequence[str | None]) -> Preprocessing:
    fields = asdict(made) | {"changes": tuple(change for change in changes if change)}
    return Preprocessing(**fields)


def preprocessings(session: boto3.Session) -> Iterator[Preprocessing]:
    """Those of the session's account and region, by name."""
    names = Names.of(session, "any")
    control = deploying.s3_control(session)
    pages = control.get_paginator("list_access_points_for_object_lambda")
    for page in pages.paginate(AccountId=names.account):
        for one in page["ObjectLambdaAccessPointList"]:
            try:
                found = _found(session, Names(one["Name"], names.account, names.region))
            except ValueError:
                continue  # a name that no preprocessing has
            if found is not None:
                yield found


def _found(session: boto3.Session, names: Names) -> Preprocessing | None:
    control = deploying.s3_control(session)
    target = {"AccountId": names.account, "Name": names.name}
    found = existing(control.get_access_point_configuration_for_object_lambda, **target)
    if found is None:
        return None
    transformations = found["Configuration"]["TransformationConfigurations"]
    lambda_ = transformations[0]["ContentTransformation"]["AwsLambda"]
    if lambda_["FunctionArn"].rpartition(f":{FUNCTION}")[2] != names.name:
        return None
    function = session.client("lambda").get_function_configuration(FunctionName=names.function)
    supporting = control.get_access_point(AccountId=names.account, Name=names.supporting)
    alias = control.get_access_point_for_object_lambda(**target)["Alias"]["Value"]
    return Preprocessing(
        name=names.name,
        bucket=supporting["Bucket"],
        transform=function["Handler"].split(".")[1].replace("_", "-"),
        options=json.loads(lambda_.get("FunctionPayload") or "{}"),
        access_point_arn=names.access_point_arn,
        alias=alias,
        supporting_access_point_arn=names.supporting_arn,
        function=names.function,
        role=function["Role"],
    )


def remove(session: boto3.Session, name: str) -> list[str]:
    """Removes all that `add` made; the bucket and its objects stay. Returns what was removed."""
    names = Names.of(session, name)
    control, iam = deploying.s3_control(session), session.client("iam")
    functions, logs = session.client("lambda"), session.client("logs")
    done: list[str] = []
    target = {"AccountId": names.account, "Name": names.name}
    if existing(control.get_access_point_for_object_lambda, **target) is not None:
        control.delete_access_point_for_object_lambda(**target)
        done.append(f"Object Lambda access point {names.name}")
    supporting = {"AccountId": names.account, "Name": names.supporting}
    if existing(control.get_access_point, **supporting) is not None:
        control.delete_access_point(**supporting)
        done.append(f"access point {names.supporting}")
    if existing(functions.get_function, FunctionName=names.function) is not None:
        functions.delete_function(FunctionName=names.function)
        done.append(f"function {names.function}")
    existing(logs.delete_log_group, logGroupName=names.log_group)
    if existing(iam.get_role, RoleName=names.role) is not None:
        existing(iam.delete_role_policy, RoleName=names.role, PolicyName="preprocessing")
        iam.delete_role(RoleName=names.role)
        done.append(f"role {names.role}")
    return done
