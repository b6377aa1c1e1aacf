"""Compile shapes into writers of JSON or CBOR values.

A writer takes boto3's value and gives what the format's encoder takes. None instead of a writer
means that the value goes as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class TreeWriters:
    """Writers of one service's shapes, each compiled once.

    `leaves` has the writers of scalars that need one, by shape type; timestamps by their format
    as `timestamp.FORMAT`, the format's own default as `timestamp`.
    """

    def __init__(self, leaves: Mapping[str, Callable[[Any], Any]]) -> None:
        self._leaves = leaves
        self._known: dict[str, Callable[[Any], Any] | None] = {}

    def writer(self, shape: Any) -> Callable[[Any], Any] | None:
        """The writer of a shape, its members included."""
        if shape.type_name not in ("structure", "list", "map"):
            if shape.type_name == "timestamp":
                form = shape.serialization.get("timestampFormat")
                if form and f"timestamp.{form}" in self._leaves:
                    return self._leaves[f"timestamp.{form}"]
            return self._leaves.get(shape.type_name)
        if shape.name not in self._known:
            # Shapes may contain themselves: the name stands in until the writer is made.
            self._known[shape.name] = lambda value: self._again(shape.name, value)
            self._known[shape.name] = self._compile(shape)
        return self._known[shape.name]

    def _again(self, name: str, value: Any) -> Any:
        write = self._known[name]
        return write(value) if write else value

    def _compile(self, shape: Any) -> Callable[[Any], Any] | None:
        if shape.type_name == "list":
            return self._list(shape)
        if shape.type_name == "map":
            return self._map(shape)
        if shape.is_document_type:
            return None
        return structure_writer(self.members(shape))

    def members(self, shape: Any) -> dict[str, tuple[str, Callable[[Any], Any] | None]]:
        """Member name → wire name and writer, for the members that go into the body."""
        return {
            name: (member.serialization.get("name", name), self.writer(member))
            for name, member in shape.members.items()
            if not member.serialization.get("location")
        }

    def _list(self, shape: Any) -> Callable[[Any], Any] | None:
        write_item = self.writer(shape.member)
        if write_item is None:
            return None
        return lambda value: [write_item(item) for item in value]

    def _map(self, shape: Any) -> Callable[[Any], Any] | None:
        write_item = self.writer(shape.value)
        if write_item is None:
            return None
        return lambda value: {key: write_item(item) for key, item in value.items()}


def structure_writer(
    members: dict[str, tuple[str, Callable[[Any], Any] | None]],
) -> Callable[[Any], dict[str, Any]]:
    """A writer of objects: what the model lacks, and None, is left out."""
    lookup = members.get

    def write(value: Any) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, item in value.items():
            member = lookup(name)
            if member is None or item is None:
                continue
            key, write_item = member
            body[key] = item if write_item is None else write_item(item)
        return body

    return write
