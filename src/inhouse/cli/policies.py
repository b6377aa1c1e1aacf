"""The policies that apply to a principal and a resource, gathered with boto3 alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from inhouse.access import Policies, Policy, PolicyKind
from inhouse.cli.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import boto3


@dataclass
class Gathered:
    """Policies ready to decide with, and their documents by name, to show statements of."""

    policies: Policies
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def statement(self, policy: str, index: int) -> dict[str, Any]:
        found = self.documents[policy]["Statement"]
        statement: dict[str, Any] = (found if isinstance(found, list) else [found])[index]
        return statement


def gather(session: boto3.Session, principal: str, resource: str) -> Gathered:
    """What is attached to the user or role `principal`, and the policy of `resource`.

    Raises Failure when `principal` is neither, ClientError when it may not be read.
    """
    kind, _, path = principal.rpartition(":")[2].partition("/")
    if kind not in ("user", "role") or not path:
        raise Failure(f"{principal} is no user's or role's ARN, as arn:aws:iam::…:user/NAME is")
    iam, name = session.client("iam"), path.rpartition("/")[2]
    documents = dict(_attached(iam, kind, name))
    entity = (
        iam.get_user(UserName=name)["User"]
        if kind == "user"
        else iam.get_role(RoleName=name)["Role"]
    )
    boundary_arn = entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    boundary = dict([_managed(iam, boundary_arn)]) if boundary_arn else {}
    text = resource_policy(session, resource)
    own = {"resource policy": json.loads(text)} if text else {}
    return Gathered(
        Policies(
            identity=_parsed(documents, PolicyKind.IDENTITY),
            boundary=next(iter(_parsed(boundary, PolicyKind.BOUNDARY)), None),
            resource=next(iter(_parsed(own, PolicyKind.RESOURCE)), None),
        ),
        {**documents, **boundary, **own},
    )


def _parsed(documents: dict[str, Any], kind: PolicyKind) -> tuple[Policy, ...]:
    return tuple(Policy.parse(d, kind=kind, name=name) for name, d in documents.items())


def _attached(iam: Any, kind: str, name: str) -> Iterator[tuple[str, Any]]:
    """Documents of a user's (with its groups') or role's policies, by name."""
    argument = {"UserName" if kind == "user" else "RoleName": name}
    yield from _of(iam, kind, argument)
    if kind == "user":
        for group in iam.list_groups_for_user(UserName=name)["Groups"]:
            yield from _of(iam, "group", {"GroupName": group["GroupName"]})


def _of(iam: Any, kind: str, argument: dict[str, str]) -> Iterator[tuple[str, Any]]:
    owner = next(iter(argument.values()))
    for page in iam.get_paginator(f"list_{kind}_policies").paginate(**argument):
        for policy in page["PolicyNames"]:
            found = getattr(iam, f"get_{kind}_policy")(PolicyName=policy, **argument)
            yield f"{kind} {owner}, {policy}", found["PolicyDocument"]
    for page in iam.get_paginator(f"list_attached_{kind}_policies").paginate(**argument):
        for policy in page["AttachedPolicies"]:
            yield _managed(iam, policy["PolicyArn"])


def _managed(iam: Any, arn: str) -> tuple[str, Any]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return arn, found["PolicyVersion"]["Document"]


def resource_policy(session: boto3.Session, arn: str) -> str | None:
    """The policy of a bucket, topic, queue or function; None where there is none."""
    parts = arn.split(":", 5)
    service, name = (parts[2], parts[5]) if len(parts) == 6 else ("", "")
    try:
        return _policy_text(session, service, name, arn)
    except ClientError:
        return None


def _policy_text(session: boto3.Session, service: str, name: str, arn: str) -> str | None:
    match service:
        case "s3":
            return session.client("s3").get_bucket_policy(Bucket=name.partition("/")[0])["Policy"]
        case "sns":
            topic = session.client("sns").get_topic_attributes(TopicArn=arn)
            return topic["Attributes"].get("Policy")
        case "sqs":
            sqs = session.client("sqs")
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            return queue.get("Attributes", {}).get("Policy")
        case "lambda":
            return session.client("lambda").get_policy(FunctionName=arn)["Policy"]
    return None
