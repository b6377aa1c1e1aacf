"""Every statement on the tables of SNS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update

from inhouse.services.sns.tables import deliveries, messages, subscriptions, topics

if TYPE_CHECKING:
    from inhouse.core.ports import Row, Tx

PAGE = 100
_of: BindParameter[Any] = bindparam("of")
_ADD_TOPIC = insert(topics)
_TOPIC = select(topics).where(topics.c.arn == _of)
_CHANGE_TOPIC = update(topics).where(topics.c.arn == _of)
_DROP_TOPIC = delete(topics).where(topics.c.arn == _of)
_TOPICS = (
    select(topics.c.arn)
    .where(
        topics.c.account == bindparam("by"),
        topics.c.region == bindparam("within"),
        topics.c.arn > bindparam("after"),
    )
    .order_by(topics.c.arn)
    .limit(PAGE + 1)
)
_ADD_SUBSCRIPTION = insert(subscriptions)
_SUBSCRIPTION = select(subscriptions).where(subscriptions.c.arn == _of)
_BY_ENDPOINT = select(subscriptions).where(
    subscriptions.c.topic == _of,
    subscriptions.c.protocol == bindparam("by"),
    subscriptions.c.endpoint == bindparam("to"),
)
_BY_TOKEN = select(subscriptions).where(subscriptions.c.token == _of)
_CHANGE_SUBSCRIPTION = update(subscriptions).where(subscriptions.c.arn == _of)
_DROP_SUBSCRIPTION = delete(subscriptions).where(subscriptions.c.arn == _of)
_DROP_SUBSCRIPTIONS = delete(subscriptions).where(subscriptions.c.topic == _of)
_CONFIRMED = (
    select(subscriptions)
    .where(subscriptions.c.topic == _of, subscriptions.c.pending == 0)
    .order_by(subscriptions.c.id)
)
_COUNTS = (
    select(subscriptions.c.pending, func.count().label("count"))
    .where(subscriptions.c.topic == _of)
    .group_by(subscriptions.c.pending)
)
_OF_TOPIC = (
    select(subscriptions)
    .where(subscriptions.c.topic == _of, subscriptions.c.id > bindparam("after"))
    .order_by(subscriptions.c.id)
    .limit(PAGE + 1)
)
_OF_OWNER = (
    select(subscriptions)
    .where(
        subscriptions.c.owner == bindparam("by"),
        subscriptions.c.region == bindparam("within"),
        subscriptions.c.id > bindparam("after"),
    )
    .order_by(subscriptions.c.id)
    .limit(PAGE + 1)
)
_ADD_MESSAGE = insert(messages)
_MESSAGE = select(messages).where(messages.c.id == _of)
_ADD_DELIVERY = insert(deliveries)
_ON_ITS_WAY = (deliveries.c.message == bindparam("of_message")) & (
    deliveries.c.subscription == bindparam("of_subscription")
)
_FAILURES = select(deliveries.c.failures).where(_ON_ITS_WAY)
_FAILED = update(deliveries).where(_ON_ITS_WAY)
_DELIVERED = delete(deliveries).where(_ON_ITS_WAY)
_DROP_MESSAGE = delete(messages).where(
    messages.c.id == bindparam("of_message"),
    ~select(deliveries.c.message).where(deliveries.c.message == bindparam("of_message")).exists(),
)


def add_topic(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_TOPIC, **columns)


def topic(tx: Tx, arn: str) -> Row | None:
    return tx.one(_TOPIC, of=arn)


def change_topic(tx: Tx, arn: str, **columns: Any) -> None:
    tx.run(_CHANGE_TOPIC, of=arn, **columns)


def drop_topic(tx: Tx, arn: str) -> None:
    """Removes the topic and its subscriptions. Deliveries on their way find nobody."""
    tx.run(_DROP_SUBSCRIPTIONS, of=arn)
    tx.run(_DROP_TOPIC, of=arn)


def topics_of(tx: Tx, account: str, region: str, after: str) -> list[Row]:
    """One more than a page of topics, by ARN."""
    return tx.all(_TOPICS, by=account, within=region, after=after)


def add_subscription(tx: Tx, **columns: Any) -> None:
    tx.run(_ADD_SUBSCRIPTION, **columns)


def subscription(tx: Tx, arn: str) -> Row | None:
    return tx.one(_SUBSCRIPTION, of=arn)


def subscription_of(tx: Tx, topic_arn: str, protocol: str, endpoint: str) -> Row | None:
    return tx.one(_BY_ENDPOINT, of=topic_arn, by=protocol, to=endpoint)


def subscription_by_token(tx: Tx, token: str) -> Row | None:
    return tx.one(_BY_TOKEN, of=token)


def change_subscription(tx: Tx, arn: str, **columns: Any) -> None:
    tx.run(_CHANGE_SUBSCRIPTION, of=arn, **columns)


def drop_subscription(tx: Tx, arn: str) -> None:
    tx.run(_DROP_SUBSCRIPTION, of=arn)


def confirmed(tx: Tx, topic_arn: str) -> list[Row]:
    """The subscriptions of a topic that messages go to."""
    return tx.all(_CONFIRMED, of=topic_arn)


def counts(tx: Tx, topic_arn: str) -> tuple[int, int]:
    """How many subscriptions of a topic are confirmed, and how many pending."""
    found = {row["pending"]: row["count"] for row in tx.all(_COUNTS, of=topic_arn)}
    return found.get(0, 0), found.get(1, 0)


def subscriptions_to(tx: Tx, topic_arn: str, after: int) -> list[Row]:
    """One more than a page of a topic's subscriptions, oldest first."""
    return tx.all(_OF_TOPIC, of=topic_arn, after=after)


def subscriptions_by(tx: Tx, account: str, region: str, after: int) -> list[Row]:
    """One more than a page of an account's subscriptions, oldest first."""
    return tx.all(_OF_OWNER, by=account, within=region, after=after)


def add_message(tx: Tx, message_id: str, topic_arn: str, content: str, now: float) -> None:
    tx.run(_ADD_MESSAGE, id=message_id, topic=topic_arn, content=content, created=now)


def message(tx: Tx, message_id: str) -> Row | None:
    return tx.one(_MESSAGE, of=message_id)


def add_delivery(tx: Tx, message_id: str, subscription_arn: str) -> None:
    tx.run(_ADD_DELIVERY, message=message_id, subscription=subscription_arn, failures=0)


def failures(tx: Tx, message_id: str, subscription_arn: str) -> int | None:
    """How often a delivery failed so far; None when it is over."""
    found: int | None = tx.scalar(
        _FAILURES, of_message=message_id, of_subscription=subscription_arn
    )
    return found


def set_failures(tx: Tx, message_id: str, subscription_arn: str, count: int) -> None:
    tx.run(_FAILED, of_message=message_id, of_subscription=subscription_arn, failures=count)


def end_delivery(tx: Tx, message_id: str, subscription_arn: str) -> None:
    """A delivery is over; the message goes with its last one."""
    tx.run(_DELIVERED, of_message=message_id, of_subscription=subscription_arn)
    tx.run(_DROP_MESSAGE, of_message=message_id)
