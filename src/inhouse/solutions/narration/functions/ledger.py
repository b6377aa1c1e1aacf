"""What happened, as empty objects whose keys say it: true after restarts and repetitions.

An event's key follows from the event alone, so that telling it twice changes nothing, and a listing
is the account.

    saves/<article id>/<version>/<characters>          an accepted save, and what it would cost whole
    published/<article id>/<version>/<milliseconds>    new audio, and how long after the save
    published/<article id>/<version>/unchanged         a new manifest over the same audio
    refused/<message id>.json                          a refused save, with the reason
    fragments/<digest>-<characters>.<task id>.mp3      a synthesis that landed (written by Polly)
    words/<digest>-<characters>.json                   times of its words
    collected/<digest>-<characters>.<task id>.mp3      a synthesis that was deleted since
    timed/<digest>-<characters>.json                   times of words that were deleted since
    failed/<article id>/<version>.json                 a version that cannot be heard, with the reason
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from . import fragments

if TYPE_CHECKING:
    from .bucket import Bucket

SAVES = "saves/"
PUBLISHED = "published/"
REFUSED = "refused/"
COLLECTED = "collected/"
FAILED = "failed/"
WORDS = "words/"
TIMED = "timed/"
UNCHANGED = "unchanged"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Entry(NamedTuple):
    """`number` is characters for a save and milliseconds for a publication."""

    article_id: str
    version: int
    number: int


def save_key(article_id: str, version: int, characters: int) -> str:
    return f"{SAVES}{article_id}/{version}/{characters}"


def published_key(article_id: str, version: int, seconds: float | None) -> str:
    """`seconds` from the save to new audio, None when the audio stayed as it was."""
    passed = UNCHANGED if seconds is None else str(round(seconds * 1000))
    return f"{PUBLISHED}{article_id}/{version}/{passed}"


def is_published(bucket: Bucket, article_id: str, version: int) -> bool:
    return next(bucket.keys(f"{PUBLISHED}{article_id}/{version}/", most=1), None) is not None


def refused_key(message_id: str) -> str:
    return f"{REFUSED}{_UNSAFE.sub('_', message_id)[:200]}.json"


def collected_key(fragment_key: str) -> str:
    """`fragment_key` begins with `fragments/`."""
    return COLLECTED + fragment_key.removeprefix(fragments.PREFIX)


def synthesized(bucket: Bucket) -> tuple[list[str], int]:
    """Names of all fragments that ever landed, one for each time, and how many were collected.

    Looked up in this order, one that is collected meanwhile may be seen twice and never not at all.
    """
    there = {key.removeprefix(fragments.PREFIX) for key in bucket.keys(fragments.PREFIX)}
    gone = {key.removeprefix(COLLECTED) for key in bucket.keys(COLLECTED)}
    names = [fragments.name_of(fragments.PREFIX + key) for key in there | gone]
    return [name for name in names if name], len(gone - there)


def timed(bucket: Bucket) -> int:
    """Characters of the fragments whose words have or had times."""
    keys = {key.partition("/")[2] for prefix in (WORDS, TIMED) for key in bucket.keys(prefix)}
    return sum(fragments.characters_of(key.removesuffix(".json")) for key in keys)


def failed_key(article_id: str, version: int) -> str:
    return f"{FAILED}{article_id}/{version}.json"


def failed(key: str) -> tuple[str, int]:
    """The article and version in the key of a failure."""
    _, article_id, name = key.split("/")
    return article_id, int(name.removesuffix(".json"))


def entry(key: str) -> Entry:
    """What the key of a save or a publication says."""
    _, article_id, version, number = key.split("/")
    return Entry(article_id, int(version), int(number))
