"""Marker, MaxItems and IsTruncated.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, TypeVar

from inhouse.services.iam.names import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")
DEFAULT = 100


def wanted(req: Mapping[str, Any]) -> int:
    most: int = req.get("MaxItems", DEFAULT)
    return most


def after(req: Mapping[str, Any]) -> str:
    """What the last page ended with; empty for the first."""
    marker: str = req.get("Marker", "")
    try:
        return base64.urlsafe_b64decode(marker.encode()).decode()
    except (binascii.Error, ValueError):
        raise invalid("Invalid Marker.") from None


def cut(
    found: Sequence[T], req: Mapping[str, Any], order: Callable[[T], str]
) -> tuple[Sequence[T], dict[str, Any]]:
    """The first page of what comes after the marker, and the members that say if more follows."""
    most = wanted(req)
    if len(found) <= most:
        return found, {"IsTruncated": False}
    last = order(found[most - 1]).encode()
    marker = base64.urlsafe_b64encode(last).decode()
    return found[:most], {"IsTruncated": True, "Marker": marker}


def page(
    items: Sequence[T], req: Mapping[str, Any], order: Callable[[T], str]
) -> tuple[Sequence[T], dict[str, Any]]:
    """A page of all items, which are in the order of `order`'s unique strings."""
    start = after(req)
    rest = [item for item in items if order(item) > start] if start else items
    return cut(rest, req, order)
