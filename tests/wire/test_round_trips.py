"""Every operation of every service, both ways, against botocore."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

import pytest

from inhouse.wire.protocol import Protocol
from inhouse.wire.router import Target
from tests.wire.peer import SPOKEN, answer_of, peer_model, peer_operation, request_of, router
from tests.wire.samples import Samples

FULLNESS = (0.0, 0.3, 1.0)
#: botocore reads this answer with a handler of its client; it has a test of its own.
UNWRAPPED = "GetBucketLocation"


def scope_of(service: str) -> str:
    return router().services[service].facts.signing_name


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_requests_of_botocore_are_read_back(service: str, protocol: Protocol) -> None:
    hidden = router().services[service].patches.get("hiddenRoutes", ())
    for name in peer_model(service, protocol).operation_names:
        if name in hidden:
            continue
        shape = peer_operation(service, protocol, name).input_shape
        for fullness in FULLNESS:
            params = (
                Samples(f"{service}.{name}.{fullness}", fullness).structure(shape) if shape else {}
            )
            request = request_of(service, protocol, name, params)
            target = router().resolve(request, scope_of(service))
            assert target.service == service
            assert target.protocol == protocol
            operation = target.operation
            assert operation.name == name, (request.method, request.path, request.query)
            if operation.streams_in:
                assert operation.payload_in is not None
                assert params.pop(operation.payload_in, b"") == request.body
                request.body = None
            assert operation.parse(target, request) == as_read(service, params), (name, request)


def as_read(service: str, params: dict[str, Any]) -> dict[str, Any]:
    """Times that our patches read as the text they came as."""
    texts = router().services[service].patches.get("shapes", ())
    return {
        name: format_datetime(value, usegmt=True) if name in texts else value
        for name, value in params.items()
    }


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_answers_are_read_by_botocore(service: str, protocol: Protocol) -> None:
    hidden = router().services[service].patches.get("hiddenRoutes", ())
    for name in peer_model(service, protocol).operation_names:
        operation = router().operation(service, name)
        shape = peer_operation(service, protocol, name).output_shape
        if operation.event_stream or name == UNWRAPPED or name in hidden:
            continue
        target = Target(service, operation, protocol, {}, "/")
        for fullness in FULLNESS:
            result: dict[str, Any] = (
                Samples(f"{service}.{name}.{fullness}", fullness).structure(shape) if shape else {}
            )
            response = operation.serialize(target, result, "request-1")
            read = answer_of(service, protocol, name, response)
            metadata = read.pop("ResponseMetadata", {"RequestId": "request-1"})
            if shape is not None or protocol != "cbor":
                assert metadata["RequestId"] == "request-1"
            assert without_absent(read, result) == result, (name, response)


def without_absent(read: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """botocore adds the status and content type every answer has, and empty maps and bodies."""
    present = {"ContentType", "StatusCode", "Status"}
    return {
        key: value
        for key, value in read.items()
        if key in result or (key not in present and value not in ({}, b"", ""))
    }
