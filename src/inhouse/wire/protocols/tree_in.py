"""Compile shapes into readers of decoded JSON or CBOR.

A reader takes a decoded value and gives boto3's, or raises `Malformed`. Readers are plain
closures over tables made once, because walking the model on every request costs ten times more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.wire import scalars
from inhouse.wire.malformed import Malformed, expected, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

#: The Python type that needs no further look, by shape type.
_EXACT = {"string": str, "character": str, "boolean": bool, "float": float, "double": float}


class TreeReaders:
    """Readers of one service's shapes, each compiled once; `blob` differs between formats."""

    def __init__(self, blob: Callable[[Any], bytes]) -> None:
        self._known: dict[str, Callable[[Any], Any]] = {}
        self._leaves: dict[str, Callable[[Any], Any]] = {
            "string": _text,
            "character": _text,
            "boolean": _boolean,
            "integer": scalars.whole("integer"),
            "long": scalars.whole("long"),
            "float": scalars.decimal,
            "double": scalars.decimal,
            "timestamp": scalars.time_from_json,
            "blob": blob,
        }

    def reader(self, shape: Any) -> Callable[[Any], Any]:
        """The reader of a shape, its members included."""
        leaf = self._leaves.get(shape.type_name)
        if leaf is not None:
            return leaf
        known = self._known.get(shape.name)
        if known is None:
            # Shapes may contain themselves: the name stands in until the reader is made.
            self._known[shape.name] = lambda value: self._known[shape.name](value)
            known = self._known[shape.name] = self._compile(shape)
        return known

    def _compile(self, shape: Any) -> Callable[[Any], Any]:
        if shape.type_name == "list":
            return self._list(shape)
        if shape.type_name == "map":
            return self._map(shape)
        if shape.is_document_type:
            return _as_is
        return self._structure(shape)

    def members(
        self, shape: Any, only: Callable[[Shape], bool] = lambda _: True
    ) -> dict[str, tuple[str, type | None, Callable[[Any], Any]]]:
        """Wire name → member name, the type that passes unread, the reader."""
        return {
            member.serialization.get("name", name): (
                name,
                _EXACT.get(member.type_name),
                self.reader(member),
            )
            for name, member in shape.members.items()
            if only(member)
        }

    def _structure(self, shape: Any) -> Callable[[Any], Any]:
        return structure_reader(self.members(shape), tuple(shape.required_members))

    def _list(self, shape: Any) -> Callable[[Any], Any]:
        read_item = self.reader(shape.member)

        def read(value: Any) -> list[Any]:
            if value.__class__ is not list:
                raise expected("a list", value)
            found: list[Any] = []
            append = found.append
            try:
                for item in value:
                    append(read_item(item))
            except Malformed as problem:
                raise problem.inside(str(len(found) + 1)) from None
            return found

        return read

    def _map(self, shape: Any) -> Callable[[Any], Any]:
        read_item = self.reader(shape.value)

        def read(value: Any) -> dict[str, Any]:
            if value.__class__ is not dict:
                raise expected("an object", value)
            found: dict[str, Any] = {}
            for key, item in value.items():
                if key.__class__ is not str:
                    raise expected("a string as the key", key)
                if item is None:
                    continue
                try:
                    found[key] = read_item(item)
                except Malformed as problem:
                    raise problem.inside(key) from None
            return found

        return read


def structure_reader(
    members: dict[str, tuple[str, type | None, Callable[[Any], Any]]], required: tuple[str, ...]
) -> Callable[[Any], dict[str, Any]]:
    """A reader of objects: unknown members and nulls are skipped, required ones insisted on."""
    lookup = members.get

    def read(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise expected("an object", value)
        found: dict[str, Any] = {}
        for key, item in value.items():
            member = lookup(key)
            if member is None or item is None:
                continue
            name, exact, read_item = member
            if item.__class__ is exact:
                found[name] = item
                continue
            try:
                found[name] = read_item(item)
            except Malformed as problem:
                raise problem.inside(name) from None
        for name in required:
            if name not in found:
                raise missing(name)
        return found

    return read


def _as_is(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if value.__class__ is str:
        text: str = value
        return text
    raise expected("a string", value)


def _boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise expected("true or false", value)
