"""Compile the input of REST operations: labels, query string, headers and body.

https://smithy.io/2.0/spec/http-bindings.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from inhouse.wire.malformed import Malformed, expected, missing
from inhouse.wire.protocols import json as json_body
from inhouse.wire.protocols import xml_in
from inhouse.wire.protocols.tree_in import TreeReaders, structure_reader
from inhouse.wire.scalars import TEXT_READERS, blob_from_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.wire.http import HttpRequest

    ReadText = Callable[[str], Any]
    ReadBody = Callable[[HttpRequest, dict[str, Any]], None]

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"').match
_ESCAPED = re.compile(r"\\(.)")


class Bindings(NamedTuple):
    """Where an input shape's members come from; wire name → member name and reader."""

    labels: dict[str, tuple[str, ReadText]]
    arguments: dict[str, tuple[str, ReadText, bool]]
    other_arguments: str | None
    headers: dict[str, tuple[str, ReadText]]
    header_prefixes: tuple[tuple[str, str], ...]
    required: tuple[str, ...]


def compile_rest_input(
    shape: Any, *, xml: bool, readers: TreeReaders
) -> Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]:
    """A parser of requests with the path's labels; it raises `Malformed` and `ServiceError`."""
    bound = _bindings(shape)
    read_body = _body(shape, xml=xml, readers=readers)

    def parse(request: HttpRequest, labels: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, text in labels.items():
            label = bound.labels.get(key)
            if label is not None:
                found[label[0]] = _read(label[0], label[1], text)
        if request.query:
            _read_arguments(bound, request, found)
        _read_headers(bound, request.headers, found)
        if read_body is not None:
            read_body(request, found)
        for name in bound.required:
            if name not in found:
                raise missing(name)
        return found

    return parse


def _bindings(shape: Any) -> Bindings:
    bound = Bindings({}, {}, None, {}, (), ())
    other: str | None = None
    prefixes: list[tuple[str, str]] = []
    required: list[str] = []
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                bound.labels[key] = (name, TEXT_READERS[member.type_name])
            case "querystring" if member.type_name == "map":
                other = name
            case "querystring" if member.type_name == "list":
                bound.arguments[key] = (name, TEXT_READERS[member.member.type_name], True)
            case "querystring":
                bound.arguments[key] = (name, TEXT_READERS[member.type_name], False)
            case "header":
                reader = _header_reader(member)
                # aws-chunked is how the body travels, not what the client wants to be stored.
                is_coding = key.lower() == "content-encoding"
                bound.headers[key.lower()] = (name, _without_chunked if is_coding else reader)
            case "headers":
                prefixes.append((key.lower(), name))
            case _:
                continue  # The body's reader insists on these; streams come later.
        if name in shape.required_members:
            required.append(name)
    return bound._replace(
        other_arguments=other, header_prefixes=tuple(prefixes), required=tuple(required)
    )


def _read(name: str, read_value: Callable[[Any], Any], value: Any, *, in_body: bool = False) -> Any:
    try:
        return read_value(value)
    except Malformed as problem:
        problem.in_body |= in_body
        raise problem.inside(name) from None


def _read_arguments(bound: Bindings, request: HttpRequest, found: dict[str, Any]) -> None:
    for key, values in request.arguments.items():
        argument = bound.arguments.get(key)
        if argument is not None:
            name, read_text, many = argument
            if many:
                found[name] = [_read(name, read_text, text) for text in values]
            else:
                found[name] = _read(name, read_text, values[0])
        elif bound.other_arguments is not None:
            found.setdefault(bound.other_arguments, {})[key] = values[0]


def _read_headers(bound: Bindings, headers: dict[str, str], found: dict[str, Any]) -> None:
    # Requests have few headers and models have dozens: walk the request's.
    lookup = bound.headers.get
    for key, text in headers.items():
        header = lookup(key)
        if header is not None:
            value = _read(header[0], header[1], text)
            if value is not None:
                found[header[0]] = value
        elif bound.header_prefixes:
            for prefix, name in bound.header_prefixes:
                if key.startswith(prefix):
                    found.setdefault(name, {})[key[len(prefix) :]] = text


def _header_reader(member: Any) -> ReadText:
    if member.type_name == "list":
        read_text = TEXT_READERS[member.member.type_name]
        return lambda text: [read_text(item) for item in header_items(text)]
    if member.serialization.get("jsonvalue"):
        return lambda text: json_body.loads(blob_from_text(text))
    return TEXT_READERS[member.type_name]


def _without_chunked(text: str) -> str | None:
    """A Content-Encoding without `aws-chunked`; None when nothing is left."""
    if "aws-chunked" not in text:
        return text
    return ",".join(item for item in header_items(text) if item != "aws-chunked") or None


def header_items(text: str) -> list[str]:
    """The items of a comma-separated header; quoted ones may hold commas (RFC 9110 5.6)."""
    if '"' not in text:
        return [item.strip() for item in text.split(",")]
    items: list[str] = []
    rest = text.strip()
    while rest:
        match = _QUOTED(rest) if rest[0] == '"' else None
        if match is not None:
            items.append(_ESCAPED.sub(r"\1", match[1]))
            between, _, rest = rest[match.end() :].partition(",")
            if between.strip():
                raise expected("a comma between quoted items", between)
        else:
            item, _, rest = rest.partition(",")
            items.append(item.strip())
        rest = rest.lstrip()
    return items


def _body(shape: Any, *, xml: bool, readers: TreeReaders) -> ReadBody | None:
    payload = shape.serialization.get("payload")
    if payload:
        member = shape.members[payload]
        required = payload in shape.required_members
        if member.serialization.get("eventstream") or member.serialization.get("streaming"):
            return None
        if member.type_name in ("blob", "string"):
            return _raw_payload(payload, text=member.type_name == "string", required=required)
        if xml:
            return _xml_payload(payload, member, required=required)
        return _json_payload(payload, readers.reader(member), required=required)
    if all(member.serialization.get("location") for member in shape.members.values()):
        return None
    if xml:
        return _xml_body(xml_in.XmlReaders().structure(shape))
    members = readers.members(shape, lambda member: not member.serialization.get("location"))
    in_body = {name for name, _, _ in members.values()}
    required_names = tuple(name for name in shape.required_members if name in in_body)
    return _json_body(structure_reader(members, required_names))


def _raw_payload(payload: str, *, text: bool, required: bool) -> ReadBody:
    def read(request: HttpRequest, found: dict[str, Any]) -> None:
        if not request.body:
            if required and text:
                found[payload] = ""
            elif required:
                raise missing(payload)
            return
        if not text:
            found[payload] = request.body
            return
        try:
            found[payload] = request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("is not UTF-8").inside(payload) from None

    return read


def _xml_payload(payload: str, member: Any, *, required: bool) -> ReadBody:
    read_element = xml_in.XmlReaders().reader(member)
    root_name = member.serialization.get("name", member.name)

    def read(request: HttpRequest, found: dict[str, Any]) -> None:
        body = request.content()
        if not body:
            if required:
                raise missing(payload)
            return
        root = xml_in.loads(body)
        if xml_in.local_name(root) != root_name:
            raise Malformed(f"the root element must be {root_name}", in_body=True)
        found[payload] = _read(payload, read_element, root, in_body=True)

    return read


def _xml_body(read_element: Callable[[Any], dict[str, Any]]) -> ReadBody:
    def read(request: HttpRequest, found: dict[str, Any]) -> None:
        body = request.content()
        try:
            found.update(read_element(xml_in.loads(body) if body else ()))
        except Malformed as problem:
            problem.in_body = True
            raise

    return read


def _json_payload(payload: str, read_value: Callable[[Any], Any], *, required: bool) -> ReadBody:
    def read(request: HttpRequest, found: dict[str, Any]) -> None:
        body = request.content()
        # Clients send {} for a payload they were not given.
        if body and (required or body != b"{}"):
            found[payload] = _read(payload, read_value, json_body.loads(body))
        elif required:
            raise missing(payload)

    return read


def _json_body(read_value: Callable[[Any], dict[str, Any]]) -> ReadBody:
    def read(request: HttpRequest, found: dict[str, Any]) -> None:
        found.update(read_value(json_body.loads(request.content())))

    return read
