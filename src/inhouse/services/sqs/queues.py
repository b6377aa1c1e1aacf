"""Queues: making, listing, describing, permissions, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.access import InvalidPolicy
from inhouse.core.errors import ServiceError
from inhouse.core.operations import job, reads, writes
from inhouse.services.sqs import attributes, policies, resources, rows
from inhouse.services.sqs.resources import bad_value, found
from inhouse.work import Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

PURGE_SECONDS = 60
MAX_TAGS = 50
_PAGE = 1000


class Queues:
    """Operations on queues. Names and keys are those of boto3's `sqs` client."""

    @writes("sqs:CreateQueue", resources.of_new)
    def create_queue(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        arn = resources.of_new(call, req)
        given = _kept(call, attributes.check(req.get("Attributes") or {}, arn, creating=True))
        tags = _tags(req.get("tags") or {})
        url = resources.url(call, call.account, req["QueueName"])
        row = rows.queue(call.tx, arn)
        if row is not None:
            _same(row, given)
            return {"QueueUrl": url}
        if tags:
            call.require("sqs:TagQueue", arn)
        now = call.house.clock.time()
        rows.add_queue(
            call.tx,
            arn=arn,
            account=call.account,
            region=call.region,
            name=req["QueueName"],
            box=call.house.ids.uuid(),
            attributes=_dump(given),
            tags=_dump(tags),
            dead_letter_queue=_dead_letter_queue(call, arn, given),
            created=now,
            modified=now,
            purged=0.0,
        )
        return {"QueueUrl": url}

    @reads("sqs:GetQueueUrl", resources.of_name)
    def get_queue_url(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = found(call.tx, resources.of_name(call, req))
        return {"QueueUrl": resources.url(call, row["account"], row["name"])}

    @reads("sqs:ListQueues", resources.every_queue)
    def list_queues(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """`NextToken` comes only to those who ask for pages with `MaxResults`, as on AWS."""
        most = _most(req)
        listed = rows.queues_of(
            call.tx,
            call.account,
            call.region,
            req.get("QueueNamePrefix") or "",
            req.get("NextToken") or "",
            most + 1,
        )
        page = listed[:most]
        urls = [resources.url(call, row["account"], row["name"]) for row in page]
        answer: dict[str, Any] = {"QueueUrls": urls} if urls else {}
        if len(listed) > most and req.get("MaxResults"):
            answer["NextToken"] = page[-1]["name"]
        return answer

    @writes("sqs:DeleteQueue", resources.of_url)
    def delete_queue(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        rows.drop_queue(call.tx, row["arn"])
        call.defer("sqs.Erase", {"Box": row["box"]})

    @writes("sqs:PurgeQueue", resources.of_url)
    def purge_queue(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        now = call.house.clock.time()
        if now - row["purged"] < PURGE_SECONDS:
            raise ServiceError(
                "PurgeQueueInProgress",
                f"Only one PurgeQueue operation on {row['name']} is allowed every {PURGE_SECONDS} seconds.",
            )
        rows.change_queue(call.tx, row["arn"], box=call.house.ids.uuid(), purged=now)
        call.defer("sqs.Erase", {"Box": row["box"]})

    @job("sqs.Erase", concurrency=1)
    async def erase(self, call: Call, payload: Mapping[str, str]) -> None:
        """Removes the messages of a box that no queue has any more, some at a time."""
        if await call.write(_erase, payload["Box"]):
            raise Retry(0)

    @reads("sqs:GetQueueAttributes", resources.of_url)
    def get_queue_attributes(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = found(call.tx, resources.of_url(call, req))
        names = set(req.get("AttributeNames") or ())
        for name in sorted(names - attributes.READABLE):
            raise ServiceError("InvalidAttributeName", f"Unknown Attribute {name[:80]}.")
        shown = _described(call, row)
        if "All" not in names:
            shown = {name: value for name, value in shown.items() if name in names}
        return {"Attributes": shown} if shown else {}

    @writes("sqs:SetQueueAttributes", resources.of_url)
    def set_queue_attributes(self, call: Call, req: Mapping[str, Any]) -> None:
        arn = resources.of_url(call, req)
        row = found(call.tx, arn)
        _change(call, row, _kept(call, attributes.check(req["Attributes"], arn, creating=False)))

    @writes("sqs:AddPermission", resources.of_url)
    def add_permission(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        has = orjson.loads(row["attributes"]).get("Policy", "")
        policy = policies.add(has, row["arn"], req["Label"], req["AWSAccountIds"], req["Actions"])
        _change(call, row, {"Policy": policy})

    @writes("sqs:RemovePermission", resources.of_url)
    def remove_permission(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        has = orjson.loads(row["attributes"]).get("Policy", "")
        _change(call, row, {"Policy": policies.remove(has, req["Label"])})

    @reads("sqs:ListDeadLetterSourceQueues", resources.of_url)
    def list_dead_letter_source_queues(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row, most = found(call.tx, resources.of_url(call, req)), _most(req)
        listed = rows.sources_of(call.tx, row["arn"], req.get("NextToken") or "", most + 1)
        page = listed[:most]
        urls = [resources.url(call, source["account"], source["name"]) for source in page]
        more = {"NextToken": page[-1]["arn"]} if len(listed) > most else {}
        return {"queueUrls": urls, **more}

    @reads("sqs:ListQueueTags", resources.of_url)
    def list_queue_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        tags = orjson.loads(found(call.tx, resources.of_url(call, req))["tags"])
        return {"Tags": tags} if tags else {}

    @writes("sqs:TagQueue", resources.of_url)
    def tag_queue(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        tags = _tags(orjson.loads(row["tags"]) | dict(req["Tags"]))
        rows.change_queue(call.tx, row["arn"], tags=_dump(tags))

    @writes("sqs:UntagQueue", resources.of_url)
    def untag_queue(self, call: Call, req: Mapping[str, Any]) -> None:
        row = found(call.tx, resources.of_url(call, req))
        kept = {k: v for k, v in orjson.loads(row["tags"]).items() if k not in req["TagKeys"]}
        rows.change_queue(call.tx, row["arn"], tags=_dump(kept))


def _dump(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _erase(call: Call, box: str) -> bool:
    return rows.erase(call.tx, box)


def _most(req: Mapping[str, Any]) -> int:
    most = req.get("MaxResults")
    if most is None:
        return _PAGE
    if not 1 <= most <= _PAGE:
        raise bad_value(f"MaxResults is {most} and must be between 1 and {_PAGE}")
    return int(most)


def _same(row: Row, given: Mapping[str, str]) -> None:
    """Creating a queue again is fine as long as it asks for nothing else than what there is."""
    has = attributes.defaults(row["arn"]) | orjson.loads(row["attributes"])
    for name, value in given.items():
        if has.get(name, "") != value:
            raise ServiceError(
                "QueueNameExists",
                f"A queue already exists with the same name and a different value for attribute {name}",
            )


def _dead_letter_queue(call: Call, arn: str, given: Mapping[str, str]) -> str | None:
    """The queue that RedrivePolicy names, which must exist and take dead letters from `arn`."""
    policy = attributes.redrive(given)
    if policy is None:
        return None
    target = rows.queue(call.tx, policy[0])
    if target is None:
        raise bad_value(f"RedrivePolicy: the dead-letter queue {policy[0]} does not exist")
    if not attributes.takes_dead_letters(orjson.loads(target["attributes"]), arn):
        raise bad_value(
            f"RedrivePolicy: the RedriveAllowPolicy of {policy[0]} does not allow {arn}"
        )
    return policy[0]


def _kept(call: Call, given: Mapping[str, str]) -> Mapping[str, str]:
    """Attributes as they are kept: the policy with unique ids for users and roles."""
    text = given.get("Policy")
    if not text:
        return given
    try:
        return {**given, "Policy": call.house.identities.policy_by_id(call.tx, text)}
    except InvalidPolicy as error:
        raise attributes.bad("Policy", text, f"a policy ({error.message})") from None


def _change(call: Call, row: Row, changes: Mapping[str, str]) -> None:
    """Sets attributes; an empty value takes a document away."""
    both = {**orjson.loads(row["attributes"]), **changes}
    changed = {name: value for name, value in both.items() if value}
    dead_letter_queue = row["dead_letter_queue"]
    if "RedrivePolicy" in changes:
        dead_letter_queue = _dead_letter_queue(call, row["arn"], changed)
    rows.change_queue(
        call.tx,
        row["arn"],
        attributes=_dump(changed),
        dead_letter_queue=dead_letter_queue,
        modified=call.house.clock.time(),
    )
    if "MessageRetentionPeriod" in changes:
        seconds = attributes.number(changed, "MessageRetentionPeriod")
        rows.set_retention(call.tx, row["box"], seconds)


def _described(call: Call, row: Row) -> dict[str, str]:
    counts = rows.counts(call.tx, row["box"], call.house.clock.time())
    given = orjson.loads(row["attributes"])
    if "Policy" in given:
        given["Policy"] = call.house.identities.policy_by_arn(call.tx, given["Policy"])
    return {
        **attributes.defaults(row["arn"]),
        **given,
        "QueueArn": row["arn"],
        "CreatedTimestamp": str(int(row["created"])),
        "LastModifiedTimestamp": str(int(row["modified"])),
        "ApproximateNumberOfMessages": str(counts["visible"]),
        "ApproximateNumberOfMessagesNotVisible": str(counts["taken"]),
        "ApproximateNumberOfMessagesDelayed": str(counts["delayed"]),
    }


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    if len(tags) > MAX_TAGS:
        raise bad_value(f"{len(tags)} tags; {MAX_TAGS} is the most")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:") or len(value) > 256:
            raise bad_value(
                f"Tag {key[:128]!r}: keys have 1 to 128 characters and do not start with aws:, "
                "values have at most 256"
            )
    return dict(tags)
