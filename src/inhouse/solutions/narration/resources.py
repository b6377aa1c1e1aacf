"""One resource at a time: made when it is not there, changed when it is other than wanted.

Each function returns what it did, or None when everything was as it should be.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from inhouse.solutions.deploying import existing

if TYPE_CHECKING:
    from collections.abc import Mapping


def bucket(s3: Any, name: str, region: str) -> str | None:
    if existing(s3.head_bucket, Bucket=name) is not None:
        return None
    members: dict[str, Any] = {"Bucket": name}
    if region != "us-east-1":
        members["CreateBucketConfiguration"] = {"LocationConstraint": region}
    s3.create_bucket(**members)
    return f"created bucket {name}"


def queue(sqs: Any, name: str, policy: Mapping[str, Any]) -> tuple[str, str | None]:
    """The queue's URL and what was done."""
    found = existing(sqs.get_queue_url, QueueName=name)
    wanted = json.dumps(policy, sort_keys=True)
    attributes = {"MessageRetentionPeriod": "1209600", "Policy": wanted}
    if found is None:
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"created queue {name}"
    url = found["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(attributes))["Attributes"]
    if (
        json.loads(held.get("Policy", "{}")) == policy
        and held["MessageRetentionPeriod"] == (attributes["MessageRetentionPeriod"])
    ):
        return url, None
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return url, f"updated queue {name}"


def topic(sns: Any, name: str, arn: str) -> str | None:
    if existing(sns.get_topic_attributes, TopicArn=arn) is not None:
        return None
    sns.create_topic(Name=name)
    return f"created topic {name}"


def permission(
    client: Any, function_name: str, sid: str, service: str, source: str, account: str
) -> str | None:
    """Lets a service call the function on behalf of one source."""
    held = existing(client.get_policy, FunctionName=function_name)
    if held and any(one["Sid"] == sid for one in json.loads(held["Policy"])["Statement"]):
        return None
    client.add_permission(
        FunctionName=function_name,
        StatementId=sid,
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source,
        SourceAccount=account,
    )
    return f"allowed {service} to invoke {function_name}"


def subscription(
    sns: Any,
    topic_arn: str,
    function_arn: str,
    queue_arn: str,
    body: Mapping[str, Any] | None = None,
) -> str | None:
    """Only messages whose JSON fits the filter policy `body` come through, if there is one."""
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        if any(one["Endpoint"] == function_arn for one in page["Subscriptions"]):
            return None
    attributes = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue_arn})}
    if body is not None:
        attributes |= {"FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps(body)}
    sns.subscribe(
        TopicArn=topic_arn, Protocol="lambda", Endpoint=function_arn, Attributes=attributes
    )
    return f"subscribed {function_arn.rpartition(':')[2]} to {topic_arn.rpartition(':')[2]}"


def notification(s3: Any, name: str, prefix: str, function_arn: str) -> str | None:
    wanted = {
        "Id": "fragments",
        "LambdaFunctionArn": function_arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
    }
    held = s3.get_bucket_notification_configuration(Bucket=name)
    entries = held.get("LambdaFunctionConfigurations", [])
    if any(_same_notification(one, wanted) for one in entries):
        return None
    kept = {key: value for key, value in held.items() if key.endswith("Configurations")}
    kept["LambdaFunctionConfigurations"] = [
        *(one for one in entries if one.get("Id") != "fragments"),
        wanted,
    ]
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=kept)
    return f"bucket {name} notifies {function_arn.rpartition(':')[2]}"


def _same_notification(one: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    rules = one.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    prefixes = [rule["Value"] for rule in rules if rule["Name"].casefold() == "prefix"]
    return (
        one["LambdaFunctionArn"] == wanted["LambdaFunctionArn"]
        and one["Events"] == wanted["Events"]
        and prefixes == [wanted["Filter"]["Key"]["FilterRules"][0]["Value"]]
    )


def parameter(ssm: Any, name: str, value: str) -> str | None:
    found = existing(ssm.get_parameter, Name=name)
    if found is not None and found["Parameter"]["Value"] == value:
        return None
    ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    return f"{'created' if found is None else 'updated'} parameter {name}"
