"""Which articles use a fragment: empty objects `index/<fragment>/<article id>`.

They are written before anybody looks whether the fragment is there, and they stay. Once all of a
version's are written, `indexed/<article id>/<version>` says so.
docs/decisions/0007-narration.md argues why no merge is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bucket import Bucket


def key(fragment: str, article_id: str) -> str:
    return f"index/{fragment}/{article_id}"


def articles(bucket: Bucket, fragment: str) -> list[str]:
    """The articles to look at when the fragment lands."""
    return [name.rpartition("/")[2] for name in bucket.keys(f"index/{fragment}/")]


def finish(bucket: Bucket, article_id: str, version: int) -> None:
    """Notes that every fragment of this version was indexed and is in the making."""
    bucket.put(_finished(article_id, version), b"")


def is_finished(bucket: Bucket, article_id: str, version: int) -> bool:
    return bucket.head(_finished(article_id, version)) is not None


def _finished(article_id: str, version: int) -> str:
    return f"indexed/{article_id}/{version}"
