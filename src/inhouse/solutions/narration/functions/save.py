"""A save, as a CMS publishes it, and why one is refused."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from . import languages

MOST_PARAGRAPHS = 2_000
MOST_INSERTS = 100
LARGEST_VERSION = 2**63 - 1
ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(.+)", re.DOTALL)
_VOICE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_FIELDS = frozenset(
    {"article_id", "version", "language", "title", "teaser", "premium", "paragraphs", "metadata",
     "voice", "inserts", "saved_at"}
)  # fmt: skip


class Refused(Exception):
    """A save that cannot be narrated; the text says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Audio of somebody else's, `after` so many paragraphs (0: before the first)."""

    after: int
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Save:
    """One version of an article; texts are plain or HTML."""

    article_id: str
    version: int
    language: str
    title: str
    teaser: str
    premium: bool
    paragraphs: tuple[str, ...]
    metadata: dict[str, Any]
    voice: str | None
    inserts: tuple[Insert, ...]
    digest: str


def parse(message: str, default_language: str) -> Save:
    """The save in an SNS message. Raises Refused."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise Refused(f"The message is not JSON: {error}.") from None
    if not isinstance(fields, dict):
        raise Refused(f"The message is {_kind(fields)}; a save is a JSON object.")
    if unknown := sorted(set(fields) - _FIELDS):
        known = ", ".join(sorted(_FIELDS))
        raise Refused(
            f"Unknown field {unknown[0]!r}. A save has {known}; what else there is to keep belongs"
            " into metadata."
        )
    paragraphs = _paragraphs(fields)
    save = Save(
        article_id=_article_id(fields),
        version=_version(fields),
        language=_language(fields, default_language),
        title=_text(fields, "title"),
        teaser=_text(fields, "teaser", ""),
        premium=_of(fields, "premium", bool, "true or false", False),
        paragraphs=paragraphs,
        metadata=_of(fields, "metadata", dict, "an object", {}),
        voice=_voice(fields),
        inserts=_inserts(fields, len(paragraphs)),
        digest=_digest(fields),
    )
    if "saved_at" in fields:
        _of(fields, "saved_at", str, "a time, such as 2026-11-22T09:30:00Z")
    return save


def _digest(fields: dict[str, Any]) -> str:
    """Equal for saves that are the same word for word."""
    try:
        plain = json.dumps(fields, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise Refused("A text holds half of a surrogate pair, which is no character.") from None
    except ValueError:
        raise Refused("metadata holds NaN or Infinity, which JSON does not know.") from None
    return hashlib.sha256(plain).hexdigest()


def _kind(value: object) -> str:
    names = {
        dict: "an object",
        list: "a list",
        str: "a text",
        bool: "a boolean",
        type(None): "null",
    }
    return names.get(type(value), "a number")


def _of(fields: dict[str, Any], name: str, kind: type, right: str, default: Any = ...) -> Any:
    value = fields.get(name, default)
    if value is ...:
        raise Refused(f"{name} is missing; it must be {right}.")
    if not isinstance(value, kind):
        raise Refused(f"{name} is {_kind(value)}; it must be {right}.")
    return value


def _text(fields: dict[str, Any], name: str, default: Any = ...) -> str:
    return str(_of(fields, name, str, "a text", default))


def _article_id(fields: dict[str, Any]) -> str:
    value = _text(fields, "article_id")
    if not ARTICLE_ID.fullmatch(value):
        raise Refused(
            f"article_id {value[:140]!r} cannot be a key; use 1 to 128 letters, digits, '.', '_' or"
            " '-', beginning with a letter or digit."
        )
    return value


def _version(fields: dict[str, Any]) -> int:
    value = fields.get("version", ...)
    right = f"an integer from 1 to {LARGEST_VERSION} that rises with every save"
    if value is ...:
        raise Refused(f"version is missing; it must be {right}.")
    if isinstance(value, bool) or not isinstance(value, int):
        shown = json.dumps(value, ensure_ascii=False)[:60]
        raise Refused(f"version is {shown}; it must be {right}.")
    if not 1 <= value <= LARGEST_VERSION:
        raise Refused(f"version is {value}; it must be {right}.")
    return value


def _language(fields: dict[str, Any], default: str) -> str:
    value = str(_of(fields, "language", str, "a language tag such as en or de-AT", default))
    if not languages.is_tag(value):
        raise Refused(f"language is {value[:40]!r}; it must be a tag such as en or de-AT.")
    return value


def _paragraphs(fields: dict[str, Any]) -> tuple[str, ...]:
    values = _of(fields, "paragraphs", list, "a list of texts")
    if len(values) > MOST_PARAGRAPHS:
        raise Refused(f"paragraphs has {len(values)} entries; {MOST_PARAGRAPHS} are the most.")
    for number, value in enumerate(values, 1):
        if not isinstance(value, str):
            raise Refused(f"Paragraph {number} is {_kind(value)}; it must be a text or HTML.")
    return tuple(values)


def _voice(fields: dict[str, Any]) -> str | None:
    value = fields.get("voice")
    if value is None:
        return None
    if not isinstance(value, str) or not _VOICE.fullmatch(value):
        shown = json.dumps(value, ensure_ascii=False)[:60]
        raise Refused(f"voice is {shown}; it must be a Polly voice id such as Joanna.")
    return value


def _inserts(fields: dict[str, Any], paragraphs: int) -> tuple[Insert, ...]:
    values = fields.get("inserts")
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > MOST_INSERTS:
        raise Refused(f"inserts must be a list of at most {MOST_INSERTS} objects.")
    found = [_insert(number, value, paragraphs) for number, value in enumerate(values, 1)]
    return tuple(sorted(found, key=lambda insert: insert.after))


def _insert(number: int, value: object, paragraphs: int) -> Insert:
    right = '{"after": 2, "audio": "s3://bucket/key"}'
    if not isinstance(value, dict) or set(value) != {"after", "audio"}:
        raise Refused(f"Insert {number} must be of the form {right}.")
    after, audio = value["after"], value["audio"]
    if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after <= paragraphs:
        raise Refused(
            f"Insert {number} stands after paragraph {after!r}; the article has {paragraphs}, so"
            f" `after` is an integer from 0 to {paragraphs}."
        )
    match = _S3.fullmatch(audio) if isinstance(audio, str) else None
    if match is None:
        raise Refused(f"Insert {number} has audio {audio!r}; it must be of the form {right}.")
    return Insert(after, match[1], match[2])
