"""Versions stay as they were published; aliases lead to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.services.lambda_.conftest import ACCOUNT, zipped
from tests.services.lambda_.test_functions import refused

SOURCE = (
    "import os\n"
    "def handler(e, c):\n"
    "    return ['{}', c.function_version, c.invoked_function_arn.split(':', 6)[6],\n"
    "        os.environ['AWS_LAMBDA_FUNCTION_VERSION']]\n"
)


def code(word: str) -> bytes:
    return zipped({"main.py": SOURCE.format(word)})


def arn(name: str) -> str:
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"


@pytest.fixture
def published(make: Callable[..., str], lam: Any) -> str:
    """A function with the versions 1 (`one`) and 2 (`two`), and `three` in $LATEST."""
    name = make(SOURCE.format("one"))
    lam.publish_version(FunctionName=name)
    lam.update_function_code(FunctionName=name, ZipFile=code("two"), Publish=True)
    lam.update_function_code(FunctionName=name, ZipFile=code("three"))
    return name


def test_a_version_runs_what_was_published(published: str, run: Any, lam: Any) -> None:
    for qualifier, word in (("1", "one"), ("2", "two"), ("$LATEST", "three")):
        expected = [word, qualifier, f"{published}:{qualifier}", qualifier]
        assert run(published, Qualifier=qualifier) == (expected, None)
        assert run(f"{arn(published)}:{qualifier}") == (expected, None)
    assert run(published)[0] == ["three", "$LATEST", published, "$LATEST"]
    answer = lam.invoke(FunctionName=published, Qualifier="2", LogType="Tail")
    assert answer["ExecutedVersion"] == "2"
    code, message = refused(lambda: run(published, Qualifier="3"))
    assert (code, f"{arn(published)}:3" in message) == ("ResourceNotFoundException", True)
    assert refused(lambda: run(published, Qualifier="01"))[0] == "ResourceNotFoundException"
    assert refused(lambda: run(f"{published}:1", Qualifier="2"))[0] == (
        "InvalidParameterValueException"
    )


def test_publishing_twice_makes_one_version(make: Callable[..., str], lam: Any) -> None:
    name = make(SOURCE.format("one"), Publish=True)
    again = lam.publish_version(FunctionName=name, Description="the same")
    assert (again["Version"], again["Description"]) == ("1", "")
    lam.update_function_configuration(FunctionName=name, Timeout=7)
    second = lam.publish_version(FunctionName=name, Description="slower")
    assert (second["Version"], second["Timeout"], second["Description"]) == ("2", 7, "slower")
    assert second["FunctionArn"] == f"{arn(name)}:2"
    assert lam.get_function_configuration(FunctionName=name, Qualifier="1")["Timeout"] == 3
    same = lam.update_function_code(FunctionName=name, ZipFile=code("one"), Publish=True)
    assert (same["Version"], same["FunctionArn"]) == ("2", f"{arn(name)}:2")


def test_creating_answers_the_function_even_if_published(lam: Any, make_role: Any) -> None:
    name = f"born-{uuid4().hex[:8]}"
    made = lam.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=make_role(),
        Handler="main.handler",
        Code={"ZipFile": code("one")},
        Publish=True,
    )
    assert (made["Version"], made["FunctionArn"]) == ("1", arn(name))
    lam.delete_function(FunctionName=made["FunctionArn"])


def test_what_is_published_may_be_named_beforehand(make: Callable[..., str], lam: Any) -> None:
    name = make(SOURCE.format("one"))
    now = lam.get_function_configuration(FunctionName=name)
    code, message = refused(lambda: lam.publish_version(FunctionName=name, CodeSha256="other="))
    assert code == "InvalidParameterValueException"
    assert now["CodeSha256"] in message
    code, _ = refused(lambda: lam.publish_version(FunctionName=name, RevisionId="other"))
    assert code == "PreconditionFailedException"
    made = lam.publish_version(
        FunctionName=name, CodeSha256=now["CodeSha256"], RevisionId=now["RevisionId"]
    )
    assert made["Version"] == "1"


def test_a_dry_run_publishes_nothing(make: Callable[..., str], lam: Any) -> None:
    name = make(SOURCE.format("one"))
    dry = lam.update_function_code(
        FunctionName=name, ZipFile=code("two"), Publish=True, DryRun=True
    )
    now = lam.get_function_configuration(FunctionName=name)
    assert dry["CodeSha256"] != now["CodeSha256"]
    listed = lam.list_versions_by_function(FunctionName=name)["Versions"]
    assert [each["Version"] for each in listed] == ["$LATEST"]


def test_versions_are_listed(published: str, lam: Any) -> None:
    pages = lam.get_paginator("list_versions_by_function").paginate(
        FunctionName=published, PaginationConfig={"PageSize": 1}
    )
    found = [(each["Version"], each["FunctionArn"]) for page in pages for each in page["Versions"]]
    assert found == [(v, f"{arn(published)}:{v}") for v in ("$LATEST", "1", "2")]
    pages = lam.get_paginator("list_functions").paginate(
        FunctionVersion="ALL", PaginationConfig={"PageSize": 2}
    )
    everything = [each["FunctionArn"] for page in pages for each in page["Functions"]]
    assert [a for a in everything if published in a] == [
        f"{arn(published)}:{v}" for v in ("$LATEST", "1", "2")
    ]
    code, _ = refused(lambda: lam.list_versions_by_function(FunctionName=published, Marker="x"))
    assert code == "InvalidParameterValueException"


def test_a_version_is_deleted_and_its_number_never_used_again(
    published: str, lam: Any, make: Callable[..., str], run: Any
) -> None:
    role = lam.get_function_configuration(FunctionName=published)["Role"]
    lam.create_alias(FunctionName=published, Name="PROD", FunctionVersion="1")
    code, message = refused(lambda: lam.delete_function(FunctionName=published, Qualifier="1"))
    assert (code, "PROD" in message) == ("ResourceConflictException", True)
    for wrong in ("$LATEST", "PROD"):
        code, _ = refused(lambda w=wrong: lam.delete_function(FunctionName=published, Qualifier=w))
        assert code == "InvalidParameterValueException"
    lam.delete_function(FunctionName=published, Qualifier="2")
    assert refused(lambda: run(published, Qualifier="2"))[0] == "ResourceNotFoundException"
    lam.delete_function(FunctionName=published, Qualifier="2")  # again, as on AWS
    assert refused(lambda: lam.delete_function(FunctionName="none", Qualifier="2"))[0] == (
        "ResourceNotFoundException"
    )
    assert run(published, Qualifier="1")[0][0] == "one"
    lam.delete_function(FunctionName=published)
    assert refused(lambda: run(published, Qualifier="PROD"))[0] == "ResourceNotFoundException"
    again = lam.create_function(
        FunctionName=published,
        Runtime="python3.11",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": code_of_four},
        Publish=True,
    )
    assert again["Version"] == "3"
    assert run(published, Qualifier="3")[0][0] == "four"


code_of_four = code("four")


def test_an_alias_leads_to_a_version(published: str, lam: Any, run: Any) -> None:
    made = lam.create_alias(
        FunctionName=published, Name="PROD", FunctionVersion="1", Description="live"
    )
    assert made["AliasArn"] == f"{arn(published)}:PROD"
    assert run(published, Qualifier="PROD")[0] == ["one", "1", f"{published}:PROD", "1"]
    shown = lam.get_function_configuration(FunctionName=published, Qualifier="PROD")
    assert (shown["FunctionArn"], shown["Version"]) == (f"{arn(published)}:PROD", "1")
    moved = lam.update_alias(FunctionName=published, Name="PROD", FunctionVersion="2")
    assert (moved["FunctionVersion"], moved["Description"]) == ("2", "live")
    assert run(published, Qualifier="PROD")[0][0] == "two"
    code, _ = refused(
        lambda: lam.update_alias(
            FunctionName=published, Name="PROD", RevisionId=made["RevisionId"], Description="x"
        )
    )
    assert code == "PreconditionFailedException"
    lam.create_alias(FunctionName=published, Name="dev", FunctionVersion="$LATEST")
    assert run(published, Qualifier="dev")[0][:2] == ["three", "$LATEST"]
    pages = lam.get_paginator("list_aliases").paginate(
        FunctionName=published, PaginationConfig={"PageSize": 1}
    )
    assert [each["Name"] for page in pages for each in page["Aliases"]] == ["PROD", "dev"]
    only = lam.list_aliases(FunctionName=published, FunctionVersion="2")["Aliases"]
    assert [each["Name"] for each in only] == ["PROD"]
    for _ in range(2):
        lam.delete_alias(FunctionName=published, Name="PROD")
    code, message = refused(lambda: lam.get_alias(FunctionName=published, Name="PROD"))
    assert (code, "Cannot find alias arn" in message) == ("ResourceNotFoundException", True)


def test_an_alias_shares_its_invocations(published: str, lam: Any) -> None:
    def executed() -> set[str]:
        return {
            lam.invoke(FunctionName=published, Qualifier="PROD")["ExecutedVersion"]
            for _ in range(40)
        }

    lam.create_alias(
        FunctionName=published,
        Name="PROD",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    assert executed() == {"1", "2"}
    routing = {"AdditionalVersionWeights": {"2": 1.0}}
    lam.update_alias(FunctionName=published, Name="PROD", RoutingConfig=routing)
    assert lam.get_alias(FunctionName=published, Name="PROD")["RoutingConfig"] == routing
    assert executed() == {"2"}
    lam.update_alias(FunctionName=published, Name="PROD", RoutingConfig={})
    assert "RoutingConfig" not in lam.get_alias(FunctionName=published, Name="PROD")
    assert executed() == {"1"}


@pytest.mark.parametrize(
    ("wrong", "error", "word"),
    [
        ({"Name": "PROD"}, "ResourceConflictException", "PROD"),
        ({"Name": "12"}, "ValidationException", "12"),
        ({"FunctionVersion": "9"}, "ResourceNotFoundException", ":9"),
        ({"FunctionVersion": "PROD"}, "ValidationException", "PROD"),
        ({"Description": "x" * 257}, "ValidationException", "256"),
        ({"weights": {"2": 1.5}}, "ValidationException", "{2=1.5}"),
        ({"weights": {"1": 0.5}}, "InvalidParameterValueException", "already included"),
        ({"weights": {"9": 0.5}}, "ResourceNotFoundException", ":9"),
        ({"weights": {"$LATEST": 0.5}}, "ValidationException", "$LATEST"),
        (
            {"FunctionVersion": "$LATEST", "weights": {"1": 0.5}},
            "InvalidParameterValueException",
            "$LATEST is not supported",
        ),
        ({"weights": {"1": 0.1, "2": 0.1}}, "InvalidParameterValueException", "there are 2"),
    ],
)
def test_what_is_wrong_with_an_alias_is_named(
    published: str, lam: Any, wrong: dict[str, Any], error: str, word: str
) -> None:
    lam.create_alias(FunctionName=published, Name="PROD", FunctionVersion="1")
    wrong = dict(wrong)
    if weights := wrong.pop("weights", None):
        wrong["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    request = {"FunctionName": published, "Name": "other", "FunctionVersion": "1", **wrong}
    code, message = refused(lambda: lam.create_alias(**request))
    assert code == error
    assert word in message


def test_versions_and_aliases_have_their_own_policies(
    published: str, lam: Any, client: Callable[..., Any], fresh_name: Callable[..., str]
) -> None:
    lam.create_alias(FunctionName=published, Name="PROD", FunctionVersion="1")
    iam, user = client("iam"), fresh_name("user")
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = client(
        "lambda",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    lam.add_permission(
        FunctionName=published,
        Qualifier="PROD",
        StatementId="user",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{ACCOUNT}:user/{user}",
    )
    (statement,) = json.loads(lam.get_policy(FunctionName=published, Qualifier="PROD")["Policy"])[
        "Statement"
    ]
    assert statement["Resource"] == f"{arn(published)}:PROD"
    assert theirs.invoke(FunctionName=published, Qualifier="PROD")["ExecutedVersion"] == "1"
    for qualifier in ("1", "2", "$LATEST"):
        code, _ = refused(lambda q=qualifier: theirs.invoke(FunctionName=published, Qualifier=q))
        assert code == "AccessDeniedException"
    assert refused(lambda: theirs.invoke(FunctionName=published))[0] == "AccessDeniedException"
    assert refused(lambda: lam.get_policy(FunctionName=published))[0] == (
        "ResourceNotFoundException"
    )
    lam.remove_permission(FunctionName=published, Qualifier="PROD", StatementId="user")
    assert refused(lambda: theirs.invoke(FunctionName=published, Qualifier="PROD"))[0] == (
        "AccessDeniedException"
    )
    code, message = refused(
        lambda: lam.add_permission(
            FunctionName=published,
            Qualifier="$LATEST",
            StatementId="x",
            Action="lambda:InvokeFunction",
            Principal="*",
        )
    )
    assert (code, "$LATEST" in message) == ("InvalidParameterValueException", True)


def test_operations_on_the_whole_function_refuse_qualifiers(published: str, lam: Any) -> None:
    for call in (
        lambda: lam.update_function_code(FunctionName=f"{published}:1", ZipFile=code("x")),
        lambda: lam.update_function_configuration(FunctionName=f"{published}:1", Timeout=4),
        lambda: lam.tag_resource(Resource=f"{arn(published)}:1", Tags={"a": "b"}),
    ):
        assert refused(call)[0] == "InvalidParameterValueException"


def test_provisioned_concurrency_is_refused_by_name(published: str, lam: Any) -> None:
    with pytest.raises(ClientError, match="PutProvisionedConcurrencyConfig") as caught:
        lam.put_provisioned_concurrency_config(
            FunctionName=published, Qualifier="1", ProvisionedConcurrentExecutions=1
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_each_qualifier_has_its_event_configuration(published: str, lam: Any) -> None:
    lam.create_alias(FunctionName=published, Name="PROD", FunctionVersion="1")
    for retries, more in ((0, {"Qualifier": "PROD"}), (1, {"Qualifier": "2"}), (2, {})):
        lam.put_function_event_invoke_config(
            FunctionName=published, MaximumRetryAttempts=retries, **more
        )
    found = lam.get_function_event_invoke_config(FunctionName=published, Qualifier="PROD")
    assert (found["MaximumRetryAttempts"], found["FunctionArn"]) == (0, f"{arn(published)}:PROD")
    pages = lam.get_paginator("list_function_event_invoke_configs").paginate(
        FunctionName=published, PaginationConfig={"PageSize": 2}
    )
    listed = {
        each["FunctionArn"].rsplit(":", 1)[1]: each["MaximumRetryAttempts"]
        for page in pages
        for each in page["FunctionEventInvokeConfigs"]
    }
    assert listed == {"$LATEST": 2, "2": 1, "PROD": 0}
    lam.delete_function_event_invoke_config(FunctionName=published, Qualifier="2")
    code, _ = refused(
        lambda: lam.get_function_event_invoke_config(FunctionName=published, Qualifier="2")
    )
    assert code == "ResourceNotFoundException"
