"""botocore's service models, read through a loader of our own.

A private loader, because botocore's clients change the models they share.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.loaders import Loader
from botocore.model import ServiceModel

if TYPE_CHECKING:
    from inhouse.wire.protocol import Protocol

_SPOKEN: dict[str, Protocol] = {
    "query": "query",
    "json": "json",
    "rest-json": "rest-json",
    "rest-xml": "rest-xml",
    "smithy-rpc-v2-cbor": "cbor",
}
_METADATA = re.compile(rb'"metadata"\s*:\s*')
_HEAD_BYTES = 8192

_loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What routing needs to know about a service, read without parsing its model."""

    name: str
    protocols: tuple[Protocol, ...]
    target_prefix: str | None
    full_name: str
    signing_name: str
    api_version: str
    json_version: str
    xml_namespace: str
    query_compatible: bool

    @property
    def rest(self) -> Protocol | None:
        """The REST protocol of the service, if it has one."""
        return next((one for one in self.protocols if one.startswith("rest")), None)


@cache
def patches(name: str) -> dict[str, Any]:
    """The patch file of a service (or `common`), empty when there is none."""
    source = files("inhouse.wire") / "patches" / f"{name}.json"
    if not source.is_file():
        return {}
    return cast("dict[str, Any]", json.loads(source.read_text("utf-8")))


@cache
def facts(name: str) -> ServiceFacts:
    """The facts of a service by botocore's name. Raises botocore's `UnknownServiceError`."""
    metadata = _metadata(name)
    spoken = patches(name).get("protocols") or metadata.get("protocols") or [metadata["protocol"]]
    return ServiceFacts(
        name=name,
        protocols=tuple(_SPOKEN[one] for one in spoken if one in _SPOKEN),
        target_prefix=metadata.get("targetPrefix"),
        full_name=metadata["serviceFullName"],
        signing_name=metadata.get("signingName") or metadata["endpointPrefix"],
        api_version=metadata["apiVersion"],
        json_version=metadata.get("jsonVersion", "1.0"),
        xml_namespace=patches(name).get("xmlNamespace") or _uri(metadata.get("xmlNamespace")),
        query_compatible="awsQueryCompatible" in metadata,
    )


@cache
def model(name: str) -> ServiceModel:
    """The whole model of a service, with the shapes that its patch file has otherwise."""
    raw, changes = _raw(name), patches(name).get("shapes")
    if changes:
        raw = {**raw, "shapes": {**raw["shapes"], **changes}}
    return ServiceModel(raw, name)


@cache
def query_model(name: str) -> ServiceModel:
    """The model with the names the query protocol uses, where they differ from JSON's."""
    changes = patches(name).get("queryShapes")
    if not changes:
        return model(name)
    raw = copy.deepcopy(dict(_raw(name)))
    for shape_name, change in changes.items():
        _merge(raw["shapes"][shape_name], change)
    for operation_name, operation in raw["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{operation_name}Result"
    return ServiceModel(raw, name)


def _raw(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", _loader.load_service_model(name, "service-2"))


def _metadata(name: str) -> dict[str, Any]:
    """The `metadata` object, which stands first in every model file: a tenth of a millisecond.

    Parsing whole models to route a request would cost start-up a second.
    """
    version = _loader.determine_latest_version(name, "service-2")
    for folder in _loader.search_paths:
        for suffix, opener in ((".json.gz", gzip.open), (".json", open)):
            path = Path(folder) / name / version / f"service-2{suffix}"
            if path.is_file():
                with opener(path, "rb") as stream:
                    head = stream.read(_HEAD_BYTES)
                found = _METADATA.search(head)
                if found is None:
                    break
                text = head[found.end() :].decode("utf-8", "ignore")
                return cast("dict[str, Any]", json.JSONDecoder().raw_decode(text)[0])
    return cast("dict[str, Any]", _raw(name)["metadata"])


def _uri(namespace: Any) -> str:
    if isinstance(namespace, dict):
        return str(namespace.get("uri", ""))
    return namespace or ""


def _merge(into: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
