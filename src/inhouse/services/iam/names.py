"""What names, paths, tags and other short values may be.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LENGTHS = {"UserName": 64, "RoleName": 64, "GroupName": 128, "PolicyName": 128}
TAGS = 50
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]+").fullmatch
_PATH = re.compile(r"/|/[\x21-\x7e]+/").fullmatch
_PREFIX = re.compile(r"/[\x21-\x7e]*").fullmatch
_DESCRIPTION = re.compile(r"[\t\n\r\x20-\x7e\xa1-\xff]*").fullmatch
_ALIAS = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]").fullmatch


def invalid(member: str, value: object, right: str) -> ServiceError:
    """ValidationError for a member, saying what would be right."""
    shown = repr(value) if len(repr(value)) < 140 else f"{repr(value)[:140]}…"
    return ServiceError(
        "ValidationError", f"1 validation error detected: Value {shown} at '{member}': {right}"
    )


def check_name(req: Mapping[str, Any], member: str, kind: str | None = None) -> str:
    """The name in `member`. `kind` is the member whose length limit holds, if it is another."""
    name: str = req[member]
    most = LENGTHS[kind or member]
    if not _NAME(name) or len(name) > most:
        raise invalid(
            member, name, f"use 1 to {most} letters, digits and characters of +=,.@_- only"
        )
    return name


def check_path(req: Mapping[str, Any], member: str = "Path") -> str:
    path: str = req.get(member, "/")
    if not _PATH(path) or len(path) > 512:
        raise invalid(member, path, "a path begins and ends with / and has at most 512 characters")
    return path


def check_prefix(req: Mapping[str, Any]) -> str:
    prefix: str = req.get("PathPrefix", "/")
    if not _PREFIX(prefix) or len(prefix) > 512:
        raise invalid("PathPrefix", prefix, "a prefix of paths begins with /")
    return prefix


def check_description(req: Mapping[str, Any]) -> str | None:
    text: str | None = req.get("Description")
    if text is not None and (not _DESCRIPTION(text) or len(text) > 1000):
        raise invalid("Description", text, "at most 1000 characters, of Latin-1 only")
    return text


def check_alias(alias: str) -> str:
    if not _ALIAS(alias):
        raise invalid(
            "AccountAlias", alias, "3 to 63 lower-case letters, digits and single dashes inside"
        )
    return alias


def check_duration(req: Mapping[str, Any]) -> int | None:
    seconds: int | None = req.get("MaxSessionDuration")
    if seconds is not None and not 3600 <= seconds <= 43200:
        raise invalid("MaxSessionDuration", seconds, "use 3600 to 43200 seconds")
    return seconds


def check_tags(tags: Iterable[Mapping[str, str]], member: str = "Tags") -> dict[str, str]:
    """Tags as a mapping. Keys are unique in any case; `aws:` is AWS's own."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for tag in tags:
        key, value = tag["Key"], tag["Value"]
        if not 1 <= len(key) <= 128 or not _is_tag_text(key):
            raise invalid(f"{member}.Key", key, "1 to 128 letters, digits, spaces and _.:/=+-@")
        if len(value) > 256 or not _is_tag_text(value):
            raise invalid(
                f"{member}.Value", value, "up to 256 letters, digits, spaces and _.:/=+-@"
            )
        if key.lower().startswith("aws:"):
            raise invalid(f"{member}.Key", key, "keys that begin with aws: are reserved")
        if key.lower() in seen:
            raise ServiceError(
                "InvalidInput",
                f"Duplicate tag keys found: {key!r} is given twice. Tag keys do not tell cases "
                "apart.",
            )
        seen.add(key.lower())
        found[key] = value
    if len(found) > TAGS:
        raise too_many("TagsPerResource", TAGS)
    return found


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Old tags with the new ones over them; a key in another case is the same key."""
    again = {key.lower() for key in new}
    tags = {key: value for key, value in old.items() if key.lower() not in again}
    tags.update(new)
    if len(tags) > TAGS:
        raise too_many("TagsPerResource", TAGS)
    return tags


def without(old: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    gone = {key.lower() for key in keys}
    return {key: value for key, value in old.items() if key.lower() not in gone}


def _is_tag_text(text: str) -> bool:
    return all(
        character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN" for character in text
    )


def too_many(quota: str, limit: int) -> ServiceError:
    return ServiceError("LimitExceeded", f"Cannot exceed quota for {quota}: {limit}", status=409)


def no_such(what: str, name: str) -> ServiceError:
    """NoSuchEntity for a user, group or role."""
    return ServiceError("NoSuchEntity", f"The {what} with name {name} cannot be found.", status=404)


def conflict(what: str) -> ServiceError:
    """DeleteConflict: what stands in the way."""
    return ServiceError("DeleteConflict", f"Cannot delete entity, must {what} first.", status=409)


def taken(what: str, name: str) -> ServiceError:
    return ServiceError(
        "EntityAlreadyExists", f"{what} with name {name} already exists.", status=409
    )
