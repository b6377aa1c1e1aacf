"""Which lifecycle configurations are taken, and what is said of the others.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.services.s3.transitions import CLASSES, DAY, MINIMUM_SIZES
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_RULES = 1000
MAX_ID = 255
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)
_AT_LEAST = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
"""Days that an object has to be there before it is moved to some classes."""
_KINDS = ("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And")


def check(rules: Sequence[Mapping[str, Any]]) -> None:
    """Raises MalformedXML, InvalidArgument or InvalidRequest."""
    if not 1 <= len(rules) <= MAX_RULES:
        raise malformed_xml(f"there are {len(rules)} rules; 1 to {MAX_RULES} are allowed")
    names = [rule["ID"] for rule in rules if rule.get("ID")]
    for name in names:
        if len(name) > MAX_ID:
            raise _invalid("ID", name, f"ID length should not exceed allowed limit of {MAX_ID}")
    if len(set(names)) < len(names):
        raise _invalid("ID", "", "Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        _check(rule)


def _check(rule: Mapping[str, Any]) -> None:
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise malformed_xml("Status is Enabled or Disabled")
    chosen = rule.get("Filter")
    if (chosen is None) == (rule.get("Prefix") is None):
        raise malformed_xml("a rule has a Filter, or else a Prefix")
    if not any(rule.get(name) for name in _ACTIONS):
        raise ServiceError(
            "InvalidRequest", "At least one action needs to be specified in a rule", status=400
        )
    _check_filter(rule, chosen or {})
    _check_expiration(rule.get("Expiration"))
    _check_noncurrent(rule.get("NoncurrentVersionExpiration"))
    _check_transitions(rule)
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is not None:
        _positive("DaysAfterInitiation", abort.get("DaysAfterInitiation"))


def _check_filter(rule: Mapping[str, Any], chosen: Mapping[str, Any]) -> None:
    given = [kind for kind in _KINDS if chosen.get(kind) is not None]
    if len(given) > 1:
        raise malformed_xml(f"Filter has one of {', '.join(_KINDS)}; several go into And")
    both = chosen.get("And") or chosen
    tags = both.get("Tags") or ([both["Tag"]] if both.get("Tag") else [])
    larger: int | None = both.get("ObjectSizeGreaterThan")
    smaller: int | None = both.get("ObjectSizeLessThan")
    sizes = [size for size in (larger, smaller) if size is not None]
    if "And" in given and len(tags) + len(sizes) + (both.get("Prefix") is not None) < 2:
        raise malformed_xml("And has two conditions or more")
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise _invalid("Tag", "", "Duplicate Tag Keys are not allowed")
    if any(size < 0 for size in sizes):
        raise _invalid("ObjectSize", str(sizes), "Sizes are 0 or more")
    if larger is not None and smaller is not None and larger >= smaller:
        raise _invalid(
            "ObjectSizeLessThan", str(smaller), "It must be larger than ObjectSizeGreaterThan"
        )
    if not tags and not sizes:
        return
    if rule.get("AbortIncompleteMultipartUpload"):
        raise _request("AbortIncompleteMultipartUpload cannot be specified with Tags or sizes")
    if (rule.get("Expiration") or {}).get("ExpiredObjectDeleteMarker") and tags:
        raise _request("ExpiredObjectDeleteMarker cannot be specified with Tags")


def _check_expiration(expiration: Mapping[str, Any] | None) -> None:
    if expiration is None:
        return
    given = [
        name
        for name in ("Days", "Date", "ExpiredObjectDeleteMarker")
        if expiration.get(name) is not None
    ]
    if len(given) != 1:
        raise malformed_xml("Expiration has one of Days, Date and ExpiredObjectDeleteMarker")
    if given == ["Days"]:
        _positive("Days", expiration["Days"], " for Expiration action")
    elif given == ["Date"] and expiration["Date"].timestamp() % DAY:
        raise _invalid("Date", str(expiration["Date"]), "'Date' must be at midnight GMT")


def _check_noncurrent(expiration: Mapping[str, Any] | None) -> None:
    if expiration is None:
        return
    _positive("NoncurrentDays", expiration.get("NoncurrentDays"))
    newer = expiration.get("NewerNoncurrentVersions")
    if newer is not None and not 1 <= newer <= 100:
        raise _invalid("NewerNoncurrentVersions", str(newer), "It is 1 to 100")


def _check_transitions(rule: Mapping[str, Any]) -> None:
    for kind, name in (("Transitions", "Days"), ("NoncurrentVersionTransitions", "NoncurrentDays")):
        moves = rule.get(kind) or ()
        for move in moves:
            _check_move(move, name)
        classes = [move["StorageClass"] for move in moves]
        if len(set(classes)) < len(classes):
            action = kind.removesuffix("s")
            raise _request(
                f"'StorageClass' must be different for '{action}' actions in same 'Rule'"
            )
    expires = (rule.get("Expiration") or {}).get("Days")
    for move in rule.get("Transitions") or ():
        if expires is not None and move.get("Days") is not None and move["Days"] >= expires:
            raise _invalid(
                "Days",
                str(expires),
                "'Days' in the Expiration action must be greater than 'Days' in the Transition "
                "action",
            )


def _check_move(move: Mapping[str, Any], name: str) -> None:
    storage_class, days, date = move.get("StorageClass"), move.get(name), move.get("Date")
    if storage_class not in CLASSES:
        raise malformed_xml(f"StorageClass is one of {', '.join(CLASSES)}")
    if (days is None) == (date is None):
        raise malformed_xml(
            f"a transition has {name}" + (" or else Date" if name == "Days" else "")
        )
    if date is not None and date.timestamp() % DAY:
        raise _invalid("Date", str(date), "'Date' must be at midnight GMT")
    if days is not None and days < 0:
        raise _invalid(name, str(days), f"'{name}' in Transition action must be nonnegative")
    least = _AT_LEAST.get(storage_class, 0)
    if days is not None and days < least:
        raise _invalid(
            name,
            str(days),
            f"'{name}' in Transition action must be greater than or equal to {least} for "
            f"storageClass '{storage_class}'",
        )


def check_minimum_size(name: str) -> None:
    if name not in MINIMUM_SIZES:
        raise _invalid(
            "x-amz-transition-default-minimum-object-size",
            name,
            f"It is one of {', '.join(MINIMUM_SIZES)}",
        )


def _positive(name: str, days: int | None, of: str = "") -> None:
    if days is None:
        raise malformed_xml(f"{name} is missing")
    if days < 1:
        raise _invalid(name, str(days), f"'{name}'{of} must be a positive integer")


def _request(reason: str) -> ServiceError:
    return ServiceError("InvalidRequest", f"{reason}.", status=400)


def _invalid(name: str, value: str, reason: str) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        reason,
        status=400,
        ArgumentName=name,
        ArgumentValue=value[:100],
    )
