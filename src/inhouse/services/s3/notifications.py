"""The notification configuration of a bucket.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works
from inhouse.services.s3 import events, rows
from inhouse.services.s3.authority import the_bucket
from inhouse.services.s3.jobs import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_KINDS = {
    "TopicConfigurations": ("TopicArn", "sns"),
    "QueueConfigurations": ("QueueArn", "sqs"),
    "LambdaFunctionConfigurations": ("LambdaFunctionArn", "lambda"),
}
_ELEMENTS = {"sns": "Topic", "sqs": "Queue", "lambda": "CloudFunction"}
"""What the configuration's XML calls a destination."""
EVENTS = {
    "ObjectCreated": ("Put", "Post", "Copy", "CompleteMultipartUpload"),
    "ObjectRemoved": ("Delete", "DeleteMarkerCreated"),
    "ObjectTagging": ("Put", "Delete"),
    "ObjectAcl": ("Put",),
    "LifecycleExpiration": ("Delete", "DeleteMarkerCreated"),
}
"""The events there are. Nothing here restores or replicates objects."""
_KNOWN = frozenset(f"s3:{kind}:{what}" for kind, whats in EVENTS.items() for what in (*whats, "*"))
_MAX_RULES = 100
_MAX_FILTER = 1024


class Notifications:
    """Puts and gets what `events.announce` follows."""

    @reads("s3:GetBucketNotification", the_bucket)
    def get_bucket_notification_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        stored = rows.bucket(call.tx, req["Bucket"])["notifications"]
        answer: dict[str, Any] = {}
        for rule in orjson.loads(stored) if stored else ():
            member = _KINDS[rule["Kind"]][0]
            entry: dict[str, Any] = {
                "Id": rule["Id"],
                member: rule["Target"],
                "Events": rule["Events"],
            }
            filters = [
                {"Name": name, "Value": rule[name]} for name in ("Prefix", "Suffix") if rule[name]
            ]
            if filters:
                entry["Filter"] = {"Key": {"FilterRules": filters}}
            answer.setdefault(rule["Kind"], []).append(entry)
        return answer

    @works("s3:PutBucketNotification", the_bucket)
    async def put_bucket_notification_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        """Replaces the configuration, once every destination has been seen to accept.

        As AWS does, topics and queues get an `s3:TestEvent`; functions are only asked.
        """
        bucket = rows.bucket(call.tx, req["Bucket"])
        configuration = req["NotificationConfiguration"]
        found = read(call, configuration)
        if not req.get("SkipDestinationValidation"):
            await _try_destinations(call, bucket, found)
        stored = orjson.dumps(found).decode() if found else None
        await call.write(_store, req["Bucket"], stored)


def _store(call: Call, bucket: str, stored: str | None) -> None:
    rows.bucket(call.tx, bucket)
    rows.change_bucket(call.tx, bucket, notifications=stored)


def read(call: Call, configuration: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of a configuration as they are stored. Raises InvalidArgument."""
    if configuration.get("EventBridgeConfiguration") is not None:
        raise ServiceError(
            "NotImplemented",
            "EventBridgeConfiguration: Inhouse delivers to functions, topics and queues; leave it out.",
            status=501,
        )
    found = [_rule(call, kind, entry) for kind in _KINDS for entry in configuration.get(kind) or ()]
    if len(found) > _MAX_RULES:
        raise _invalid(f"There are {len(found)} configurations; up to {_MAX_RULES} are allowed")
    if len({rule["Id"] for rule in found}) < len(found):
        raise _invalid("Same ID used for multiple configurations. IDs must be unique")
    for one, other in combinations(found, 2):
        if _overlap(one, other):
            raise _invalid(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two "
                f"rules if the prefixes are overlapping for the same event type: {one['Id']!r} and "
                f"{other['Id']!r}"
            )
    return found


def _rule(call: Call, kind: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    member, service = _KINDS[kind]
    target = entry[member]
    _check_arn(target, service)
    wanted = list(entry.get("Events") or ())
    unknown = [event for event in wanted if event not in _KNOWN]
    if unknown or not wanted:
        raise _invalid(
            "A specified event is not supported for notifications.",
            "Event",
            unknown[0] if unknown else "",
            f"The events are {', '.join(sorted(_KNOWN))}.",
        )
    rule = {
        "Kind": kind,
        "Id": entry.get("Id") or call.house.ids.uuid(),
        "Target": target,
        "Events": wanted,
        "Prefix": "",
        "Suffix": "",
    }
    seen = set()
    for one in ((entry.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ():
        name, value = str(one.get("Name", "")).capitalize(), one.get("Value") or ""
        if name not in ("Prefix", "Suffix"):
            wrong = str(one.get("Name", ""))[:100]
            raise _invalid(
                "filter rule name must be either prefix or suffix", "FilterRule.Name", wrong
            )
        if name in seen:
            raise _invalid("Cannot specify more than one prefix or suffix rule in a filter")
        if len(value.encode()) > _MAX_FILTER:
            raise _invalid(f"Size of filter rule value cannot exceed {_MAX_FILTER} bytes in UTF-8")
        seen.add(name)
        rule[name] = value
    return rule


def _check_arn(target: str, service: str) -> None:
    try:
        fits = Arn.parse(target).service == service
    except ValueError:
        fits = False
    if not fits:
        raise _invalid("The ARN is not well formed", _ELEMENTS[service], target[:200])


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether an event of some key could fit two rules."""
    if not any(_same(a, b) for a in one["Events"] for b in other["Events"]):
        return False
    prefixes = sorted((one["Prefix"], other["Prefix"]), key=len)
    suffixes = sorted((one["Suffix"], other["Suffix"]), key=len)
    return bool(prefixes[1].startswith(prefixes[0]) and suffixes[1].endswith(suffixes[0]))


def _same(one: str, other: str) -> bool:
    kinds = {one.rpartition(":")[0], other.rpartition(":")[0]}
    return one == other or (len(kinds) == 1 and (one.endswith("*") or other.endswith("*")))


async def _try_destinations(call: Call, bucket: Row, found: list[dict[str, Any]]) -> None:
    """Raises InvalidArgument, naming the destinations that do not let the bucket in."""
    as_bucket = replace(call, principal=events.deliverer(bucket["name"], bucket["account"]))
    problems: dict[str, str] = {}
    for target in dict.fromkeys(rule["Target"] for rule in found):
        try:
            if Arn.parse(target).service == "lambda":
                as_bucket.require("lambda:InvokeFunction", target)
            else:
                await send(as_bucket, target, orjson.dumps(_test_event(call, bucket)))
        except ServiceError as refusal:
            problems[target] = _problem(target, refusal)
    if problems:
        told: dict[str, Any] = {}
        for number, (target, problem) in enumerate(problems.items(), 1):
            told |= {f"ArgumentName{number}": target, f"ArgumentValue{number}": problem}
        raise ServiceError(
            "InvalidArgument",
            "Unable to validate the following destination configurations: "
            + "; ".join(f"{target}: {problem}" for target, problem in problems.items()),
            status=400,
            **told,
        )


def _problem(target: str, refusal: ServiceError) -> str:
    service = Arn.parse(target).service
    if service == "lambda":
        return f"Not authorized to invoke function [{target}]"
    what = _ELEMENTS[service].lower()
    if refusal.code in ("NotFound", "QueueDoesNotExist"):
        return f"The destination {what} does not exist"
    return (
        f"Permissions on the destination {what} do not allow S3 to publish notifications from this "
        f"bucket ({refusal.message})"
    )


def _test_event(call: Call, bucket: Row) -> dict[str, str]:
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": call.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Bucket": bucket["name"],
        "RequestId": call.request_id,
        "HostId": events.host_id(call.request_id),
    }


def _invalid(reason: str, argument: str = "", value: str = "", detail: str = "") -> ServiceError:
    told: dict[str, Any] = {}
    if argument:
        told = {"ArgumentName": argument, "ArgumentValue": value}
    return ServiceError("InvalidArgument", reason, status=400, **told, Detail=detail or None)
