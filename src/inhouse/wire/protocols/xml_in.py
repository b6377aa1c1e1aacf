"""Compile shapes into readers of XML elements (restXml request bodies)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from inhouse.wire.malformed import Malformed, missing
from inhouse.wire.scalars import TEXT_READERS

if TYPE_CHECKING:
    from collections.abc import Callable

    Element = etree._Element


def loads(body: bytes) -> Element:
    """Parse a body without entities, DTDs or network. Raises `Malformed`."""
    # A parser is not safe to share between threads, and making one is cheap.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise Malformed(f"the body is not XML: {str(error)[:200]}", in_body=True) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Malformed("the body must not have a document type", in_body=True)
    return root


def local_name(element: Any) -> str:
    """An element's name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


class XmlReaders:
    """Readers of one service's shapes, each compiled once."""

    def __init__(self) -> None:
        self._known: dict[str, Callable[[Any], Any]] = {}

    def reader(self, shape: Any) -> Callable[[Any], Any]:
        """The reader of a shape that stands in one element."""
        if shape.type_name not in ("structure", "list", "map"):
            read_text = TEXT_READERS[shape.type_name]
            return lambda element: read_text(element.text or "")
        if shape.name not in self._known:
            # Shapes may contain themselves: the name stands in until the reader is made.
            self._known[shape.name] = lambda element: self._known[shape.name](element)
            compiled: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
                "structure": self.structure,
                "list": self._list,
                "map": self._map,
            }
            self._known[shape.name] = compiled[shape.type_name](shape)
        return self._known[shape.name]

    def structure(self, shape: Any) -> Callable[[Any], dict[str, Any]]:
        """A reader of the members that stand in the body."""
        single: dict[str, tuple[str, Callable[[Any], Any]]] = {}
        repeated: dict[str, tuple[str, Callable[[Any], Any]]] = {}
        pairs: dict[str, tuple[str, Callable[[Any], tuple[str, Any]]]] = {}
        attributes: list[tuple[str, str]] = []
        required: list[str] = []
        for name, member in shape.members.items():
            traits = member.serialization
            if traits.get("location"):
                continue
            key = traits.get("name", name)
            if name in shape.required_members:
                required.append(name)
            if traits.get("xmlAttribute"):
                attributes.append((key.rpartition(":")[2], name))
            elif traits.get("flattened") and member.type_name == "list":
                entry = (name, self.reader(member.member))
                repeated[key] = repeated[member.member.serialization.get("name", key)] = entry
            elif traits.get("flattened") and member.type_name == "map":
                pairs[key] = (name, self._pair(member))
            else:
                single[key] = (name, self.reader(member))

        def read(element: Any) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for child in element:
                key = local_name(child)
                try:
                    if key in single:
                        name, read_one = single[key]
                        found[name] = read_one(child)
                    elif key in repeated:
                        name, read_one = repeated[key]
                        found.setdefault(name, []).append(read_one(child))
                    elif key in pairs:
                        name, read_pair = pairs[key]
                        found.setdefault(name, {}).update((read_pair(child),))
                except Malformed as problem:
                    raise problem.inside(key) from None
            for key, name in attributes:
                for full_key, text in element.attrib.items():
                    if full_key.rpartition("}")[2] == key:
                        found[name] = text
            for name in required:
                if name not in found:
                    raise missing(name)
            return found

        return read

    def _list(self, shape: Any) -> Callable[[Any], list[Any]]:
        read_item = self.reader(shape.member)
        return lambda element: [read_item(child) for child in element]

    def _map(self, shape: Any) -> Callable[[Any], dict[str, Any]]:
        read_pair = self._pair(shape)
        return lambda element: dict(read_pair(entry) for entry in element)

    def _pair(self, shape: Any) -> Callable[[Any], tuple[str, Any]]:
        read_value = self.reader(shape.value)
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")

        def read(entry: Any) -> tuple[str, Any]:
            children = {local_name(child): child for child in entry}
            for name in (key_name, value_name):
                if name not in children:
                    raise missing(name)
            return children[key_name].text or "", read_value(children[value_name])

        return read
