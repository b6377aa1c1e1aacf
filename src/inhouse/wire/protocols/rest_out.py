"""Compile the output of REST operations: status, headers and body."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from inhouse.wire.http import HttpResponse
from inhouse.wire.protocols import json as json_body
from inhouse.wire.protocols.tree_out import structure_writer
from inhouse.wire.protocols.xml_out import XmlWriters
from inhouse.wire.scalars import blob_to_text, text_writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.wire.protocols.tree_out import TreeWriters

    WriteBody = Callable[[dict[str, Any]], bytes]

XML_PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
_UNSAFE_IN_HEADER = re.compile(r"[^\t\x20-\x7e]")


class XmlBody(NamedTuple):
    """How an XML answer is wrapped: the root's name and namespace; `unwrapped` when the root
    is the only member itself (GetBucketLocation)."""

    root: str
    namespace: str
    unwrapped: bool


class _HeaderPart(NamedTuple):
    headers: dict[str, tuple[str, Callable[[Any], str]]]
    prefixes: dict[str, str]
    status: str | None


def header_safe(value: str) -> str:
    """A value that cannot end its header line: other than printable ASCII goes by RFC 2047."""
    if not _UNSAFE_IN_HEADER.search(value):
        return value
    return f"=?UTF-8?B?{b64encode(value.encode('utf-8', 'replace')).decode('ascii')}?="


def compile_rest_output(
    shape: Any, status: int, *, xml: XmlBody | None, writers: TreeWriters, id_header: str
) -> Callable[[dict[str, Any], str], HttpResponse]:
    """A serializer: result and request id to the answer."""
    if shape is None:
        return lambda result, request_id: HttpResponse(status, [(id_header, request_id)])
    part = _header_part(shape)
    raw = _raw_payload(shape)
    write_body = None if raw else _body(shape, xml=xml, writers=writers)
    content_type = "application/xml" if xml else "application/json"

    def serialize(result: dict[str, Any], request_id: str) -> HttpResponse:
        headers = [(id_header, request_id)]
        for name, value in result.items():
            if value is None:
                continue
            header = part.headers.get(name)
            if header is not None:
                headers.append((header[0], header_safe(header[1](value))))
            elif name in part.prefixes:
                prefix = part.prefixes[name]
                headers.extend((prefix + key, header_safe(str(v))) for key, v in value.items())
        code = int(result.get(part.status) or status) if part.status else status
        if code == 200 and "ContentRange" in result and "ContentRange" in part.headers:
            code = 206  # the model has no status for a part of an object; RFC 9110 15.3.7 does
        if "ResponseMetadata" in result:
            code = int(result["ResponseMetadata"]["HTTPStatusCode"])
        if raw is not None:
            body = result.get(raw)
            if isinstance(body, str):
                body = body.encode()
            if not any(name == "content-type" for name, _ in headers):
                headers.append(("content-type", "application/octet-stream"))
            return HttpResponse(code, headers, b"" if body is None else body)
        content = write_body(result) if write_body is not None else b""
        if content:
            headers.append(("content-type", content_type))
        return HttpResponse(code, headers, content)

    return serialize


def _header_part(shape: Any) -> _HeaderPart:
    part = _HeaderPart({}, {}, None)
    for name, member in shape.members.items():
        key = member.serialization.get("name", name).lower()
        match member.serialization.get("location"):
            case "header":
                part.headers[name] = (key, header_writer(member))
            case "headers":
                part.prefixes[name] = key
            case "statusCode":
                part = part._replace(status=name)
    return part


def header_writer(member: Any) -> Callable[[Any], str]:
    """A writer of one header's value; timestamps are rfc822 unless the model says otherwise."""
    if member.type_name == "list":
        write_item = text_writer(member.member.type_name, "rfc822")
        return lambda value: ",".join(_quoted(write_item(item)) for item in value)
    if member.serialization.get("jsonvalue"):
        return lambda value: blob_to_text(orjson.dumps(value))
    return text_writer(member.type_name, member.serialization.get("timestampFormat", "rfc822"))


def _quoted(item: str) -> str:
    if "," not in item and '"' not in item:
        return item
    return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _raw_payload(shape: Any) -> str | None:
    payload: str | None = shape.serialization.get("payload")
    if payload is None:
        return None
    member = shape.members[payload]
    if member.type_name in ("blob", "string") or member.serialization.get("eventstream"):
        return payload
    return None


def _body(shape: Any, *, xml: XmlBody | None, writers: TreeWriters) -> WriteBody | None:
    payload = shape.serialization.get("payload")
    if payload is None and all(one.serialization.get("location") for one in shape.members.values()):
        return None if xml else lambda _: b""
    if xml is not None:
        return _xml_payload(shape, payload, xml) if payload else _xml_body(shape, xml)
    if payload is None:
        write_object = structure_writer(writers.members(shape))
        return lambda result: json_body.dumps(write_object(result))
    write_value = writers.writer(shape.members[payload])

    def write(result: dict[str, Any]) -> bytes:
        value = result.get(payload)
        if value is None:
            return b"{}"
        return json_body.dumps(write_value(value) if write_value else value)

    return write


def _xml_payload(shape: Any, payload: str, xml: XmlBody) -> WriteBody:
    member = shape.members[payload]
    write = XmlWriters().writer(member, xml.root, xml.namespace)

    def write_payload(result: dict[str, Any]) -> bytes:
        value = result.get(payload)
        if value is None:
            return b""
        text = [XML_PROLOGUE]
        write(text.append, value)
        return "".join(text).encode("utf-8", "replace")

    return write_payload


def _xml_body(shape: Any, xml: XmlBody) -> WriteBody:
    writers = XmlWriters()
    only = next(iter(shape.members))
    if xml.unwrapped:
        write = writers.writer(shape.members[only], xml.root, xml.namespace)
    else:
        write = writers.writer(shape, xml.root, xml.namespace)

    def write_body(result: dict[str, Any]) -> bytes:
        text = [XML_PROLOGUE]
        value = result.get(only) if xml.unwrapped else result
        write(text.append, "" if value is None else value)
        return "".join(text).encode("utf-8", "replace")

    return write_body
