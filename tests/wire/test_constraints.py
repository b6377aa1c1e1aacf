"""Constraints of botocore's models, told in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest

from inhouse.core.errors import ServiceError
from inhouse.wire.constraints import check


def faults(service: str, operation: str, **request: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        check(service, operation, request, {})
    assert caught.value.code == "ValidationError"
    return caught.value.message


def test_all_faults_are_told_at_once() -> None:
    told = faults(
        "iam",
        "CreateOpenIDConnectProvider",
        Url="b" * 256,
        ThumbprintList=["b" * 41],
        ClientIDList=["b" * 256],
    )
    assert told.startswith("3 validation errors detected: ")
    assert "at 'url' failed to satisfy constraint: Member must have length less than or" in told
    assert (
        "Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: "
        "[Member must have length less than or equal to 40, "
        "Member must have length greater than or equal to 40]" in told
    )


@pytest.mark.parametrize(
    ("operation", "request_", "words"),
    [
        ("ListUsers", {"MaxItems": 0}, "'maxItems' failed to satisfy constraint: Member must have value greater"),
        ("UntagRole", {"RoleName": "r", "TagKeys": ["k"] * 51}, "'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 50"),
        ("UntagRole", {"RoleName": "r", "TagKeys": ["!"]}, "Member must not be null]"),
        ("UpdateAccessKey", {"AccessKeyId": "A" * 20, "Status": "x"}, "Member must satisfy enum value set: [Active, "),
        ("GetPolicyVersion", {"PolicyArn": "a" * 20, "VersionId": "x"}, "'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9]"),
        ("TagUser", {"UserName": "u", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "v" * 257}]}, "'tags.2.member.value'"),
    ],
)  # fmt: skip
def test_each_constraint_has_its_sentence(
    operation: str, request_: dict[str, Any], words: str
) -> None:
    told = faults("iam", operation, **request_)
    assert told.startswith("1 validation error detected: Value at ")
    assert words in told


def test_sts_repeats_the_value() -> None:
    told = faults("sts", "AssumeRole", RoleArn="a" * 20, RoleSessionName="Session1:2")
    assert "Value 'Session1:2' at 'roleSessionName' failed" in told


def test_maps_are_checked_too() -> None:
    weights = {"AdditionalVersionWeights": {"1": 0.5, "2": 1.5}}
    asked = {"FunctionName": "f", "Name": "a", "RoutingConfig": weights}
    with pytest.raises(ServiceError) as caught:
        check("lambda", "UpdateAlias", asked, {}, "ValidationException")
    assert caught.value.code == "ValidationException"
    assert caught.value.message == (
        "1 validation error detected: Value '{1=0.5, 2=1.5}' at "
        "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must "
        "satisfy constraint: [Member must have value less than or equal to 1.0, Member must have "
        "value greater than or equal to 0.0, Member must not be null]"
    )


def test_a_service_may_check_some_members_itself() -> None:
    asked = {"FunctionName": "f", "Runtime": "cobol", "Timeout": 0}
    with pytest.raises(ServiceError, match="1 validation error") as caught:
        check("lambda", "UpdateFunctionConfiguration", asked, {}, but=("runtime",))
    assert "cobol" not in caught.value.message


def test_letters_of_every_script_are_letters() -> None:
    tags = [{"Key": "Straße ключ 鍵\u2003٣", "Value": ""}]
    check("iam", "TagUser", {"UserName": "u", "Tags": tags}, {})
    assert "'userName'" in faults("iam", "TagUser", UserName="Straße", Tags=[])
