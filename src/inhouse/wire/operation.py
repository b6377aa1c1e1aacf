"""One operation on the wire: its parse and serialize closures, compiled on first use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.wire import models
from inhouse.wire.http import HttpResponse
from inhouse.wire.malformed import Malformed
from inhouse.wire.protocols import cbor, json
from inhouse.wire.protocols.query_in import tree
from inhouse.wire.protocols.query_out import compile_query_output
from inhouse.wire.protocols.rest_in import compile_rest_input
from inhouse.wire.protocols.rest_out import XmlBody, compile_rest_output

if TYPE_CHECKING:
    from collections.abc import Callable

    from inhouse.wire.http import HttpRequest
    from inhouse.wire.protocol import Protocol
    from inhouse.wire.router import Target
    from inhouse.wire.service import ServiceWire

    Parse = Callable[[Target, HttpRequest], dict[str, Any]]
    Serialize = Callable[[dict[str, Any], str], HttpResponse]


@dataclass(frozen=True, slots=True)
class ChecksumFacts:
    """The `httpChecksum` trait: names are members of the input."""

    required: bool = False
    algorithm_member: str | None = None
    validation_member: str | None = None
    response_algorithms: tuple[str, ...] = ()


class OperationWire:
    """An operation of a service, for every protocol the service speaks.

    `streams_in`: the request's payload member (named by `payload_in`) is raw bytes, left out by
    `parse` and added by the gateway. `streams_out`: the result's payload (`payload_out`) is raw
    and may be bytes or an async iterator of bytes. `event_stream` tells that an event stream is
    involved, in either direction. `unsigned_payload`: clients need not sign the body.
    """

    def __init__(self, service: ServiceWire, name: str) -> None:
        model: Any = models.model(service.name).operation_model(name)
        self.service = service.name
        self.name = name
        self.input_shape: Any = model.input_shape
        self.output_shape: Any = model.output_shape
        successes: dict[str, int] = service.patches.get("successes", {})
        self.status = successes.get(name) or int(model.http.get("responseCode", 200))
        payload_in = _raw_payload(self.input_shape)
        self.payload_in: str | None = payload_in
        self.payload_out: str | None = _raw_payload(self.output_shape)
        self.streams_in: bool = payload_in is not None and bool(
            self.input_shape.members[payload_in].serialization.get("streaming")
        )
        self.streams_out: bool = self.payload_out is not None
        self.event_stream: bool = model.has_event_stream_input or model.has_event_stream_output
        self.unsigned_payload: bool = bool(model.auth_type == "v4-unsigned-body")
        self.checksum = _checksum_facts(model)
        self.owner = service
        self._parsers: dict[Protocol, Parse] = {}
        self._serializers: dict[Protocol, Serialize] = {}

    def __repr__(self) -> str:
        return f"<{self.service}:{self.name}>"

    def parse(self, target: Target, request: HttpRequest) -> dict[str, Any]:
        """The boto3-shaped request. `request.body` must be set unless `streams_in`.

        Raises `ServiceError` (4xx) naming the member that is missing or malformed.
        """
        protocol = target.protocol
        parse = self._parsers.get(protocol)
        if parse is None:
            parse = self._parsers[protocol] = self._compile_parser(protocol)
        try:
            return parse(target, request)
        except Malformed as problem:
            raise self.owner.complaint(protocol, self.name, problem) from None
        except RecursionError:
            too_deep = Malformed("nests too deep")
            raise self.owner.complaint(protocol, self.name, too_deep) from None

    def serialize(self, target: Target, result: dict[str, Any], request_id: str) -> HttpResponse:
        """The answer to a request that went well; members the model lacks are left out."""
        protocol = target.protocol
        serialize = self._serializers.get(protocol)
        if serialize is None:
            serialize = self._serializers[protocol] = self._compile_serializer(protocol)
        return serialize(result, request_id)

    def _compile_parser(self, protocol: Protocol) -> Parse:
        owner, shape = self.owner, self.input_shape
        if shape is None:
            return lambda target, request: {}
        if protocol == "json":
            read_json = owner.json_readers.reader(shape)
            return lambda target, request: read_json(json.loads(request.content()))
        if protocol == "cbor":
            read_cbor = owner.cbor_readers.reader(shape)
            return lambda target, request: read_cbor(cbor.loads(request.content()))
        if protocol == "query":
            return self._query_parser()
        read_rest = compile_rest_input(
            shape, xml=protocol == "rest-xml", readers=owner.json_readers
        )
        return lambda target, request: read_rest(request, target.labels)

    def _query_parser(self) -> Parse:
        named: Any = models.query_model(self.service).operation_model(self.name).input_shape
        read_form = self.owner.query_readers.reader(named)
        in_path: str | None = self.owner.patches.get("memberInPath")
        if in_path is None or in_path not in named.members:
            return lambda target, request: read_form(tree(target.form or ()))

        def parse(target: Target, request: HttpRequest) -> dict[str, Any]:
            fields = tree(target.form or ())
            if in_path not in fields and target.path.strip("/"):
                # Old clients of SQS send queries to the queue itself.
                host = request.headers.get("host", "")
                fields[in_path] = f"{request.scheme}://{host}{target.path}"
            found: dict[str, Any] = read_form(fields)
            return found

        return parse

    def _compile_serializer(self, protocol: Protocol) -> Serialize:
        owner, shape = self.owner, self.output_shape
        if protocol == "json":
            return self._json_serializer()
        if protocol == "cbor":
            return self._cbor_serializer()
        if protocol == "query":
            named = models.query_model(self.service).operation_model(self.name).output_shape
            return compile_query_output(self.name, named, owner.facts.xml_namespace)
        xml = self._xml_body() if protocol == "rest-xml" else None
        return compile_rest_output(
            shape,
            self.status,
            xml=xml,
            writers=owner.json_writers,
            id_header="x-amz-request-id" if self.service == "s3" else "x-amzn-requestid",
        )

    def _json_serializer(self) -> Serialize:
        write = self.owner.json_writers.writer(self.output_shape) if self.output_shape else None
        content_type = f"application/x-amz-json-{self.owner.facts.json_version}"

        def serialize(result: dict[str, Any], request_id: str) -> HttpResponse:
            return HttpResponse(
                200,
                [("content-type", content_type), ("x-amzn-requestid", request_id)],
                json.dumps(write(result)) if write else b"{}",
            )

        return serialize

    def _cbor_serializer(self) -> Serialize:
        write = self.owner.cbor_writers.writer(self.output_shape) if self.output_shape else None

        def serialize(result: dict[str, Any], request_id: str) -> HttpResponse:
            headers = [("smithy-protocol", "rpc-v2-cbor"), ("x-amzn-requestid", request_id)]
            if write is None:
                return HttpResponse(200, headers)
            headers.append(("content-type", "application/cbor"))
            return HttpResponse(200, headers, cbor.dumps(write(result)))

        return serialize

    def _xml_body(self) -> XmlBody:
        patches = self.owner.patches
        root: str | None = patches.get("roots", {}).get(self.name)
        shape = self.output_shape
        if root is None and shape is not None:
            payload = shape.serialization.get("payload")
            named = shape.members[payload] if payload else shape
            root = named.serialization.get("name") or named.name
        return XmlBody(
            root=root or f"{self.name}Result",
            namespace=self.owner.facts.xml_namespace,
            unwrapped=self.name in patches.get("unwrapped", ()),
        )


def _raw_payload(shape: Any) -> str | None:
    """The payload member that is bytes or text as it stands, if there is one."""
    payload: str | None = shape.serialization.get("payload") if shape is not None else None
    if payload and shape.members[payload].type_name in ("blob", "string"):
        return payload
    return None


def _checksum_facts(model: Any) -> ChecksumFacts:
    trait = model.http_checksum or {}
    return ChecksumFacts(
        required=bool(trait.get("requestChecksumRequired") or model.http_checksum_required),
        algorithm_member=trait.get("requestAlgorithmMember"),
        validation_member=trait.get("requestValidationModeMember"),
        response_algorithms=tuple(trait.get("responseAlgorithms", ())),
    )
