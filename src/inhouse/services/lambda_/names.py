"""How requests name functions and layers, and which ARN they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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
    r"(?P<name>[A-Za-z0-9_-]{1,140})"
    r"(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_-]+))?"
)
_ARN = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[$A-Za-z0-9_-]+)?")
_QUALIFIER = re.compile(r"\$LATEST|[A-Za-z0-9_-]{1,128}")
_LAYER = re.compile(
    r"arn:aws:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):layer:(?P<name>[A-Za-z0-9_-]{1,140})"
    r"(?::(?P<version>\d{1,18}))?"
)
_NAME = 64
_LAYER_NAME = re.compile(r"[A-Za-z0-9_-]{1,140}")


@dataclass(frozen=True, slots=True)
class Function:
    """A function by owner, region and name, or with `qualifier` a version or alias of it."""

    account: str
    region: str
    name: str
    qualifier: str = ""

    @property
    def arn(self) -> str:
        """The function's own ARN, whatever the qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn

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


def invalid(message: str, detail: str | None = None) -> ServiceError:
    """Where `message` is AWS's sentence, `detail` says in the body what would be right."""
    return ServiceError("InvalidParameterValueException", message, status=400, Detail=detail)


def unfit(text: str, member: str, what: str) -> ServiceError:
    """What AWS answers where a value is not even of the form that its member has."""
    return ServiceError(
        "ValidationException",
        f"1 validation error detected: Value '{text[:200]}' at '{member}' failed to satisfy "
        f"constraint: Member must be {what}",
        status=400,
    )


def function(call: Call, text: str, qualifier: str | None = None) -> Function:
    """The function, version or alias that a name, a partial ARN or an ARN means.

    Raises ValidationException for what is neither, InvalidParameterValueException for two
    qualifiers, ResourceNotFoundException for another region.
    """
    found = _FUNCTION.fullmatch(text)
    if found is None or len(text) > 256:
        raise unfit(
            text,
            "functionName",
            f"a function's name (letters, digits, - and _, at most {_NAME}), a partial ARN "
            "(123456789012:function:name) or an ARN",
        )
    inside = found["qualifier"]
    if inside and qualifier and inside != qualifier:
        raise invalid(
            "The derived qualifier from the function name does not match the specified qualifier: "
            f"{inside!r} and {qualifier!r}; give one of them."
        )
    wanted = qualifier or inside or ""
    if wanted and not _QUALIFIER.fullmatch(wanted):
        raise unfit(wanted, "qualifier", "$LATEST, a version's number or an alias's name")
    chosen = Function(
        found["account"] or call.account, found["region"] or call.region, found["name"], wanted
    )
    if chosen.region != call.region:
        raise ServiceError(
            "ResourceNotFoundException",
            f"Functions from {chosen.region!r} are not reachable in this region ({call.region!r}).",
            status=404,
        )
    return chosen


def qualified(call: Call, req: Mapping[str, Any]) -> Function:
    """The function, version or alias that a request names."""
    return function(call, req["FunctionName"], req.get("Qualifier"))


def of(call: Call, req: Mapping[str, Any]) -> Function:
    """The function itself, for operations that know no versions and aliases."""
    return unqualified(qualified(call, req))


def new(call: Call, req: Mapping[str, Any]) -> Function:
    """The function that a request wants to make.

    Raises InvalidParameterValueException for a name that is too long, ValidationException for one
    with a qualifier.
    """
    chosen = qualified(call, req)
    if chosen.qualifier:
        raise unfit(req["FunctionName"], "functionName", "a function's name or ARN, unqualified")
    if len(chosen.name) > _NAME:
        raise invalid(
            f"1 validation error detected: Value '{chosen.name}' at 'functionName' failed to "
            f"satisfy constraint: Member must have length less than or equal to {_NAME}"
        )
    return chosen


def unqualified(chosen: Function) -> Function:
    """Raises InvalidParameterValueException when a version or alias is named."""
    if chosen.qualifier not in ("", LATEST):
        raise invalid(
            f"This operation is not permitted on versions and aliases: {chosen.qualified_arn}. Name "
            f"the function, {chosen.arn}."
        )
    return replace(chosen, qualifier="")


def of_function(call: Call, req: Mapping[str, Any]) -> str:
    """The function that a request names."""
    return qualified(call, req).arn


def of_qualified(call: Call, req: Mapping[str, Any]) -> str:
    """The function, or the version or alias, that a request names."""
    return qualified(call, req).qualified_arn


def missing(chosen: Function) -> ServiceError:
    return ServiceError(
        "ResourceNotFoundException",
        f"Function not found: {chosen.qualified_arn}",
        status=404,
        Type="User",
    )


def page(req: Mapping[str, Any], most: int) -> int:
    """MaxItems of a listing, `most` at the most."""
    return min(int(req.get("MaxItems", most)), most)


def layer(call: Call, req: Mapping[str, Any]) -> Layer:
    """The layer version that LayerName (a name or an ARN) and VersionNumber mean."""
    text, version = req["LayerName"], req.get("VersionNumber")
    if version is not None and version < 1:
        raise invalid(f"Layer Version Cannot be less than 1; it is {version}.")
    found = _LAYER.fullmatch(text)
    if found:
        return Layer(found["account"], found["region"], found["name"], version)
    if not _LAYER_NAME.fullmatch(text):
        raise unfit(
            text,
            "layerName",
            "a layer's name (letters, digits, - and _, at most 140) or its ARN",
        )
    return Layer(call.account, call.region, text, version)


def layer_version(arn: str) -> Layer:
    """The layer version of an ARN. Raises ValidationException."""
    found = _LAYER.fullmatch(arn)
    if found is None or found["version"] is None:
        raise unfit(
            arn,
            "arn",
            "a layer version's ARN: arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION",
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
    if not _ARN.fullmatch(arn):
        raise unfit(arn, "resource", "the ARN of a function")
    chosen = function(call, arn)
    if chosen.qualifier:
        raise invalid(
            "Tags on function aliases and versions are not supported. Please specify a function "
            f"ARN: {chosen.arn}."
        )
    return chosen
