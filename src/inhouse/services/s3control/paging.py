"""Pages of listings. The token is the last name of the page before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.ports import Row

MOST = 1000


def most(req: Mapping[str, Any]) -> int:
    """How many a page may have; S3 takes 0 as no wish."""
    return min(MOST, req.get("MaxResults") or MOST)


def cut(every: list[Row], count: int) -> tuple[list[Row], dict[str, str]]:
    """The page, and its NextToken if there are more."""
    page = every[:count]
    return page, {"NextToken": page[-1]["name"]} if len(every) > count else {}
