"""Errors in the protocol at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.wire import models
from inhouse.wire.guess import guess_protocol
from inhouse.wire.http import HttpResponse
from inhouse.wire.protocols import cbor, json
from inhouse.wire.protocols.rest_out import XML_PROLOGUE, header_safe, header_writer
from inhouse.wire.protocols.xml_out import escape

if TYPE_CHECKING:
    from inhouse.wire.http import HttpRequest
    from inhouse.wire.protocol import Protocol
    from inhouse.wire.router import Target
    from inhouse.wire.service import ErrorFacts, ServiceWire


def access_denied(target: Target | None, message: str) -> ServiceError:
    """The refusal of an authenticated or anonymous caller, with the service's own code."""
    if target is None:
        return ServiceError("AccessDenied", message, status=403)
    code = target.operation.owner.code(target.protocol, "denied")
    return ServiceError(code, message)


def serialize_error(
    target: Target | None, request: HttpRequest, error: ServiceError, request_id: str
) -> HttpResponse:
    """The answer that tells a client of `error`; HEAD and 304 answers have no body.

    Without a target (routing failed) the protocol is guessed from the request's head.
    """
    owner = target.operation.owner if target is not None else None
    protocol = target.protocol if target is not None else guess_protocol(request)
    known = owner.errors.get(error.code) if owner is not None else None
    status = _status(owner, protocol, known, error)
    id_header = "x-amz-request-id" if _is_s3(owner, protocol) else "x-amzn-requestid"
    headers = [(name.lower(), header_safe(value)) for name, value in error.headers.items()]
    headers.append((id_header, request_id))
    if protocol in ("json", "rest-json", "cbor"):
        body = _object(owner, protocol, known, error, headers, status)
    elif _is_s3(owner, protocol):
        body = _s3_xml(error, known, request_id)
        headers.append(("content-type", "application/xml"))
    else:
        body = _error_response_xml(owner, error, known, status, request_id)
        headers.append(("content-type", "text/xml"))
    if request.method == "HEAD" or status in (204, 304):
        headers = [one for one in headers if one[0] != "content-type"]
        body = b""
    return HttpResponse(status, headers, body)


def _is_s3(owner: ServiceWire | None, protocol: Protocol) -> bool:
    return protocol == "rest-xml" and (owner is None or owner.name == "s3")


def _status(
    owner: ServiceWire | None, protocol: Protocol, known: ErrorFacts | None, error: ServiceError
) -> int:
    if error.status is not None:
        return error.status
    if known is not None and known.status is not None:
        return known.status
    common = models.patches("common")
    tables = [common["statuses"]]
    if protocol == "rest-json":
        tables.insert(0, common["restJsonStatuses"])
    if owner is not None:
        tables.insert(0, owner.patches.get("statuses", {}))
    elif protocol == "rest-xml":
        tables.insert(0, models.patches("s3")["statuses"])
    return next((int(table[error.code]) for table in tables if error.code in table), 400)


def _object(
    owner: ServiceWire | None,
    protocol: Protocol,
    known: ErrorFacts | None,
    error: ServiceError,
    headers: list[tuple[str, str]],
    status: int,
) -> bytes:
    """The body for JSON and CBOR; what belongs there is added to `headers`."""
    name = known.shape.name if known is not None else error.code
    body: dict[str, Any] = {"__type": name}
    fields = {key: value for key, value in error.fields.items() if value is not None}
    message_key = "message"
    if owner is not None and known is not None:
        members = known.shape.members
        message_key = next((key for key in members if key.lower() == "message"), "message")
        if "Type" in members and owner.name == "lambda":
            fields.setdefault("Type", "User" if status < 500 else "Service")
        for key in [key for key in fields if key in members]:
            member = members[key]
            if member.serialization.get("location") == "header":
                text = header_writer(member)(fields.pop(key))
                headers.append((member.serialization.get("name", key).lower(), header_safe(text)))
        writers = owner.cbor_writers if protocol == "cbor" else owner.json_writers
        write = writers.writer(known.shape)
        if write is not None:
            body |= write({key: value for key, value in fields.items() if key in members})
        fields = {key: value for key, value in fields.items() if key not in members}
    body |= fields
    body[message_key] = error.message
    headers.append(("x-amzn-errortype", header_safe(name)))
    if owner is not None and owner.facts.query_compatible:
        code = known.code if known is not None else error.code
        fault = "Sender" if status < 500 else "Receiver"
        headers.append(("x-amzn-query-error", header_safe(f"{code};{fault}")))
    if protocol == "cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
        headers.append(("content-type", "application/cbor"))
        return cbor.dumps(body)
    version = owner.facts.json_version if owner is not None else "1.1"
    form = f"application/x-amz-json-{version}" if protocol == "json" else "application/json"
    headers.append(("content-type", form))
    return json.dumps(body)


def _s3_xml(error: ServiceError, known: ErrorFacts | None, request_id: str) -> bytes:
    code = known.code if known is not None else error.code
    return (
        f"{XML_PROLOGUE}<Error><Code>{escape(code)}</Code>"
        f"<Message>{escape(error.message)}</Message>{_fields(error)}"
        f"<RequestId>{request_id}</RequestId><HostId>inhouse</HostId></Error>"
    ).encode("utf-8", "replace")


def _error_response_xml(
    owner: ServiceWire | None,
    error: ServiceError,
    known: ErrorFacts | None,
    status: int,
    request_id: str,
) -> bytes:
    """The body query services and S3 Control share."""
    namespace = owner.facts.xml_namespace if owner is not None else ""
    declaration = f' xmlns="{namespace}"' if namespace else ""
    code = known.code if known is not None else error.code
    fault = "Sender" if status < 500 else "Receiver"
    return (
        f"<ErrorResponse{declaration}><Error><Type>{fault}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(error.message)}</Message>{_fields(error)}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode("utf-8", "replace")


def _fields(error: ServiceError) -> str:
    return "".join(
        f"<{key}>{escape(str(value))}</{key}>"
        for key, value in error.fields.items()
        if value is not None
    )
