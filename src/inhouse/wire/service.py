"""One service on the wire: its operations and errors, compiled as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.wire import models
from inhouse.wire.malformed import malformed_xml
from inhouse.wire.operation import OperationWire
from inhouse.wire.protocols.cbor import cbor_readers, cbor_writers
from inhouse.wire.protocols.json import json_readers, json_writers
from inhouse.wire.protocols.query_in import QueryReaders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.wire.malformed import Malformed
    from inhouse.wire.protocol import Protocol

#: What a service answers to a request that cannot be read, unless its patch file says otherwise.
_CODES: dict[str, dict[str, str]] = {
    "json": {
        "missing": "ValidationException",
        "malformed": "SerializationException",
        "denied": "AccessDeniedException",
        "unknown": "UnknownOperationException",
    },
    "query": {
        "missing": "MissingParameter",
        "malformed": "MalformedInput",
        "denied": "AccessDenied",
        "unknown": "InvalidAction",
    },
    "rest-xml": {
        "missing": "InvalidArgument",
        "malformed": "InvalidArgument",
        "malformed body": "MalformedXML",
        "denied": "AccessDenied",
        "unknown": "MethodNotAllowed",
    },
}


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """One error of a service: its shape, the code query and XML clients see, its status."""

    shape: Any
    code: str
    status: int | None
    fault: str


class ServiceWire:
    """A service by botocore's name. The model is read when an operation is first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.facts = models.facts(name)
        self.patches = models.patches(name)
        self.json_readers = json_readers()
        self.json_writers = json_writers()
        self.cbor_readers = cbor_readers()
        self.cbor_writers = cbor_writers()
        self.query_readers = QueryReaders()
        self._operations: dict[str, OperationWire] = {}

    @cached_property
    def operation_names(self) -> frozenset[str]:
        """The operations of the model."""
        return frozenset(models.model(self.name).operation_names)

    def operation(self, name: str) -> OperationWire:
        """An operation by its name. Raises KeyError when the model has none."""
        operation = self._operations.get(name)
        if operation is None:
            if name not in self.operation_names:
                raise KeyError(name)
            operation = self._operations[name] = OperationWire(self, name)
        return operation

    @cached_property
    def errors(self) -> Mapping[str, ErrorFacts]:
        """Errors by the name of their shape and by their code; the shape's name goes first."""
        by_code: dict[str, ErrorFacts] = {}
        by_shape: dict[str, ErrorFacts] = {}
        query_codes: dict[str, Any] = self.patches.get("queryCodes", {})
        for shape in models.model(self.name).error_shapes:
            error = shape.metadata.get("error", {})
            patch = query_codes.get(shape.name, {})
            server = shape.metadata.get("fault") or not error.get("senderFault", True)
            found = ErrorFacts(
                shape=shape,
                code=patch.get("code") or error.get("code") or shape.name,
                status=patch.get("status")
                or error.get("httpStatusCode")
                or (500 if shape.metadata.get("fault") else None),
                fault="Receiver" if server else "Sender",
            )
            by_shape[shape.name] = found
            by_code.setdefault(found.code, found)
        return by_code | by_shape

    def code(self, protocol: Protocol | None, kind: str) -> str:
        """The code for a `missing`, `malformed`, `denied` or `unknown` thing, as the service
        has it."""
        defaults = _CODES.get(protocol or "json", _CODES["json"])
        own: dict[str, str] = self.patches.get("codes", {})
        return own.get(kind) or defaults.get(kind) or self.code(protocol, kind.partition(" ")[0])

    def complaint(self, protocol: Protocol, operation: str, problem: Malformed) -> ServiceError:
        """The error for a request that cannot be read."""
        kind = "missing" if problem.missing else "malformed"
        code = self.code(protocol, f"{kind} body" if problem.in_body else kind)
        if problem.missing and problem.in_body and protocol == "rest-xml":
            code = self.code(protocol, "malformed body")
        where = problem.member or "The request"
        if code == "MalformedXML":
            return malformed_xml(f"{operation}: {where} {_said(problem.reason)}")
        return ServiceError(code, f"{operation}: {where} {_said(problem.reason)}.", status=400)


def _said(reason: str) -> str:
    return reason if reason.startswith(("is ", "nests ")) else f"cannot be read: {reason}"
