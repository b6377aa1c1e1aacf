"""Parameters through boto3."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.serving import ACCOUNT, RunningServer


@pytest.fixture
def ssm(client: Callable[..., Any]) -> Any:
    return client("ssm")


@pytest.fixture
def name(fresh_name: Callable[..., str]) -> str:
    return f"/{fresh_name()}"


def test_versions_rise_and_stay_readable(ssm: Any, name: str) -> None:
    assert ssm.put_parameter(Name=name, Value="one", Type="String")["Version"] == 1
    assert ssm.put_parameter(Name=name, Value="two", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "two"
    assert ssm.get_parameter(Name=f"{name}:1")["Parameter"]["Value"] == "one"
    history = ssm.get_parameter_history(Name=name)["Parameters"]
    assert [(one["Version"], one["Value"]) for one in history] == [(1, "one"), (2, "two")]


def test_existing_parameters_need_overwrite(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="v", Type="String")
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name=name, Value="w", Type="String")


def test_labels_move_between_versions(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="one", Type="String")
    ssm.put_parameter(Name=name, Value="two", Overwrite=True)
    ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["prod"])
    assert ssm.get_parameter(Name=f"{name}:prod")["Parameter"]["Value"] == "one"
    answer = ssm.label_parameter_version(Name=name, Labels=["prod", "aws-mine"])
    assert answer["InvalidLabels"] == ["aws-mine"]
    assert ssm.get_parameter(Name=f"{name}:prod")["Parameter"]["Value"] == "two"
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name=f"{name}:nothing")


def test_labels_are_taken_away(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="one", Type="String")
    ssm.label_parameter_version(Name=name, Labels=["prod", "next"])
    taken = {"Name": name, "ParameterVersion": 1, "Labels": ["prod", "nobody"]}
    answer = ssm.unlabel_parameter_version(**taken)
    assert (answer["RemovedLabels"], answer["InvalidLabels"]) == (["prod"], ["nobody"])
    (only,) = ssm.get_parameter_history(Name=name)["Parameters"]
    assert only["Labels"] == ["next"]
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound, match="version 2 of"):
        ssm.unlabel_parameter_version(**{**taken, "ParameterVersion": 2})
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.unlabel_parameter_version(**{**taken, "Name": f"{name}x"})


def test_secure_strings_are_sealed_at_rest(server: RunningServer, ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="top-secret-value", Type="SecureString")
    assert "top-secret" not in ssm.get_parameter(Name=name)["Parameter"]["Value"]
    opened = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert opened["Value"] == "top-secret-value"
    with sqlite3.connect(server.data / "inhouse.db") as connection:
        (stored,) = connection.execute(
            "SELECT value FROM ssm_parameters WHERE name = ?", (name,)
        ).fetchone()
    assert "top-secret" not in stored
    assert (server.data / "ssm" / "key").stat().st_mode & 0o077 == 0


def test_paths_list_one_level_or_all(ssm: Any, name: str) -> None:
    for tail in ("a", "b", "deep/c"):
        ssm.put_parameter(Name=f"{name}/{tail}", Value=tail, Type="String")
    flat = ssm.get_parameters_by_path(Path=name)["Parameters"]
    assert [one["Value"] for one in flat] == ["a", "b"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=name, Recursive=True, PaginationConfig={"PageSize": 2}
    )
    assert [one["Value"] for page in pages for one in page["Parameters"]] == ["a", "b", "deep/c"]


def test_several_at_once_tell_which_are_missing(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="v", Type="StringList")
    answer = ssm.get_parameters(Names=[name, "/nobody"])
    assert [one["Name"] for one in answer["Parameters"]] == [name]
    assert answer["InvalidParameters"] == ["/nobody"]
    assert ssm.delete_parameters(Names=[name, "/nobody"]) | {"ResponseMetadata": 0} == {
        "DeletedParameters": [name],
        "InvalidParameters": ["/nobody"],
        "ResponseMetadata": 0,
    }


def test_filters_and_tags(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="v", Type="String", Tags=[{"Key": "team", "Value": name}])
    found = ssm.describe_parameters(ParameterFilters=[{"Key": "tag:team", "Values": [name]}])[
        "Parameters"
    ]
    assert [one["Name"] for one in found] == [name]
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=["team"])
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    assert tags == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Name": "/aws/mine"}, "AccessDeniedException"),
        ({"Name": "/AWS"}, "ValidationException"),
        ({"Name": "ssm-mine"}, "ValidationException"),
        ({"Name": "no spaces"}, "ValidationException"),
        ({"Name": "inner/slash"}, "ValidationException"),
        ({"Name": "/a" * 16}, "HierarchyLevelLimitExceededException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Type": "Number"}, "ValidationException"),
        ({"Value": ""}, "ValidationException"),
        ({"DataType": "image"}, "ValidationException"),
        ({"Overwrite": True, "Tags": [{"Key": "a", "Value": "b"}]}, "ValidationException"),
        ({"AllowedPattern": "^\\d+$"}, "ParameterPatternMismatchException"),
        ({"AllowedPattern": "(("}, "InvalidAllowedPatternException"),
        ({"Tier": "Gold"}, "ValidationException"),
    ],
)
def test_bad_input_is_named(ssm: Any, name: str, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(**{"Name": name, "Value": "v", "Type": "String", **arguments})
    assert raised.value.response["Error"]["Code"] == code


def test_what_is_not_there_is_told_as_aws_tells_it(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="v", Type="String")
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound, match=f"version 9 of {name}"):
        ssm.get_parameter(Name=f"{name}:9")
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound, match=f"version 9 of {name}"):
        ssm.label_parameter_version(Name=name, ParameterVersion=9, Labels=["a"])
    for ask in (ssm.get_parameter, ssm.get_parameter_history):
        with pytest.raises(ssm.exceptions.ParameterNotFound, match=f"Parameter {name}x not found"):
            ask(Name=f"{name}x")
    with pytest.raises(ClientError, match="'names' failed to satisfy constraint") as raised:
        ssm.get_parameters(Names=[f"{name}{number}" for number in range(11)])
    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_the_oldest_of_a_hundred_versions_makes_room(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="0", Type="String")
    for number in range(1, 101):
        ssm.put_parameter(Name=name, Value=str(number), Overwrite=True)
    with pytest.raises(ssm.exceptions.ParameterVersionNotFound):
        ssm.get_parameter(Name=f"{name}:1")
    assert ssm.get_parameter(Name=f"{name}:2")["Parameter"]["Value"] == "1"
    ssm.label_parameter_version(Name=name, ParameterVersion=2, Labels=["kept"])
    with pytest.raises(
        ssm.exceptions.ParameterMaxVersionLimitExceeded, match="Version 2, the oldest version"
    ):
        ssm.put_parameter(Name=name, Value="x", Overwrite=True)


@pytest.mark.parametrize("kept_as", ["/{}", "{}"])
def test_on_one_level_the_slash_may_be_left_out(
    ssm: Any, fresh_name: Callable[..., str], kept_as: str
) -> None:
    plain = fresh_name()
    kept = kept_as.format(plain)
    ssm.put_parameter(Name=kept, Value="v", Type="String")
    for name in (plain, f"/{plain}", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/{plain}"):
        found = ssm.get_parameter(Name=f"{name}:1")["Parameter"]
        assert (found["Name"], found["Value"]) == (kept, "v")
        assert ssm.get_parameters(Names=[name])["InvalidParameters"] == []
        assert len(ssm.get_parameter_history(Name=name)["Parameters"]) == 1
        with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
            ssm.put_parameter(Name=name, Value="w", Type="String")
    for number, name in enumerate((plain, f"/{plain}"), 1):
        chosen = {"ResourceType": "Parameter", "ResourceId": name}
        ssm.add_tags_to_resource(**chosen, Tags=[{"Key": str(number), "Value": "x"}])
        assert len(ssm.list_tags_for_resource(**chosen)["TagList"]) == number
        by_name = [{"Key": "Name", "Option": "BeginsWith", "Values": [name]}]
        listed = ssm.describe_parameters(ParameterFilters=by_name)["Parameters"]
        assert kept in [one["Name"] for one in listed]
    assert ssm.label_parameter_version(Name=f"/{plain}", Labels=["l"])["ParameterVersion"] == 1
    assert ssm.put_parameter(Name=plain, Value="w", Overwrite=True)["Version"] == 2
    ssm.delete_parameter(Name=f"/{plain}")
    assert ssm.delete_parameters(Names=[plain])["InvalidParameters"] == [plain]


def test_names_without_a_slash_stand_below_the_root(
    client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    ssm, plain = client("ssm", region_name="eu-west-3"), fresh_name()
    for name in (plain, f"/{plain}-slashed", f"/{plain}-deep/x"):
        ssm.put_parameter(Name=name, Value="v", Type="String")

    def below_root(**more: Any) -> list[str]:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/", **more)
        return [one["Name"] for page in pages for one in page["Parameters"]]

    assert below_root() == [f"/{plain}-slashed", plain]
    assert below_root(Recursive=True) == [f"/{plain}-deep/x", f"/{plain}-slashed", plain]
    for option, expected in ((None, 2), ("OneLevel", 2), ("Recursive", 3)):
        one = {"Key": "Path", "Values": ["/"]} | ({"Option": option} if option else {})
        assert len(ssm.describe_parameters(ParameterFilters=[one])["Parameters"]) == expected


def test_tags_and_names_are_found_by_their_begin_or_a_part(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=name, Value="v", Type="String", Tags=[{"Key": "team", "Value": name}])

    def found(**one: Any) -> list[str]:
        answer = ssm.describe_parameters(ParameterFilters=[one])
        return [each["Name"] for each in answer["Parameters"]]

    assert found(Key="tag:team", Option="BeginsWith", Values=[name[:-1]]) == [name]
    assert found(Key="tag:team", Option="BeginsWith", Values=["nothing"]) == []
    assert name in found(Key="Name", Option="Contains", Values=[name[2:]])
    assert name in found(Key="tag:team")


def value(key: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Values": list(values), **more}


@pytest.mark.parametrize(
    ("wanted", "code", "told"),
    [
        ([value("Label", "a")], "InvalidFilterKey", "include: [Path, Name, Type, KeyId, Tier]"),
        ([value("Name", "a"), value("Name", "b")], "InvalidFilterKey", "duplicated in the request"),
        ([{"Key": "Name"}], "InvalidFilterValue", "missing : null for filter key Name"),
        ([value("Path", "/aws")], "ValidationException", 'can\'t be prefixed with "aws"'),
        ([value("Path", "/a//b")], "ValidationException", "Special characters are not allowed"),
        ([value("Path", "a")], "ValidationException", 'begin with a forward slash "/"'),
        (
            [value("Path", "a", Option="Equals")],
            "InvalidFilterOption",
            "option is not valid: Equals. Valid options include: [Recursive, OneLevel]",
        ),
        (
            [value("Type", "String", Option="Contains")],
            "InvalidFilterOption",
            "Valid options include: [BeginsWith, Equals].",
        ),
        ([value("Tier", "x")], "InvalidFilterOption", "[Standard, Advanced, Intelligent-Tiering]"),
        ([value("Type", "x")], "InvalidFilterOption", "[String, StringList, SecureString]"),
    ],
)
def test_filters_that_cannot_be_are_named(ssm: Any, wanted: Any, code: str, told: str) -> None:
    with pytest.raises(ClientError) as raised:
        ssm.describe_parameters(ParameterFilters=wanted)
    error = raised.value.response["Error"]
    assert (error["Code"], told in error["Message"]) == (code, True)


def test_each_listing_has_its_own_filters(ssm: Any, name: str) -> None:
    ssm.put_parameter(Name=f"{name}/a", Value="v", Type="String")
    ssm.label_parameter_version(Name=f"{name}/a", Labels=["here"])
    for label, expected in (("here", 1), ("there", 0)):
        answer = ssm.get_parameters_by_path(Path=name, ParameterFilters=[value("Label", label)])
        assert len(answer["Parameters"]) == expected
    for key in ("Name", "Path", "Tier", "tag:team"):
        with pytest.raises(ssm.exceptions.InvalidFilterKey, match=r"include: \[Type, KeyId\]"):
            ssm.get_parameters_by_path(Path=name, ParameterFilters=[value(key, "/a")])
    with pytest.raises(ClientError, match="must begin with a forward slash"):
        ssm.get_parameters_by_path(Path="a")
    with pytest.raises(ClientError, match="either Filters or ParameterFilters"):
        ssm.describe_parameters(Filters=[value("Name", "a")], ParameterFilters=[value("Name", "a")])
