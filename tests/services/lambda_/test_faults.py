"""Requests that are not of the form the model asks for, or that ask for what cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.services.lambda_.conftest import ACCOUNT, zipped
from tests.services.lambda_.test_functions import CODE, ECHO, refused

LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/none"
NEW: dict[str, Any] = {
    "FunctionName": "new",
    "Runtime": "python3.11",
    "Role": ROLE,
    "Handler": "main.handler",
    "Code": {"ZipFile": CODE},
}


@pytest.fixture
def loose(client: Callable[..., Any]) -> Any:
    """A client that lets everything through."""
    return client("lambda", config=Config(parameter_validation=False))


@pytest.mark.parametrize(
    ("operation", "request_", "words"),
    [
        ("create_function", {**NEW, "FunctionName": "inv!alid"}, "'inv!alid' at 'functionName'"),
        ("create_function", {**NEW, "FunctionName": "new:1"}, "unqualified"),
        ("create_function", {**NEW, "Handler": "two words"}, "'two words' at 'handler'"),
        ("create_function", {**NEW, "Role": "me"}, "'me' at 'role'"),
        ("create_function", {**NEW, "Timeout": 0}, "'0' at 'timeout'"),
        ("create_function", {**NEW, "MemorySize": 64}, "greater than or equal to 128"),
        ("create_function", {**NEW, "Architectures": ["x86_64", "arm64"]}, "'[x86_64, arm64]' at"),
        ("create_function", {**NEW, "Architectures": ["x"]}, "[x86_64, arm64], Member must not be null]"),
        ("create_function", {**NEW, "TracingConfig": {"Mode": "x"}}, "'tracingConfig.mode'"),
        ("create_function", {**NEW, "Layers": [f"{LAYER}:x"]}, "'layers'"),
        ("create_function", {**NEW, "Environment": {"Variables": {"9LIVES": "secret"}}}, "Value at 'environment.variables' failed to satisfy constraint: Map keys must"),
        ("get_function", {"FunctionName": "f", "Qualifier": "in valid"}, "'qualifier'"),
        ("list_functions", {"FunctionVersion": "some"}, "enum value set: [ALL]"),
        ("list_functions", {"MaxItems": 0}, "'maxItems'"),
        ("invoke", {"FunctionName": "f", "InvocationType": "Later"}, "'invocationType'"),
        ("add_permission", {"FunctionName": "f", "StatementId": "a b", "Action": "lambda:*", "Principal": "*"}, "'statementId'"),
        ("add_permission", {"FunctionName": "f", "StatementId": "a", "Action": "s3:*", "Principal": "*"}, "'action'"),
        ("put_function_event_invoke_config", {"FunctionName": "f", "MaximumRetryAttempts": 3}, "less than or equal to 2"),
        ("put_function_concurrency", {"FunctionName": "f", "ReservedConcurrentExecutions": -1}, "greater than or equal to 0"),
        ("tag_resource", {"Resource": "arn:aws:s3:::bucket", "Tags": {"a": "b"}}, "'resource'"),
        ("publish_layer_version", {"LayerName": "l", "Content": {"ZipFile": CODE}, "CompatibleRuntimes": ["x"], "CompatibleArchitectures": ["y"]}, "2 validation errors"),
        ("get_layer_version", {"LayerName": "in valid", "VersionNumber": 1}, "'layerName'"),
        ("get_layer_version_by_arn", {"Arn": f"{LAYER}:x"}, "'arn'"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_form_are_told_as_aws_tells_them(
    loose: Any, operation: str, request_: dict[str, Any], words: str
) -> None:
    code, message = refused(lambda: getattr(loose, operation)(**request_))
    assert code == "ValidationException"
    assert words in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("operation", "request_", "words"),
    [
        ("create_function", {**NEW, "FunctionName": "x" * 65}, "less than or equal to 64"),
        ("create_function", {k: v for k, v in NEW.items() if k != "Handler"}, "Runtime and Handler are mandatory"),
        ("create_function", {**NEW, "Layers": [f"{LAYER}:x{n}:1" for n in range(6)]}, "more than 5"),
        ("create_function", {**NEW, "Layers": [f"{LAYER.replace('us-east-1', 'eu-west-1')}:x:1"]}, "not in the same region"),
        ("delete_function", {"FunctionName": "f", "Qualifier": "$LATEST"}, "without deleting the function"),
        ("get_layer_version", {"LayerName": "l", "VersionNumber": 0}, "less than 1"),
        ("delete_layer_version", {"LayerName": "l", "VersionNumber": -1}, "less than 1"),
        ("tag_resource", {"Resource": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f", "Tags": {}}, "Tags is empty"),
        ("tag_resource", {"Resource": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:1", "Tags": {"a": "b"}}, "aliases and versions are not supported"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(
    loose: Any, operation: str, request_: dict[str, Any], words: str
) -> None:
    code, message = refused(lambda: getattr(loose, operation)(**request_))
    assert code == "InvalidParameterValueException"
    assert words in message


def test_a_package_has_one_source(loose: Any, make_role: Callable[..., str]) -> None:
    code = {"ZipFile": CODE, "S3Bucket": "bucket", "S3Key": "key"}
    refusal = refused(lambda: loose.create_function(**{**NEW, "Role": make_role(), "Code": code}))
    assert refusal[0] == "InvalidParameterValueException"
    assert "when providing a ZipFile" in refusal[1]


def test_two_versions_of_a_layer_are_one_too_many(
    lam: Any, make: Callable[..., str], fresh_name: Callable[..., str]
) -> None:
    layer = fresh_name("layer")
    content = {"ZipFile": zipped({"a": "b"})}
    arns = [
        lam.publish_layer_version(LayerName=layer, Content=content)["LayerVersionArn"]
        for _ in range(2)
    ]
    code, message = refused(lambda: make(ECHO, Layers=arns))
    assert code == "InvalidParameterValueException"
    assert all(arn in message for arn in arns)


def test_listings_tell_less_than_the_function_itself(lam: Any, make: Callable[..., str]) -> None:
    name = make(ECHO, Publish=True)
    whole = lam.get_function_configuration(FunctionName=name)
    runtime = whole["RuntimeVersionConfig"]["RuntimeVersionArn"]
    assert runtime.startswith("arn:aws:lambda:us-east-1::runtime:")
    listed = lam.list_versions_by_function(FunctionName=name)["Versions"]
    for each in listed:
        assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & each.keys()
    assert listed[0]["CodeSha256"] == whole["CodeSha256"]


def test_tags_and_versions_are_new_revisions(lam: Any, make: Callable[..., str]) -> None:
    name = make(ECHO)

    def revision() -> str:
        return str(lam.get_function_configuration(FunctionName=name)["RevisionId"])

    arn = lam.get_function_configuration(FunctionName=name)["FunctionArn"]
    seen = [revision()]
    lam.publish_version(FunctionName=name)
    seen.append(revision())
    lam.tag_resource(Resource=arn, Tags={"a": "b"})
    seen.append(revision())
    lam.publish_version(FunctionName=name)  # changes nothing
    assert len(set(seen)) == 3
    assert revision() == seen[-1]


def test_statements_have_every_condition(lam: Any, make: Callable[..., str]) -> None:
    name = make(ECHO)
    code, message = refused(lambda: lam.remove_permission(FunctionName=name, StatementId="x"))
    assert (code, "No policy" in message) == ("ResourceNotFoundException", True)
    added = lam.add_permission(
        FunctionName=name,
        StatementId="skill",
        Action="lambda:InvokeFunctionUrl",
        Principal="alexa-appkit.amazon.com",
        EventSourceToken="token",
        PrincipalOrgID="o-0123456789",
        FunctionUrlAuthType="AWS_IAM",
        InvokedViaFunctionUrl=True,
    )
    statement = json.loads(added["Statement"])
    assert statement["Principal"] == {"Service": "alexa-appkit.amazon.com"}
    assert statement["Condition"] == {
        "StringEquals": {
            "lambda:EventSourceToken": "token",
            "aws:PrincipalOrgID": "o-0123456789",
            "lambda:FunctionUrlAuthType": "AWS_IAM",
        },
        "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
    }
