"""A policy document, read and checked, before it is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class PolicyKind(StrEnum):
    """What a policy is attached to, which decides its grammar."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"


NAMES_PRINCIPALS: Final = frozenset({PolicyKind.RESOURCE, PolicyKind.TRUST, PolicyKind.RCP})
ORGANIZATION: Final = frozenset({PolicyKind.SCP, PolicyKind.RCP})


@dataclass(frozen=True, slots=True)
class Condition:
    """`operator: {key: values}`, the key as written."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawStatement:
    """A statement's elements with lists made uniform; None where an element is missing."""

    place: str
    sid: str
    effect: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Mapping[str, tuple[str, ...]] | None
    not_principals: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[Condition, ...]

    @property
    def deny(self) -> bool:
        return self.effect == "Deny"


@dataclass(frozen=True, slots=True)
class Document:
    version: str | None
    statements: tuple[RawStatement, ...]

    @property
    def variables(self) -> bool:
        """Policy variables came with version 2012-10-17; before, `${…}` is plain text."""
        return self.version == "2012-10-17"
