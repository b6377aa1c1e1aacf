"""Attributes of queues: which there are, what they may hold, what they are when not set.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from inhouse.access import InvalidPolicy, Policy, PolicyKind
from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE: Final = 1 << 20
_RANGES: Final[dict[str, tuple[int, int, int]]] = {  # least, most, default
    "VisibilityTimeout": (0, 43_200, 30),
    "MaximumMessageSize": (1024, MAX_MESSAGE, MAX_MESSAGE),
    "MessageRetentionPeriod": (60, 1_209_600, 345_600),
    "DelaySeconds": (0, 900, 0),
    "ReceiveMessageWaitTimeSeconds": (0, 20, 0),
}
_FIFO: Final[dict[str, tuple[str, ...]]] = {  # values, the first the default
    "ContentBasedDeduplication": ("false", "true"),
    "DeduplicationScope": ("queue",),
    "FifoThroughputLimit": ("perQueue",),
}
_DOCUMENTS: Final = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_COUNTED: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_ENCRYPTION: Final = ("SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds")
_FACTS: Final = ("QueueArn", "CreatedTimestamp", "LastModifiedTimestamp", "FifoQueue")
READABLE: Final = frozenset(
    {"All", *_RANGES, *_FIFO, *_DOCUMENTS, *_COUNTED, *_ENCRYPTION, *_FACTS}
)


def check(given: Mapping[str, str], arn: str, *, creating: bool) -> dict[str, str]:
    """Raises unless the attributes may be set on the queue `arn`. Answers what is to be kept."""
    fifo = arn.endswith(".fifo")
    if creating and fifo and given.get("FifoQueue") != "true":
        raise ServiceError(
            "InvalidParameterValue",
            "The name of a queue may end in .fifo only if its attribute FifoQueue is true.",
            status=400,
        )
    kept = {}
    for name, value in given.items():
        if name == "FifoQueue":
            if value != ("true" if fifo else "false"):
                raise bad(
                    name, value, "true for queues whose names end in .fifo, and only for those"
                )
        elif name in _ENCRYPTION:
            _check_encryption(name, value)
        else:
            _check_one(name, value, arn, fifo=fifo)
            kept[name] = value
    return kept


def number(attributes: Mapping[str, str], name: str) -> int:
    """A numeric attribute, or its default."""
    return int(attributes.get(name) or _RANGES[name][2])


def check_range(name: str, value: int, member: str | None = None) -> int:
    """Raises unless a request's `value` is in the range of the attribute `name`."""
    least, most, _ = _RANGES[name]
    if not least <= value <= most:
        raise ServiceError(
            "InvalidParameterValue",
            f"Value {value} for parameter {member or name} is invalid. "
            f"Reason: Must be between {least} and {most}.",
            status=400,
        )
    return value


def redrive(attributes: Mapping[str, str]) -> tuple[str, int] | None:
    """The ARN of the dead-letter queue and after how many receives messages go there."""
    text = attributes.get("RedrivePolicy")
    if not text:
        return None
    document = orjson.loads(text)
    return document["deadLetterTargetArn"], int(document["maxReceiveCount"])


def takes_dead_letters(attributes: Mapping[str, str], source: str) -> bool:
    """Whether a queue's RedriveAllowPolicy lets `source` name it as dead-letter queue."""
    document = orjson.loads(attributes.get("RedriveAllowPolicy") or "{}")
    match document.get("redrivePermission", "allowAll"):
        case "denyAll":
            return False
        case "byQueue":
            return source in document["sourceQueueArns"]
    return True


def defaults(arn: str) -> dict[str, str]:
    """What GetQueueAttributes shows of attributes nobody has set."""
    shown = {name: str(default) for name, (_, _, default) in _RANGES.items()}
    shown["SqsManagedSseEnabled"] = "false"
    if arn.endswith(".fifo"):
        shown |= {"FifoQueue": "true", **{name: values[0] for name, values in _FIFO.items()}}
    return shown


def bad(name: str, value: str, right: str) -> ServiceError:
    return ServiceError(
        "InvalidAttributeValue",
        f"Invalid value for the parameter {name}. Reason: it must be {right}, not {value[:200]!r}.",
    )


def _check_encryption(name: str, value: str) -> None:
    if name == "SqsManagedSseEnabled" and value != "false":
        raise bad(name, value, "false: Inhouse does not encrypt queues")
    if name == "KmsMasterKeyId" and value:
        raise bad(name, value, "left out: Inhouse has no KMS to encrypt queues with")


def _check_one(name: str, value: str, arn: str, *, fifo: bool) -> None:
    if name in _RANGES:
        least, most, _ = _RANGES[name]
        digits = value.isascii() and value.isdigit() and len(value) < 10
        if not (digits and least <= int(value) <= most):
            raise bad(name, value, f"an integer from {least} to {most}")
    elif name in _FIFO and fifo:
        if value not in _FIFO[name]:
            raise bad(name, value, " or ".join(_FIFO[name]))
    elif name in _DOCUMENTS:
        if value:
            _check_document(name, value, arn)
    else:
        raise ServiceError("InvalidAttributeName", f"Unknown Attribute {name[:80]}.")


def _check_document(name: str, value: str, arn: str) -> None:
    if name == "Policy":
        try:
            Policy.parse(value, kind=PolicyKind.RESOURCE, name="queue policy")
        except InvalidPolicy as error:
            raise bad(name, value, f"a policy ({error})") from None
        return
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise bad(name, value, "a JSON object")
    if name == "RedrivePolicy":
        _check_redrive(value, document, arn)
    else:
        _check_redrive_allow(value, document)


def _check_redrive(value: str, document: Mapping[str, Any], arn: str) -> None:
    right = '{"deadLetterTargetArn": "ARN of a queue", "maxReceiveCount": 1 to 1000}'
    source = Arn.parse(arn)
    try:
        target = Arn.parse(document["deadLetterTargetArn"])
        count = int(document["maxReceiveCount"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise bad("RedrivePolicy", value, right) from None
    if not 1 <= count <= 1000:
        raise bad("RedrivePolicy", value, right)
    if (target.service, target.region, target.account) != ("sqs", source.region, source.account):
        raise bad("RedrivePolicy", value, "one whose target is in the same account and region")
    if target.resource.endswith(".fifo") != arn.endswith(".fifo"):
        raise bad("RedrivePolicy", value, "one whose target is FIFO if, and only if, the queue is")


def _check_redrive_allow(value: str, document: Mapping[str, Any]) -> None:
    permission, sources = document.get("redrivePermission"), document.get("sourceQueueArns")
    if permission not in ("allowAll", "denyAll", "byQueue"):
        raise bad(
            "RedriveAllowPolicy",
            value,
            "one whose redrivePermission is allowAll, denyAll or byQueue",
        )
    listed = isinstance(sources, list) and 1 <= len(sources) <= 10
    if (permission == "byQueue") != listed:
        raise bad(
            "RedriveAllowPolicy", value, "one with 1 to 10 sourceQueueArns if, and only if, byQueue"
        )
