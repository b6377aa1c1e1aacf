"""Which ARNs a request touches, and its condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.services.sns import rows
from inhouse.services.sns.messages import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx

    Request = Mapping[str, Any]

_TOPIC_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}(\.fifo)?")


def topic_name(name: str) -> str:
    """Raises unless `name` can name a topic here."""
    if not _TOPIC_NAME.fullmatch(name) or len(name) > 256:
        raise invalid("Topic Name", "1 to 256 of A-Z a-z 0-9 _ - are allowed")
    if name.endswith(".fifo"):
        raise invalid("Topic Name: Inhouse has standard topics only; .fifo names a FIFO topic")
    return name


def topic_arn(text: str, member: str = "TopicArn") -> str:
    """Raises unless `text` reads like the ARN of a topic."""
    try:
        arn = Arn.parse(text)
    except ValueError as error:
        if (count := text.count(":") + 1) < 6:
            why = f"An ARN must have at least 6 elements, not {count}"
            raise invalid(f"{member} Reason: {why}") from None
        raise invalid(f"{member} Reason: {error}"[:500]) from None
    if arn.service != "sns" or not arn.account or not _TOPIC_NAME.fullmatch(arn.resource):
        raise invalid(
            f"{member} Reason: {text[:300]!r} is not a topic's ARN, arn:aws:sns:REGION:ACCOUNT:NAME"
        )
    return text


def split_subscription_arn(text: str) -> tuple[str, str]:
    """The topic's ARN and the subscription's id in a subscription's ARN."""
    topic, _, unique = text.rpartition(":")
    if not unique or topic.count(":") != 5:
        raise invalid(
            f"SubscriptionArn Reason: {text[:300]!r} is not a subscription's ARN, "
            "arn:aws:sns:REGION:ACCOUNT:TOPIC:ID"
        )
    return topic_arn(topic, "SubscriptionArn"), unique


def found_topic(tx: Tx, arn: str) -> Row:
    row = rows.topic(tx, arn)
    if row is None:
        raise ServiceError("NotFound", "Topic does not exist")
    return row


def found_subscription(tx: Tx, arn: str) -> Row:
    split_subscription_arn(arn)
    row = rows.subscription(tx, arn)
    if row is None:
        raise ServiceError("NotFound", "Subscription does not exist")
    return row


def new_topic(call: Call, req: Request) -> str:
    return call.arn(topic_name(req["Name"]))


def of_topic(call: Call, req: Request) -> str:
    return topic_arn(req["TopicArn"])


def of_tagged(call: Call, req: Request) -> str:
    return topic_arn(req["ResourceArn"], "ResourceArn")


def every_topic(call: Call, req: Request) -> str:
    return call.arn("*")


def of_target(call: Call, req: Request) -> str:
    """The topic that Publish means, by either of its names."""
    given = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if req.get(name)]
    if given == ["PhoneNumber"]:
        raise invalid("PhoneNumber Reason: Inhouse sends no text messages; publish to a TopicArn")
    if not given:
        raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
    if len(given) > 1:
        raise invalid("TopicArn or TargetArn Reason: exactly one of them must be given")
    return topic_arn(req[given[0]], given[0])


def of_subscription(call: Call, req: Request) -> str:
    """The subscription for its owner, its topic for everybody else.

    The two may be different accounts, and either may look after a subscription.
    """
    arn: str = req["SubscriptionArn"]
    topic, _ = split_subscription_arn(arn)
    row = rows.subscription(call.tx, arn)
    return arn if row is not None and row["owner"] == call.principal.account else topic


def subscribing(call: Call, req: Request) -> dict[str, str | list[str]]:
    keys: dict[str, str | list[str]] = {"sns:Protocol": req.get("Protocol") or ""}
    if req.get("Endpoint"):
        keys["sns:Endpoint"] = req["Endpoint"]
    return keys
