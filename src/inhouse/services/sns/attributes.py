"""Attributes of topics and subscriptions: which there are and what they may hold.

https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import orjson

from inhouse.core.arn import Arn
from inhouse.services.sns import policies, retries
from inhouse.services.sns.filter_rules import FilterError
from inhouse.services.sns.filters import Scope, compile_policy
from inhouse.services.sns.messages import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOPIC = frozenset({"DisplayName", "Policy", "DeliveryPolicy", "SignatureVersion", "TracingConfig"})
_FIFO = frozenset(
    {"FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"}
)
_SUBSCRIPTION = frozenset(
    {"DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"}
)
SCOPES = ("MessageAttributes", "MessageBody")


def check_topic(name: str, value: str) -> None:
    """Raises unless a topic's attribute may be set so. An empty value takes it away."""
    if name == "KmsMasterKeyId":
        raise invalid(
            "Attributes Reason: KmsMasterKeyId: Inhouse has no KMS to encrypt topics with"
        )
    if name in _FIFO:
        if value == "false":
            return
        raise invalid(f"Attributes Reason: {name}: Inhouse has standard topics, no FIFO topics")
    if name not in _TOPIC:
        raise invalid(f"AttributeName Reason: {name[:80]!r} is none of {', '.join(sorted(_TOPIC))}")
    if name == "DisplayName" and len(value) > 100:
        raise invalid(f"DisplayName Reason: {len(value)} characters; 100 is the most")
    if name == "SignatureVersion" and value not in {"1", "2"}:
        raise invalid(f"SignatureVersion Reason: {value[:20]!r} must be 1 or 2")
    if name == "TracingConfig" and value not in {"PassThrough", "Active"}:
        raise invalid(f"TracingConfig Reason: {value[:20]!r} must be PassThrough or Active")
    if name == "Policy" and value:
        policies.check(value)
    if name == "DeliveryPolicy" and value:
        _delivery(value, retries.check_topic_policy)


def kept(given: Mapping[str, str]) -> dict[str, str]:
    """What is to be remembered of a topic's attributes."""
    return {name: value for name, value in given.items() if name not in _FIFO and value}


def check_subscription(name: str, value: str, protocol: str, region: str) -> None:
    """Raises unless a subscription's attribute may be set so; for FilterPolicy see `check_filter`."""
    if name not in _SUBSCRIPTION:
        raise invalid(
            f"AttributeName Reason: {name[:80]!r} is none of {', '.join(sorted(_SUBSCRIPTION))}"
        )
    if name == "RawMessageDelivery":
        if value.lower() not in {"true", "false"}:
            raise invalid(
                f"RawMessageDelivery: Invalid value [{value[:20]}]. Must be true or false."
            )
        if value.lower() == "true" and protocol not in {"http", "https", "sqs"}:
            raise invalid(f"RawMessageDelivery Reason: protocol {protocol} has no raw delivery")
    if name == "DeliveryPolicy" and value:
        if protocol not in {"http", "https"}:
            raise invalid(f"DeliveryPolicy Reason: it is for http and https, not {protocol}")
        _delivery(value, retries.check_subscription_policy)
    if name == "RedrivePolicy" and value:
        _redrive(value, region)
    if name == "FilterPolicyScope" and value and value not in SCOPES:
        raise invalid(
            f"FilterPolicyScope: Invalid value [{value[:40]}]. Please use either MessageBody or "
            "MessageAttributes"
        )


def check_filter(attributes: Mapping[str, str]) -> None:
    """Raises unless the FilterPolicy among `attributes` fits its scope."""
    policy = attributes.get("FilterPolicy")
    if policy:
        try:
            compile_policy(policy, scope(attributes))
        except FilterError as error:
            raise invalid(f"FilterPolicy: {error}", error.detail) from None


def scope(attributes: Mapping[str, str]) -> Scope:
    return cast("Scope", attributes.get("FilterPolicyScope") or "MessageAttributes")


def dead_letter_queue(attributes: Mapping[str, str]) -> str | None:
    """The ARN of the queue that gets what cannot be delivered."""
    text = attributes.get("RedrivePolicy")
    found: str | None = orjson.loads(text)["deadLetterTargetArn"] if text else None
    return found


def _delivery(value: str, check: Callable[[str], None]) -> None:
    try:
        check(value)
    except retries.DeliveryPolicyError as error:
        raise invalid(f"DeliveryPolicy: {error}") from None


def _redrive(value: str, region: str) -> None:
    try:
        document = orjson.loads(value)
        target = Arn.parse(document["deadLetterTargetArn"])
    except orjson.JSONDecodeError as error:
        raise invalid(f"RedrivePolicy: failed to parse JSON. {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise invalid(
            "RedrivePolicy: deadLetterTargetArn is an invalid arn; the policy reads "
            '{"deadLetterTargetArn": "arn:aws:sqs:REGION:ACCOUNT:QUEUE"}'
        ) from None
    if target.service != "sqs" or target.region != region or target.resource.endswith(".fifo"):
        raise invalid(
            f"RedrivePolicy: deadLetterTargetArn must be a standard SQS queue in {region}, not {target}"
        )
