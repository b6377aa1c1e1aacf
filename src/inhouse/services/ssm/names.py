"""Names of parameters: what is legal, and what a request's name stands for.

https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

LEVELS = 15
LENGTH = 1011
_LEGAL = re.compile(r"[a-zA-Z0-9_.\-/]+").fullmatch
_RESERVED = re.compile(r"/?(aws|ssm)", re.IGNORECASE).match

_PLAIN = 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'
_PATH = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can '
    "consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, "
    "numbers and the following 3 symbols .-_"
)


def check(name: str) -> None:
    """Raises ValidationException, or the code for deep hierarchies, for a name none may have."""
    if "/" in name and not name.startswith("/"):
        raise ServiceError(
            "ValidationException",
            f"Parameter name must be a fully qualified name: {name[:80]!r} has to start with /.",
        )
    if not _LEGAL(name) or len(name) > LENGTH:
        raise ServiceError(
            "ValidationException",
            f"Parameter name {name[:80]!r}: use letters, digits and _.-/ only, at most {LENGTH} "
            "characters.",
        )
    if name.lower().startswith("/aws") and name.count("/") > 1:
        raise ServiceError(
            "AccessDeniedException", f"No access to reserved parameter name: {name}.", status=400
        )
    if _RESERVED(name):
        raise ServiceError("ValidationException", _PATH if name.startswith("/") else _PLAIN)
    if name.count("/") > LEVELS:
        raise ServiceError(
            "HierarchyLevelLimitExceededException",
            f"A hierarchy can have {LEVELS} levels; {name[:80]!r} has {name.count('/')}.",
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """A name as requests give it: plain or ARN, with `:version` or `:label` behind it."""

    account: str
    region: str
    name: str
    suffix: str
    """`:3`, `:label` or empty, as given."""

    @property
    def version(self) -> int | None:
        return int(self.suffix[1:]) if self.suffix[1:].isdigit() else None

    @property
    def label(self) -> str | None:
        return self.suffix[1:] if self.suffix and self.version is None else None


def select(call: Call, text: str) -> Selector:
    """What `text` names for this caller. Raises ValidationException when it is no name."""
    account, region, name = call.account, call.region, text
    if text.startswith("arn:"):
        try:
            arn = Arn.parse(text)
        except ValueError as error:
            raise ServiceError("ValidationException", f"Parameter name: {error}.") from None
        account, region = arn.account, arn.region
        name = arn.resource.removeprefix("parameter")
        if "/" not in name[1:].partition(":")[0]:
            name = name.removeprefix("/")
    name, colon, suffix = name.partition(":")
    return Selector(account, region, name, colon + suffix)


def arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"


def of_name(call: Call, req: Mapping[str, Any]) -> str:
    """The ARN of the parameter in `Name`."""
    chosen = select(call, req["Name"])
    return arn(chosen.account, chosen.region, chosen.name)


def of_names(call: Call, req: Mapping[str, Any]) -> list[str]:
    """The ARNs of the parameters in `Names`."""
    return [of_name(call, {"Name": name}) for name in req["Names"]]


def of_path(call: Call, req: Mapping[str, Any]) -> str:
    """The ARN of the hierarchy in `Path`, as GetParametersByPath is authorized."""
    return arn(call.account, call.region, req["Path"])


def of_resource(call: Call, req: Mapping[str, Any]) -> str:
    """The ARN of the parameter in `ResourceId`."""
    return of_name(call, {"Name": req["ResourceId"]})


def everything(call: Call, req: Mapping[str, Any]) -> str:
    """The ARN that stands for all of an account's parameters."""
    return f"arn:aws:ssm:{call.region}:{call.account}:*"
