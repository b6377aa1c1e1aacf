"""Which versions wait for a fragment: empty objects `waiting/<fragment>/<article id>/<version>`.

They are written before anybody looks whether the fragment is there; docs/decisions/0007-narration.md
says why no merge is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .bucket import Bucket


class Waiting(NamedTuple):
    article_id: str
    version: int


def key(fragment: str, article_id: str, version: int) -> str:
    return f"waiting/{fragment}/{article_id}/{version}"


def listed(bucket: Bucket, fragment: str) -> dict[str, Waiting]:
    """All that wait for a fragment, by their keys."""
    found = {}
    for name in bucket.keys(f"waiting/{fragment}/"):
        _, _, article_id, version = name.split("/")
        found[name] = Waiting(article_id, int(version))
    return found
