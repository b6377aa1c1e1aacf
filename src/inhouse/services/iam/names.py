"""Tags, and the errors that IAM's operations have in common.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TAGS = 50
SENTENCES = {
    r"[\w+=,.@-]+": "The specified value for {member} is invalid. It must contain only "
    "alphanumeric characters and/or the following: +=,.@_-",
    r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)": "The specified value for {member} is invalid. "
    "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    r"\u002F[\u0021-\u007F]*": "The specified value for {member} is invalid. "
    "It must begin with / and contain only alphanumeric characters and/or / characters.",
}
"""What IAM says of names and paths that do not fit their patterns."""


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)


def check_tags(tags: Iterable[Mapping[str, str]], *, cased: bool = False) -> dict[str, str]:
    """Tags as a mapping. Keys are unique in any case unless `cased`; `aws:` is AWS's own."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for number, tag in enumerate(tags, 1):
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise ServiceError(
                "InvalidInput",
                f"Tag key {key!r} (number {number}) is reserved: keys must not begin with aws:",
            )
        same = key if cased else key.lower()
        if same in seen:
            hint = "" if cased else " Please note that Tag keys are case insensitive."
            raise ServiceError("InvalidInput", f"Duplicate tag keys found.{hint}")
        seen.add(same)
        found[key] = tag["Value"]
    return found


def merged(
    old: Mapping[str, str], new: Iterable[Mapping[str, str]], *, cased: bool = False
) -> dict[str, str]:
    """Old tags with the new ones over them; a key in another case is the same unless `cased`."""
    given = check_tags(new, cased=cased)
    again = set(given) if cased else {key.lower() for key in given}
    tags = {
        key: value for key, value in old.items() if (key if cased else key.lower()) not in again
    }
    tags.update(given)
    if len(tags) > TAGS:
        raise ServiceError(
            "LimitExceeded", "The number of tags has reached the maximum limit.", status=409
        )
    return tags


def without(old: Mapping[str, str], keys: Sequence[str], *, cased: bool = False) -> dict[str, str]:
    gone = set(keys) if cased else {key.lower() for key in keys}
    return {key: value for key, value in old.items() if (key if cased else key.lower()) not in gone}


def check_arn(arn: str, kind: str) -> str:
    """`arn` of IAM's `kind` (`policy`, `mfa`, …). Raises InvalidInput for any other text."""
    parts = arn.split(":", 5)
    if (
        len(parts) != 6
        or parts[0] != "arn"
        or parts[2] != "iam"
        or parts[5].partition("/")[0] != kind
    ):
        raise ServiceError("InvalidInput", f"ARN {arn} is not valid.")
    return arn


def too_many(quota: str, limit: int) -> ServiceError:
    return ServiceError("LimitExceeded", f"Cannot exceed quota for {quota}: {limit}", status=409)


def not_found(message: str) -> ServiceError:
    return ServiceError("NoSuchEntity", message, status=404)


def no_such(what: str, name: str) -> ServiceError:
    """NoSuchEntity for a user, group or role."""
    return not_found(f"The {what} with name {name} cannot be found.")


def conflict(what: str) -> ServiceError:
    """DeleteConflict: what stands in the way."""
    return ServiceError("DeleteConflict", f"Cannot delete entity, must {what} first.", status=409)


def exists(message: str) -> ServiceError:
    return ServiceError("EntityAlreadyExists", message, status=409)


def taken(what: str, name: str) -> ServiceError:
    return exists(f"{what} with name {name} already exists.")
