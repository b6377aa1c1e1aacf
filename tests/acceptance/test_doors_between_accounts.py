"""Access points of both kinds between two accounts: who needs whose leave."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.people import OTHER, Person, document
from tests.services.s3.object_lambda.conftest import COMMON, WRITE, body
from tests.serving import ACCOUNT

KEY = "a.txt"
READ = ("s3-object-lambda:GetObject", "lambda:InvokeFunction", "s3:GetObject")
FUNCTION = COMMON + body(
    """
try:
    data = fetch(event["getObjectContext"]["inputS3Url"]).read()
except urllib.error.HTTPError as error:
    write(event, StatusCode=error.code, ErrorCode="Unread", ErrorMessage="no")
else:
    write(event, Body=data.upper())
"""
)


def allow(action: str | list[str], resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def code(person: Person, bucket: str) -> str:
    """What the read ends with; empty when it goes well."""
    try:
        person.client("s3").get_object(Bucket=bucket, Key=KEY)["Body"].read()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def door(house: SimpleNamespace, fresh_name: Callable[..., str]) -> SimpleNamespace:
    """A bucket of the first account and an access point to it, with nobody let in."""
    s3, control = house.admin.client("s3"), house.server.session().client("s3control")
    name = fresh_name("door")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key=KEY, Body=b"hello")
    made = control.create_access_point(AccountId=ACCOUNT, Name=name, Bucket=name)
    return SimpleNamespace(
        s3=s3, control=control, name=name, arn=made["AccessPointArn"], alias=made["Alias"]
    )


def open_door(door: SimpleNamespace) -> None:
    objects = f"{door.arn}/object/*"
    grant = allow("s3:GetObject", objects, Principal={"AWS": OTHER})
    door.control.put_access_point_policy(AccountId=ACCOUNT, Name=door.name, Policy=document(grant))


def open_bucket(door: SimpleNamespace) -> None:
    delegation = allow(
        "s3:*",
        f"arn:aws:s3:::{door.name}/*",
        Principal={"AWS": OTHER},
        Condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
    )
    door.s3.put_bucket_policy(Bucket=door.name, Policy=document(delegation))


@pytest.mark.parametrize("first", [open_door, open_bucket])
def test_a_user_of_another_account_needs_three_policies(
    house: SimpleNamespace,
    door: SimpleNamespace,
    make_user: Callable[..., Person],
    first: Callable[..., None],
) -> None:
    user = make_user(house.other, allow("s3:GetObject", f"{door.arn}/object/*"))
    without = make_user(house.other)
    assert code(user, door.alias) == "AccessDenied"
    first(door)
    assert code(user, door.alias) == "AccessDenied"
    for opened in (open_door, open_bucket):
        opened(door)
    assert code(user, door.alias) == ""
    assert code(without, door.alias) == "AccessDenied"
    assert code(user, door.name) == "AccessDenied"


@pytest.fixture
def transform(
    house: SimpleNamespace, door: SimpleNamespace, fresh_name: Callable[..., str]
) -> Callable[[str], SimpleNamespace]:
    """`transform(function)`: an Object Lambda access point on the door."""

    def make(function: str) -> SimpleNamespace:
        name = fresh_name("ol")
        made = door.control.create_access_point_for_object_lambda(
            AccountId=ACCOUNT,
            Name=name,
            Configuration={
                "SupportingAccessPoint": door.arn,
                "TransformationConfigurations": [
                    {
                        "Actions": ["GetObject"],
                        "ContentTransformation": {"AwsLambda": {"FunctionArn": function}},
                    }
                ],
            },
        )
        return SimpleNamespace(
            name=name, arn=made["ObjectLambdaAccessPointArn"], alias=made["Alias"]["Value"]
        )

    return make


def test_a_function_reads_for_a_user_of_another_account(
    house: SimpleNamespace,
    door: SimpleNamespace,
    transform: Callable[[str], SimpleNamespace],
    make_user: Callable[..., Person],
    make_function: Callable[..., str],
) -> None:
    """Each door has its own lock, and tells by its code which one it was."""
    function = make_function(house.admin, FUNCTION, allow(WRITE))
    point = transform(function)
    user = make_user(house.other, allow(list(READ)))
    assert code(user, point.alias) == "AccessDenied"
    grant = allow("s3-object-lambda:GetObject", point.arn, Principal={"AWS": OTHER})
    door.control.put_access_point_policy_for_object_lambda(
        AccountId=ACCOUNT, Name=point.name, Policy=document(grant)
    )
    assert code(user, point.alias) == "LambdaPermissionError"
    house.admin.client("lambda").add_permission(
        FunctionName=function, StatementId="guest", Action="lambda:InvokeFunction", Principal=OTHER
    )
    assert code(user, point.alias) == "Unread"
    open_door(door)
    assert code(user, point.alias) == "Unread"
    open_bucket(door)
    assert code(user, point.alias) == ""
    for missing, told in zip(
        READ, ("AccessDenied", "LambdaPermissionError", "Unread"), strict=True
    ):
        other = make_user(house.other, allow([action for action in READ if action != missing]))
        assert code(other, point.alias) == told


def test_a_function_of_another_account_needs_that_account_s_leave(
    house: SimpleNamespace,
    transform: Callable[[str], SimpleNamespace],
    make_user: Callable[..., Person],
    make_function: Callable[..., str],
) -> None:
    function = make_function(house.other, FUNCTION, allow(WRITE))
    point = transform(function)
    user = make_user(house.admin, allow(list(READ)))
    assert code(user, point.alias) == "LambdaPermissionError"
    house.other.client("lambda").add_permission(
        FunctionName=function, StatementId="owner", Action="lambda:InvokeFunction",
        Principal=ACCOUNT,
    )  # fmt: skip
    got = user.client("s3").get_object(Bucket=point.alias, Key=KEY)
    assert got["Body"].read() == b"HELLO"
