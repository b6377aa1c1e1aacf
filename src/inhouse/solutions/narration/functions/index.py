"""Which articles use a fragment: objects `index/<fragment>/<article id>`.

They are written before anybody looks whether the fragment is there, and hold the version that did,
so that the collector can tell an entry that was written again from the one it has judged. Once all
of a version's are written, `indexed/<article id>/<version>` says so.
docs/decisions/0007-narration.md argues why no merge is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bucket import Bucket, Listed


PREFIX = "index/"


def key(fragment: str, article_id: str) -> str:
    return f"{PREFIX}{fragment}/{article_id}"


def entries(bucket: Bucket, fragment: str) -> dict[str, Listed]:
    """Entries by article."""
    listed = bucket.entries(f"{PREFIX}{fragment}/")
    return {entry.key.rpartition("/")[2]: entry for entry in listed}


def articles(bucket: Bucket, fragment: str) -> list[str]:
    """The articles to look at when the fragment lands."""
    return list(entries(bucket, fragment))


def write(bucket: Bucket, fragment: str, article_id: str, version: int) -> None:
    """Notes that this version, whose plan is stored, uses the fragment."""
    bucket.put(key(fragment, article_id), str(version).encode())


def finish(bucket: Bucket, article_id: str, version: int) -> None:
    """Notes that every fragment of this version was indexed and is in the making."""
    bucket.put(finished_key(article_id, version), b"")


def is_finished(bucket: Bucket, article_id: str, version: int) -> bool:
    return bucket.head(finished_key(article_id, version)) is not None


def finished_key(article_id: str, version: int) -> str:
    return f"indexed/{article_id}/{version}"
