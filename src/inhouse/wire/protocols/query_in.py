"""Compile shapes into readers of query requests (`Tags.member.1.Key=…`).

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.wire.malformed import Malformed, expected, missing
from inhouse.wire.scalars import TEXT_READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEPTH_LIMIT = 64


def tree(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nest flat fields by the dots of their names; of a name given twice the first counts.

    Raises `Malformed` when a name is a value and a parent at once or nests too deep.
    """
    root: dict[str, Any] = {}
    for name, value in fields:
        if "." not in name:
            if isinstance(root.setdefault(name, value), dict) and value:
                raise Malformed("is a value and a structure at once").inside(name)
            continue
        *parents, last = name.split(".")
        if len(parents) > DEPTH_LIMIT:
            raise Malformed(f"nests deeper than {DEPTH_LIMIT} levels").inside(name[:80])
        node = root
        for parent in parents:
            child = node.setdefault(parent, {})
            if child.__class__ is not dict:
                if child != "":
                    raise Malformed("is a value and a structure at once").inside(name[:80])
                child = node[parent] = {}
            node = child
        node.setdefault(last, value)
    return root


class QueryReaders:
    """Readers of one service's shapes, each compiled once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], Callable[[Any], Any]] = {}

    def reader(self, shape: Any) -> Callable[[Any], Any]:
        """The reader of a shape, its members included."""
        if shape.type_name not in ("structure", "list", "map"):
            return _leaf(TEXT_READERS[shape.type_name])
        key = (shape.name, bool(shape.serialization.get("flattened")))
        if key not in self._known:
            # Shapes may contain themselves: the key stands in until the reader is made.
            self._known[key] = lambda node: self._known[key](node)
            compiled: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
                "structure": self._structure,
                "list": self._list,
                "map": self._map,
            }
            self._known[key] = compiled[shape.type_name](shape)
        return self._known[key]

    def _structure(self, shape: Any) -> Callable[[Any], Any]:
        members = {
            _field(name, member): (name, self.reader(member))
            for name, member in shape.members.items()
        }
        required = tuple(shape.required_members)
        lookup = members.get

        def read(node: Any) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for key, item in _children(node).items():
                member = lookup(key)
                if member is None:
                    continue
                name, read_item = member
                try:
                    found[name] = read_item(item)
                except Malformed as problem:
                    raise problem.inside(name) from None
            for name in required:
                if name not in found:
                    raise missing(name)
            return found

        return read

    def _list(self, shape: Any) -> Callable[[Any], Any]:
        read_item = self.reader(shape.member)
        flattened = shape.serialization.get("flattened")
        wrapper = shape.member.serialization.get("name", "member")

        def read(node: Any) -> list[Any]:
            children = _children(node)
            if not flattened:
                # Some SDKs write `member` whatever the model says.
                children = _children(children.get(wrapper) or children.get("member") or {})
            return [_item(index, item, read_item) for index, item in _numbered(children)]

        return read

    def _map(self, shape: Any) -> Callable[[Any], Any]:
        read_value = self.reader(shape.value)
        flattened = shape.serialization.get("flattened")
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")

        def read(node: Any) -> dict[str, Any]:
            children = _children(node)
            if not flattened:
                children = _children(children.get("entry") or {})
            found: dict[str, Any] = {}
            for index, entry in _numbered(children):
                pair = _children(entry)
                key = pair.get(key_name)
                if key.__class__ is not str:
                    raise missing(key_name).inside(index)
                try:
                    found[key] = read_value(pair.get(value_name, ""))
                except Malformed as problem:
                    raise problem.inside(key) from None
            return found

        return read


def _field(name: str, member: Any) -> str:
    """The name a member has in a request; flattened lists go by their members' name."""
    own: str = member.serialization.get("name", name)
    if member.type_name == "list" and member.serialization.get("flattened"):
        item: str = member.member.serialization.get("name", own)
        return item
    return own


def _children(node: Any) -> dict[str, Any]:
    if node.__class__ is dict:
        children: dict[str, Any] = node
        return children
    if node == "":
        return {}
    raise expected("a structure", node)


def _numbered(children: dict[str, Any]) -> list[tuple[str, Any]]:
    """The entries `1`, `2`, … in numeric order."""
    for key in children:
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise expected("entries numbered from 1", key)
    return sorted(children.items(), key=lambda entry: int(entry[0]))


def _item(index: str, item: Any, read_item: Callable[[Any], Any]) -> Any:
    try:
        return read_item(item)
    except Malformed as problem:
        raise problem.inside(index) from None


def _leaf(read_text: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(node: Any) -> Any:
        if node.__class__ is str:
            return read_text(node)
        raise expected("a single value", node)

    return read
