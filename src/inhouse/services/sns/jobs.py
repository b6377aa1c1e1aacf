"""Delivering: what happens after a message was accepted, until each subscriber has it.

A delivery is a row. It goes when the subscriber, or the dead-letter queue, has the message, so a
job that runs again after a crash finds out whether there is still something to do.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from inhouse.core.arn import Arn
from inhouse.core.operations import job
from inhouse.services.sns import attributes, envelopes, retries, rows
from inhouse.services.sns.envelopes import Envelopes
from inhouse.services.sns.messages import Message
from inhouse.services.sns.outcomes import Failed, Refused, outcome
from inhouse.services.sns.post import Poster
from inhouse.services.sns.signing import Signer
from inhouse.work import Bury, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import House, Row

log = structlog.get_logger()
WEB = frozenset({"http", "https"})
MAX_RAW_ATTRIBUTES = 10
PACE = 1.0
"""Seconds that a throttled delivery waits in place; beyond that it goes back to the queue."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one subscription."""

    message: Message
    subscription: str
    protocol: str
    endpoint: str
    given: Mapping[str, str]
    version: str
    http: retries.HttpDelivery | None

    @property
    def raw(self) -> bool:
        return self.given.get("RawMessageDelivery", "").lower() == "true"

    @property
    def retries(self) -> retries.Retries:
        return self.http.retries if self.http else retries.MANAGED


class Deliveries:
    """The jobs of SNS."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._poster = Poster()
        self._signer = Signer(house.data / "sns")
        self._next_post: dict[str, float] = {}

    @property
    def _envelopes(self) -> Envelopes:
        return Envelopes(self._signer, self._house.endpoint)

    @job("sns.Deliver", concurrency=32)
    async def deliver(self, call: Call, payload: Mapping[str, str]) -> None:
        """Hands a message to a function or a queue."""
        await self._deliver(call, payload)

    async def deliver_dead(self, call: Call, payload: Mapping[str, str], reason: str) -> None:
        await self._give_up(call, payload, reason)

    @job("sns.DeliverHttp", concurrency=64)
    async def deliver_http(self, call: Call, payload: Mapping[str, str]) -> None:
        """Posts a message to a web endpoint; a kind of its own, for those may be slow."""
        await self._deliver(call, payload)

    async def deliver_http_dead(self, call: Call, payload: Mapping[str, str], reason: str) -> None:
        await self._give_up(call, payload, reason)

    async def _deliver(self, call: Call, payload: Mapping[str, str]) -> None:
        delivery = _load(call, payload)
        if delivery is not None:
            await self._pace(delivery)
            try:
                await self._send(call, delivery)
            except Refused as refused:
                await self._dead_letter(call, delivery, str(refused))
            except Failed as failed:
                await self._again(call, delivery, str(failed))
        await call.write(_end, payload)

    async def _send(self, call: Call, delivery: Delivery) -> None:
        if delivery.protocol in WEB:
            await self._post(delivery)
            return
        try:
            if delivery.protocol == "lambda":
                await self._invoke(call, delivery)
            else:
                await self._enqueue(call, delivery, delivery.endpoint)
        except Exception as error:
            raise outcome(error) from error

    async def _invoke(self, call: Call, delivery: Delivery) -> None:
        event = self._envelopes.function_event(
            delivery.message, delivery.subscription, delivery.version
        )
        client = _within(call, delivery.endpoint).client("lambda")
        await client.invoke(
            FunctionName=delivery.endpoint, InvocationType="Event", Payload=orjson.dumps(event)
        )

    async def _enqueue(self, call: Call, delivery: Delivery, queue: str) -> None:
        request: dict[str, Any] = {"MessageBody": self._text(delivery)}
        if delivery.raw and delivery.message.attributes:
            if len(delivery.message.attributes) > MAX_RAW_ATTRIBUTES:
                raise Refused(
                    f"{len(delivery.message.attributes)} message attributes; raw delivery to a queue "
                    f"carries {MAX_RAW_ATTRIBUTES} at most"
                )
            request["MessageAttributes"] = delivery.message.attributes
        await self._send_message(call, queue, request)

    async def _send_message(self, call: Call, queue: str, request: Mapping[str, Any]) -> None:
        arn = Arn.parse(queue)
        url = f"{self._house.endpoint}/{arn.account}/{arn.resource}"
        await _within(call, queue).client("sqs").send_message(QueueUrl=url, **request)

    def _text(self, delivery: Delivery) -> str:
        if delivery.raw:
            return delivery.message.for_protocol(delivery.protocol)
        return envelopes.dump(
            self._envelopes.notification(
                delivery.message, delivery.protocol, delivery.subscription, delivery.version
            )
        )

    async def _post(self, delivery: Delivery) -> None:
        assert delivery.http is not None
        headers = {
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": delivery.message.id,
            "x-amz-sns-topic-arn": delivery.message.topic,
            "x-amz-sns-subscription-arn": delivery.subscription,
            "Content-Type": delivery.http.content_type,
        }
        if delivery.raw:
            headers["x-amz-sns-rawdelivery"] = "true"
        await self._poster.post(delivery.endpoint, self._text(delivery), headers)

    async def _pace(self, delivery: Delivery) -> None:
        """Keeps to the subscription's maxReceivesPerSecond."""
        if delivery.http is None or delivery.http.per_second is None:
            return
        now = self._house.clock.steady()
        slot = max(now, self._next_post.get(delivery.subscription, 0.0))
        if slot - now > PACE:
            raise Retry(slot - now, "the subscription's throttle policy")
        if len(self._next_post) > 10_000:
            self._next_post = {arn: due for arn, due in self._next_post.items() if due > now}
        self._next_post[delivery.subscription] = slot + 1 / delivery.http.per_second
        await asyncio.sleep(slot - now)

    async def _again(self, call: Call, delivery: Delivery, reason: str) -> None:
        """Puts the delivery off, or gives it up when its retries are used up."""
        failures = 1 + (rows.failures(call.tx, delivery.message.id, delivery.subscription) or 0)
        delay = delivery.retries.delay(failures)
        if delay is None:
            await self._dead_letter(call, delivery, f"{reason}, after {failures} attempts")
            return
        await call.write(_count, delivery, failures)
        raise Retry(delay, reason)

    async def _give_up(self, call: Call, payload: Mapping[str, str], reason: str) -> None:
        delivery = _load(call, payload)
        if delivery is not None:
            await self._dead_letter(call, delivery, reason)
        await call.write(_end, payload)

    async def _dead_letter(self, call: Call, delivery: Delivery, reason: str) -> None:
        """Sends what cannot be delivered to the subscription's dead-letter queue, if it has one."""
        queue = attributes.dead_letter_queue(delivery.given)
        log.warning(
            "sns.delivery_given_up",
            subscription=delivery.subscription,
            message=delivery.message.id,
            reason=reason,
            dead_letter_queue=queue,
        )
        if queue is None:
            return
        try:
            await self._enqueue(call, delivery, queue)
        except Exception as error:
            if isinstance(outcome(error), Failed):
                raise Retry(20, f"dead-letter queue: {error}") from error
            log.error(
                "sns.dead_letter_refused",
                queue=queue,
                message=delivery.message.id,
                reason=str(error),
            )

    @job("sns.Confirm", attempts=4, backoff=lambda _: 20.0)
    async def confirm(self, call: Call, payload: Mapping[str, Any]) -> None:
        """Asks an endpoint whether it wants a subscription, or tells it that one has ended."""
        row = rows.subscription(call.tx, payload["Subscription"])
        topic = rows.topic(call.tx, row["topic"]) if row else None
        if row is None or topic is None or not row["pending"] or row["token"] != payload["Token"]:
            return
        kind = "UnsubscribeConfirmation" if payload.get("Ends") else "SubscriptionConfirmation"
        envelope = self._envelopes.confirmation(
            kind,
            row["topic"],
            payload["Token"],
            payload["MessageId"],
            _timestamp(call),
            _version(topic),
        )
        body = envelopes.dump(envelope)
        try:
            if row["protocol"] in WEB:
                await self._poster.post(row["endpoint"], body, _headers(envelope))
            else:
                await self._send_message(call, row["endpoint"], {"MessageBody": body})
        except Exception as error:
            if isinstance(outcome(error), Refused):
                raise Bury(str(error)) from error
            raise


def _load(call: Call, payload: Mapping[str, str]) -> Delivery | None:
    """The delivery, unless it is over or its subscription is gone."""
    message_id, arn = payload["Message"], payload["Subscription"]
    if rows.failures(call.tx, message_id, arn) is None:
        return None
    row, stored = rows.subscription(call.tx, arn), rows.message(call.tx, message_id)
    topic = rows.topic(call.tx, row["topic"]) if row else None
    if row is None or stored is None or topic is None or row["pending"]:
        return None
    given = orjson.loads(row["attributes"])
    of_topic = orjson.loads(topic["attributes"]).get("DeliveryPolicy")
    web = row["protocol"] in WEB
    return Delivery(
        Message.from_json(stored["id"], stored["topic"], stored["content"]),
        arn,
        row["protocol"],
        row["endpoint"],
        given,
        _version(topic),
        retries.http_delivery(of_topic, given.get("DeliveryPolicy")) if web else None,
    )


def _end(call: Call, payload: Mapping[str, str]) -> None:
    rows.end_delivery(call.tx, payload["Message"], payload["Subscription"])


def _count(call: Call, delivery: Delivery, failures: int) -> None:
    rows.set_failures(call.tx, delivery.message.id, delivery.subscription, failures)


def _within(call: Call, arn: str) -> Call:
    """The call as made in the region and account of the endpoint."""
    parsed = Arn.parse(arn)
    return replace(call, region=parsed.region, account=parsed.account)


def _version(topic: Row) -> str:
    return str(orjson.loads(topic["attributes"]).get("SignatureVersion", "1"))


def _timestamp(call: Call) -> str:
    return call.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _headers(envelope: Mapping[str, Any]) -> dict[str, str]:
    return {
        "x-amz-sns-message-type": envelope["Type"],
        "x-amz-sns-message-id": envelope["MessageId"],
        "x-amz-sns-topic-arn": envelope["TopicArn"],
        "Content-Type": retries.CONTENT_TYPE,
    }
