"""Compile shapes into writers of XML (query answers, restXml answers).

A writer appends text to a list: `write(append, value)`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.wire.scalars import text_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[Callable[[str], None], Any], None]

# \r and \n are escaped because XML parsers normalise line ends; control characters cannot be
# said in XML 1.0 at all, and go as references, as S3 does.
_SPECIAL = re.compile('[&<>"\x00-\x08\x0a-\x1f\x7f\x85\u2028\ufffe\uffff]')
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escape(text: str) -> str:
    """Text for elements and attributes."""
    return _SPECIAL.sub(_reference, text) if _SPECIAL.search(text) else text


def _reference(match: re.Match[str]) -> str:
    character = match.group()
    return _NAMED.get(character) or f"&#x{ord(character):X};"


class XmlWriters:
    """Writers of one service's shapes, each compiled once for each tag."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, bool, str], Write] = {}

    def writer(self, shape: Any, tag: str, namespace: str = "") -> Write:
        """The writer of a shape as element `tag`; `namespace` is a default XML namespace."""
        flattened = bool(shape.serialization.get("flattened"))
        key = (shape.name, tag, flattened, namespace)
        if key not in self._known:
            # Shapes may contain themselves: the key stands in until the writer is made.
            self._known[key] = lambda append, value: self._known[key](append, value)
            start = f"<{tag}{_declaration(shape, namespace)}"
            self._known[key] = self._compile(shape, tag, start)
        return self._known[key]

    def _compile(self, shape: Any, tag: str, start: str) -> Write:
        if shape.type_name == "structure":
            return self._structure(shape, tag, start)
        if shape.type_name == "list":
            return self._list(shape, tag, start)
        if shape.type_name == "map":
            return self._map(shape, tag, start)
        return _leaf(shape, tag, start)

    def members(self, shape: Any) -> dict[str, Write]:
        """Member name → writer, for the members that stand in the body."""
        return {
            name: self.writer(member, member.serialization.get("name", name))
            for name, member in shape.members.items()
            if not member.serialization.get("location")
            and not member.serialization.get("xmlAttribute")
        }

    def _structure(self, shape: Any, tag: str, start: str) -> Write:
        lookup = self.members(shape).get
        attributes = [
            (name, member.serialization["name"])
            for name, member in shape.members.items()
            if member.serialization.get("xmlAttribute")
        ]
        end = f"</{tag}>"

        def write(append: Callable[[str], None], value: Any) -> None:
            append(start)
            for name, key in attributes:
                if value.get(name) is not None:
                    append(f' {key}="{escape(value[name])}"')
            append(">")
            for name, item in value.items():
                write_member = lookup(name)
                if write_member is not None and item is not None:
                    write_member(append, item)
            append(end)

        return write

    def _list(self, shape: Any, tag: str, start: str) -> Write:
        item_name = shape.member.serialization.get("name")
        if shape.serialization.get("flattened"):
            write_item = self.writer(shape.member, item_name or tag)

            def write_flat(append: Callable[[str], None], value: Any) -> None:
                for item in value:
                    write_item(append, item)

            return write_flat

        write_one = self.writer(shape.member, item_name or "member")
        begin, end = f"{start}>", f"</{tag}>"

        def write(append: Callable[[str], None], value: Any) -> None:
            append(begin)
            for item in value:
                write_one(append, item)
            append(end)

        return write

    def _map(self, shape: Any, tag: str, start: str) -> Write:
        flattened = shape.serialization.get("flattened")
        write_key = self.writer(shape.key, shape.key.serialization.get("name", "key"))
        write_value = self.writer(shape.value, shape.value.serialization.get("name", "value"))
        entry, end_entry = (f"{start}>", f"</{tag}>") if flattened else ("<entry>", "</entry>")

        def write_entries(append: Callable[[str], None], value: Any) -> None:
            for key, item in value.items():
                append(entry)
                write_key(append, key)
                write_value(append, item)
                append(end_entry)

        if flattened:
            return write_entries

        def write(append: Callable[[str], None], value: Any) -> None:
            append(f"{start}>")
            write_entries(append, value)
            append(f"</{tag}>")

        return write


def _leaf(shape: Any, tag: str, start: str) -> Write:
    begin, end = f"{start}>", f"</{tag}>"
    if shape.type_name in ("string", "character"):

        def write_text(append: Callable[[str], None], value: Any) -> None:
            text = value if value.__class__ is str else str(value)
            append(f"{begin}{escape(text)}{end}")

        return write_text
    to_text = text_writer(shape.type_name, shape.serialization.get("timestampFormat", "iso8601"))
    return lambda append, value: append(f"{begin}{to_text(value)}{end}")


def _declaration(shape: Any, namespace: str) -> str:
    """The `xmlns` attribute an element needs, the shape's own before the given one."""
    own = shape.serialization.get("xmlNamespace") or {}
    uri = own.get("uri") if isinstance(own, dict) else own
    if uri and isinstance(own, dict) and own.get("prefix"):
        return f' xmlns:{own["prefix"]}="{uri}"'
    return f' xmlns="{uri or namespace}"' if uri or namespace else ""
