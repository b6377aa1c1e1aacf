"""Topics: making, listing, describing, permissions, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.sns import attributes, policies, resources, rows
from inhouse.services.sns.messages import invalid
from inhouse.services.sns.retries import effective_topic_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

MAX_TAGS = 50


class Topics:
    """Operations on topics. Names and keys are those of boto3's `sns` client."""

    @writes("sns:CreateTopic", resources.new_topic)
    def create_topic(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        arn = resources.new_topic(call, req)
        given = dict(req.get("Attributes") or {})
        for name, value in given.items():
            attributes.check_topic(name, value)
        if given.get("Policy"):
            given["Policy"] = policies.kept(call, given["Policy"])
        if req.get("DataProtectionPolicy"):
            raise invalid("DataProtectionPolicy Reason: Inhouse does not redact messages")
        tags = _tags(req.get("Tags") or [])
        existing = rows.topic(call.tx, arn)
        if existing is not None:
            _same(existing, given, tags if req.get("Tags") else None)
            return {"TopicArn": arn}
        if tags:
            call.require("sns:TagResource", arn)
        policy = given.pop("Policy", "") or policies.default(arn)
        rows.add_topic(
            call.tx,
            arn=arn,
            account=call.account,
            region=call.region,
            policy=policy,
            attributes=_dump(attributes.kept(given)),
            tags=_dump(tags),
            created=call.house.clock.time(),
        )
        return {"TopicArn": arn}

    @writes("sns:DeleteTopic", resources.of_topic)
    def delete_topic(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.drop_topic(call.tx, req["TopicArn"])

    @reads("sns:ListTopics", resources.every_topic)
    def list_topics(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = rows.topics_of(call.tx, call.account, call.region, req.get("NextToken") or "")
        page = [{"TopicArn": row["arn"]} for row in found[: rows.PAGE]]
        more = {"NextToken": page[-1]["TopicArn"]} if len(found) > rows.PAGE else {}
        return {"Topics": page, **more}

    @reads("sns:GetTopicAttributes", resources.of_topic)
    def get_topic_attributes(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        arn = req["TopicArn"]
        row = resources.found_topic(call.tx, arn)
        given = orjson.loads(row["attributes"])
        confirmed, pending = rows.counts(call.tx, arn)
        return {
            "Attributes": {
                "DisplayName": "",
                **given,
                "TopicArn": arn,
                "Owner": row["account"],
                "Policy": call.house.identities.policy_by_arn(call.tx, row["policy"]),
                "SubscriptionsConfirmed": str(confirmed),
                "SubscriptionsPending": str(pending),
                "SubscriptionsDeleted": "0",
                "EffectiveDeliveryPolicy": _dump(
                    effective_topic_policy(given.get("DeliveryPolicy"))
                ),
            }
        }

    @writes("sns:SetTopicAttributes", resources.of_topic)
    def set_topic_attributes(self, call: Call, req: Mapping[str, Any]) -> None:
        arn, name, value = req["TopicArn"], req["AttributeName"], req.get("AttributeValue") or ""
        row = resources.found_topic(call.tx, arn)
        attributes.check_topic(name, value)
        if name == "Policy":
            policy = policies.kept(call, value) if value else policies.default(arn)
            rows.change_topic(call.tx, arn, policy=policy)
            return
        changed = {**orjson.loads(row["attributes"]), name: value}
        rows.change_topic(call.tx, arn, attributes=_dump(attributes.kept(changed)))

    @writes("sns:AddPermission", resources.of_topic)
    def add_permission(self, call: Call, req: Mapping[str, Any]) -> None:
        arn = req["TopicArn"]
        row = resources.found_topic(call.tx, arn)
        policy = policies.add(
            row["policy"], arn, req["Label"], req["AWSAccountId"], req["ActionName"]
        )
        rows.change_topic(call.tx, arn, policy=policy)

    @writes("sns:RemovePermission", resources.of_topic)
    def remove_permission(self, call: Call, req: Mapping[str, Any]) -> None:
        arn = req["TopicArn"]
        row = resources.found_topic(call.tx, arn)
        policy = policies.remove(row["policy"], req["Label"]) or policies.default(arn)
        rows.change_topic(call.tx, arn, policy=policy)

    @reads("sns:ListTagsForResource", resources.of_tagged)
    def list_tags_for_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        tags = orjson.loads(_tagged(call, req)["tags"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}

    @writes("sns:TagResource", resources.of_tagged)
    def tag_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        tags = orjson.loads(_tagged(call, req)["tags"]) | _tags(req["Tags"])
        _check_count(tags)
        rows.change_topic(call.tx, req["ResourceArn"], tags=_dump(tags))
        return {}

    @writes("sns:UntagResource", resources.of_tagged)
    def untag_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        tags = orjson.loads(_tagged(call, req)["tags"])
        kept = {key: value for key, value in tags.items() if key not in req["TagKeys"]}
        rows.change_topic(call.tx, req["ResourceArn"], tags=_dump(kept))
        return {}


def _dump(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _tagged(call: Call, req: Mapping[str, Any]) -> Row:
    row = rows.topic(call.tx, req["ResourceArn"])
    if row is None:
        raise ServiceError("ResourceNotFound", "Resource does not exist")
    return row


def _same(row: Row, given: Mapping[str, str], tags: Mapping[str, str] | None) -> None:
    """Creating a topic again is fine as long as it asks for nothing else than what there is."""
    has = {**orjson.loads(row["attributes"]), "Policy": row["policy"]}
    wanted = attributes.kept(given)
    for name, value in wanted.items():
        if has.get(name, "") != value:
            raise invalid(
                "Attributes Reason: Topic already exists with different attributes",
                f"{name} is different",
            )
    if tags is not None and tags != orjson.loads(row["tags"]):
        raise invalid("Tags Reason: Topic already exists with different tags")


def _check_count(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ServiceError(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
            Detail=f"The topic would have {len(tags)} tags; {MAX_TAGS} is the most",
        )


def _tags(listed: list[Mapping[str, str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in listed:
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise invalid(
                f"Tags Reason: key {key[:128]!r}: 1 to 128 characters, not starting with aws:"
            )
        if len(value) > 256:
            raise invalid(
                f"Tags Reason: the value of {key!r} has {len(value)} characters; 256 is the most"
            )
        if key in tags:
            raise invalid("Duplicated keys are not allowed.", f"{key!r} is given twice")
        tags[key] = value
    _check_count(tags)
    return tags
