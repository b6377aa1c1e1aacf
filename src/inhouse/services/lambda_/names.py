"""How requests name functions and layers, and which ARN they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

LATEST = "$LATEST"
_FUNCTION = re.compile(
    r"(?:arn:aws:lambda:)?"
    r"(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?"
    r"(?:(?P<account>\d{12}):)?"
    r"(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]{1,64})"
    r"(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)
_LAYER = re.compile(
    r"arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):layer:(?P<name>[A-Za-z0-9_-]{1,140})"
    r"(?::(?P<version>\d{1,18}))?"
)
_LAYER_NAME = re.compile(r"[A-Za-z0-9_-]{1,140}")


@dataclass(frozen=True, slots=True)
class Function:
    """A function by owner, region and name."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def at(self) -> dict[str, str]:
        """Its place as statement parameters."""
        return {"of_account": self.account, "of_region": self.region, "of_name": self.name}


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, or with `version` one version of it."""

    account: str
    region: str
    name: str
    version: int | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.name}"

    @property
    def version_arn(self) -> str:
        return f"{self.arn}:{self.version}"

    @property
    def at(self) -> dict[str, Any]:
        return {"of_account": self.account, "of_region": self.region, "of_name": self.name}


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", message, status=400)


def function(call: Call, text: str, qualifier: str | None = None) -> Function:
    """The function that a name, a partial ARN or an ARN means.

    Raises InvalidParameterValueException for what is neither, ResourceNotFoundException for a
    version or alias: there is `$LATEST` alone.
    """
    found = _FUNCTION.fullmatch(text)
    if found is None or len(text) > 170:
        raise invalid(
            f"FunctionName: {text[:200]!r} is not a function's name (letters, digits, - and _, at "
            "most 64), a partial ARN (123456789012:function:name) or an ARN."
        )
    inside = found["qualifier"]
    if inside and qualifier and inside != qualifier:
        raise invalid(
            f"The qualifier {qualifier!r} and the one in the function's name, {inside!r}, differ; "
            "give one of them."
        )
    chosen = Function(
        found["account"] or call.account, found["region"] or call.region, found["name"]
    )
    wanted = qualifier or inside
    if wanted and wanted != LATEST:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Function not found: {chosen.arn}:{wanted}. Only {LATEST} exists.",
            status=404,
        )
    if chosen.region != call.region:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Functions from {chosen.region!r} are not reachable in this region ({call.region!r}).",
            status=404,
        )
    return chosen


def of(call: Call, req: Mapping[str, Any]) -> Function:
    return function(call, req["FunctionName"], req.get("Qualifier"))


def of_function(call: Call, req: Mapping[str, Any]) -> str:
    """The function that a request names."""
    return of(call, req).arn


def missing(chosen: Function) -> ServiceError:
    return ServiceError(
        "ResourceNotFoundException", f"Function not found: {chosen.arn}", status=404, Type="User"
    )


def layer(call: Call, req: Mapping[str, Any]) -> Layer:
    """The layer version that LayerName (a name or an ARN) and VersionNumber mean."""
    text, version = req["LayerName"], req.get("VersionNumber")
    found = _LAYER.fullmatch(text)
    if found:
        return Layer(found["account"], found["region"], found["name"], version)
    if not _LAYER_NAME.fullmatch(text):
        raise invalid(
            f"LayerName: {text[:200]!r} is neither a layer's name (letters, digits, - and _, at "
            "most 140) nor its ARN."
        )
    return Layer(call.account, call.region, text, version)


def layer_version(arn: str) -> Layer:
    """The layer version of an ARN. Raises InvalidParameterValueException."""
    found = _LAYER.fullmatch(arn)
    if found is None or found["version"] is None:
        raise invalid(
            f"{arn[:200]!r} is not a layer version's ARN; one reads "
            "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION."
        )
    return Layer(found["account"], found["region"], found["name"], int(found["version"]))


def of_layer(call: Call, req: Mapping[str, Any]) -> str:
    return layer(call, req).arn


def of_layer_version(call: Call, req: Mapping[str, Any]) -> str:
    return layer(call, req).version_arn


def of_layer_arn(call: Call, req: Mapping[str, Any]) -> str:
    return layer_version(req["Arn"]).version_arn


def of_tagged(call: Call, req: Mapping[str, Any]) -> str:
    """The function that `Resource` of a tagging request names."""
    return tagged(call, req).arn


def tagged(call: Call, req: Mapping[str, Any]) -> Function:
    arn = req["Resource"]
    if not arn.startswith("arn:aws:lambda:"):
        raise invalid(f"Resource: {arn[:200]!r} is not the ARN of a function.")
    return function(call, arn)
