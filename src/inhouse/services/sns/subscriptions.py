"""Subscriptions: asking for messages, agreeing to get them, and ending that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.core.principal import Principal, service_principal
from inhouse.services.sns import attributes, endpoints, resources, rows
from inhouse.services.sns.messages import invalid
from inhouse.services.sns.retries import effective_subscription_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

TOKEN_SECONDS = 3 * 24 * 3600
PENDING = "pending confirmation"
_WEB = frozenset({"http", "https"})


class Subscriptions:
    """Operations on subscriptions. Names and keys are those of boto3's `sns` client."""

    @writes("sns:Subscribe", resources.of_topic, keys=resources.subscribing)
    def subscribe(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Subscribing again answers the same subscription; while it is pending, it asks again."""
        topic, protocol = req["TopicArn"], req["Protocol"]
        resources.found_topic(call.tx, topic)
        endpoint = endpoints.check(protocol, req.get("Endpoint"))
        given = _given(req.get("Attributes") or {}, protocol, topic)
        row = rows.subscription_of(call.tx, topic, protocol, endpoint)
        if row is None:
            arn, pending = _add(call, topic, protocol, endpoint, given)
        else:
            if given and given != orjson.loads(row["attributes"]):
                raise invalid(
                    "Attributes Reason: Subscription already exists with different attributes"
                )
            arn, pending = row["arn"], bool(row["pending"])
        if pending:
            _ask(call, topic, arn)
        shown = arn if not pending or req.get("ReturnSubscriptionArn") else PENDING
        return {"SubscriptionArn": shown}

    @writes("sns:ConfirmSubscription", resources.of_topic, anonymous=True)
    def confirm_subscription(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The token authorizes: it was sent to the endpoint and to nobody else."""
        topic = resources.topic_arn(req["TopicArn"])
        row = rows.subscription_by_token(call.tx, req["Token"])
        if row is None or row["topic"] != topic:
            raise invalid("Token")
        signed = call.principal.kind != "anonymous"
        guarded = (req.get("AuthenticateOnUnsubscribe") or "").lower() == "true"
        if guarded and not signed:
            raise ServiceError(
                "AuthorizationError",
                "AuthenticateOnUnsubscribe needs a signed request.",
                status=403,
            )
        if row["pending"]:
            if (row["token_expires"] or 0) < call.house.clock.time():
                raise invalid("Token Reason: it has expired; subscribe again for a new one")
            rows.change_subscription(
                call.tx, row["arn"], pending=0, authenticated=int(signed), guarded=int(guarded)
            )
        return {"SubscriptionArn": row["arn"]}

    @writes("sns:Unsubscribe", resources.of_subscription, anonymous=True)
    def unsubscribe(self, call: Call, req: Mapping[str, Any]) -> None:
        """Unsigned requests end subscriptions of web endpoints only, unless they are guarded."""
        arn = req["SubscriptionArn"]
        touched = resources.of_subscription(call, req)
        unsigned = call.principal.kind == "anonymous"
        if not unsigned:
            call.require("sns:Unsubscribe", touched)
        row = rows.subscription(call.tx, arn)
        if row is None:
            return
        if unsigned and (row["guarded"] or row["protocol"] not in _WEB):
            raise ServiceError(
                "AuthorizationError", "Ending this subscription needs a signed request.", status=403
            )
        rows.drop_subscription(call.tx, arn)
        if unsigned and not row["pending"]:
            _say_goodbye(call, row)

    @reads("sns:GetSubscriptionAttributes", resources.of_subscription)
    def get_subscription_attributes(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = resources.found_subscription(call.tx, req["SubscriptionArn"])
        return {"Attributes": _described(call, row)}

    @writes("sns:SetSubscriptionAttributes", resources.of_subscription)
    def set_subscription_attributes(self, call: Call, req: Mapping[str, Any]) -> None:
        row = resources.found_subscription(call.tx, req["SubscriptionArn"])
        name, value = req["AttributeName"], req.get("AttributeValue") or ""
        attributes.check_subscription(name, value, row["protocol"], Arn.parse(row["topic"]).region)
        changed = orjson.loads(row["attributes"])
        changed[name] = value
        if not value or (name == "FilterPolicy" and value == "{}"):
            del changed[name]
        attributes.check_filter(changed)
        rows.change_subscription(call.tx, row["arn"], attributes=orjson.dumps(changed).decode())

    @reads("sns:ListSubscriptions", resources.every_topic)
    def list_subscriptions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        after = _after(req)
        return _page(rows.subscriptions_by(call.tx, call.account, call.region, after))

    @reads("sns:ListSubscriptionsByTopic", resources.of_topic)
    def list_subscriptions_by_topic(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        resources.found_topic(call.tx, req["TopicArn"])
        return _page(rows.subscriptions_to(call.tx, req["TopicArn"], _after(req)))


def acting_for(topic: str) -> Principal:
    """SNS itself, acting for a topic; the policies of queues and functions let it in."""
    account = Arn.parse(topic).account
    return service_principal("sns.amazonaws.com", source_arn=topic, source_account=account)


def _ask(call: Call, topic: str, arn: str, *, ends: bool = False) -> None:
    """Sends the endpoint a new token; the ones before it stop working."""
    token = call.house.ids.token(48)
    rows.change_subscription(
        call.tx, arn, token=token, token_expires=call.house.clock.time() + TOKEN_SECONDS
    )
    call.defer(
        "sns.Confirm",
        {"Subscription": arn, "Token": token, "MessageId": call.house.ids.uuid(), "Ends": ends},
        as_=acting_for(topic),
    )


def _given(given: Mapping[str, str], protocol: str, topic: str) -> dict[str, str]:
    region = Arn.parse(topic).region
    for name, value in given.items():
        attributes.check_subscription(name, value, protocol, region)
    kept = {
        name: value
        for name, value in given.items()
        if value and (name, value) != ("FilterPolicy", "{}")
    }
    attributes.check_filter(kept)
    return kept


def _add(
    call: Call, topic: str, protocol: str, endpoint: str, given: Mapping[str, str]
) -> tuple[str, bool]:
    """Answers the ARN and whether it waits for confirmation."""
    arn = f"{topic}:{call.house.ids.uuid()}"
    confirmed = endpoints.confirms_itself(call, protocol, endpoint)
    rows.add_subscription(
        call.tx,
        arn=arn,
        topic=topic,
        owner=call.principal.account or call.account,
        region=Arn.parse(topic).region,
        principal=call.principal.arn,
        protocol=protocol,
        endpoint=endpoint,
        attributes=orjson.dumps(given).decode(),
        pending=int(not confirmed),
        authenticated=int(confirmed),
        guarded=0,
        created=call.house.clock.time(),
    )
    return arn, not confirmed


def _say_goodbye(call: Call, row: Row) -> None:
    """An endpoint signed off by an unsigned request is told so, and may come back."""
    arn, _ = _add(
        call, row["topic"], row["protocol"], row["endpoint"], orjson.loads(row["attributes"])
    )
    rows.change_subscription(call.tx, arn, owner=row["owner"], principal=row["principal"])
    _ask(call, row["topic"], arn, ends=True)


def _described(call: Call, row: Row) -> dict[str, str]:
    given = orjson.loads(row["attributes"])
    described = {
        "SubscriptionArn": row["arn"],
        "TopicArn": row["topic"],
        "Owner": row["owner"],
        "Protocol": row["protocol"],
        "Endpoint": row["endpoint"],
        "SubscriptionPrincipal": row["principal"],
        "PendingConfirmation": _bool(row["pending"]),
        "ConfirmationWasAuthenticated": _bool(row["authenticated"]),
        "RawMessageDelivery": "false",
        **given,
    }
    if "FilterPolicy" in given:
        described["FilterPolicyScope"] = attributes.scope(given)
    if row["protocol"] in _WEB:
        topic = rows.topic(call.tx, row["topic"])
        of_topic = orjson.loads(topic["attributes"]).get("DeliveryPolicy") if topic else None
        effective = effective_subscription_policy(of_topic, given.get("DeliveryPolicy"))
        described["EffectiveDeliveryPolicy"] = orjson.dumps(effective).decode()
    return described


def _bool(value: Any) -> str:
    return "true" if value else "false"


def _after(req: Mapping[str, Any]) -> int:
    token = req.get("NextToken") or "0"
    if not (token.isascii() and token.isdigit() and len(token) <= 18):
        raise invalid(f"NextToken Reason: {token[:40]!r} is not one that a list answered")
    return int(token)


def _page(found: list[Row]) -> dict[str, Any]:
    page = found[: rows.PAGE]
    listed = [
        {
            "SubscriptionArn": "PendingConfirmation" if row["pending"] else row["arn"],
            "Owner": row["owner"],
            "Protocol": row["protocol"],
            "Endpoint": row["endpoint"],
            "TopicArn": row["topic"],
        }
        for row in page
    ]
    more = {"NextToken": str(page[-1]["id"])} if len(found) > rows.PAGE else {}
    return {"Subscriptions": listed, **more}
