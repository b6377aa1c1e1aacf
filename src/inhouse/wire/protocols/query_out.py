"""Compile the output of query operations: one XML document with a result and the request id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.wire.http import HttpResponse
from inhouse.wire.protocols.xml_out import XmlWriters

if TYPE_CHECKING:
    from collections.abc import Callable


def compile_query_output(
    operation: str, shape: Any, namespace: str
) -> Callable[[dict[str, Any], str], HttpResponse]:
    """A serializer: result and request id to the answer."""
    root, wrapper = f"{operation}Response", f"{operation}Result"
    lookup = (XmlWriters().members(shape) if shape is not None else {}).get
    start = f'<?xml version="1.0"?>\n<{root} xmlns="{namespace}">'
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper") or wrapper
        start += f"<{wrapper}>"
    middle = f"</{wrapper}>" if shape is not None else ""
    middle += "<ResponseMetadata><RequestId>"
    end = f"</RequestId></ResponseMetadata></{root}>"

    def serialize(result: dict[str, Any], request_id: str) -> HttpResponse:
        text = [start]
        append = text.append
        for name, value in result.items():
            write = lookup(name)
            if write is not None and value is not None:
                write(append, value)
        append(middle)
        append(request_id)
        append(end)
        return HttpResponse(
            200,
            [("content-type", "text/xml"), ("x-amzn-requestid", request_id)],
            "".join(text).encode("utf-8", "replace"),
        )

    return serialize
