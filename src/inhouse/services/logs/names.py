"""How requests name log groups and streams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_ARN = re.compile(r"arn:aws:logs:([a-z0-9-]+):(\d{12}):log-group:([.\-_/#A-Za-z0-9]{1,512})(:\*)?")
_STREAM = re.compile(r"[^:*]{1,512}")


@dataclass(frozen=True, slots=True)
class Group:
    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.name}"


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message, status=400)


def group(call: Call, req: Mapping[str, Any]) -> Group:
    """The group of `logGroupName`, or of `logGroupIdentifier`, a name or an ARN."""
    text = req.get("logGroupName") or req.get("logGroupIdentifier") or ""
    found = _ARN.fullmatch(text)
    if found and "logGroupIdentifier" in req:
        return Group(found[2], found[1], found[3])
    if not _GROUP.fullmatch(text):
        raise invalid(
            f"logGroupName: {text[:200]!r} is not a log group's name; letters, digits and ./_-# "
            "are allowed, at most 512."
        )
    return Group(call.account, call.region, text)


def stream(req: Mapping[str, Any]) -> str:
    name = req["logStreamName"]
    if not _STREAM.fullmatch(name):
        raise invalid(
            f"logStreamName: {name[:200]!r} is not a log stream's name; it has 1 to 512 characters "
            "without : and *."
        )
    return str(name)


def of_group(call: Call, req: Mapping[str, Any]) -> str:
    return f"{group(call, req).arn}:*"


def of_stream(call: Call, req: Mapping[str, Any]) -> str:
    return f"{group(call, req).arn}:log-stream:{stream(req)}"


def of_all_groups(call: Call, req: Mapping[str, Any]) -> str:
    return f"arn:aws:logs:{call.region}:{call.account}:log-group::log-stream"


def missing(what: str) -> ServiceError:
    return ServiceError(
        "ResourceNotFoundException", f"The specified log {what} does not exist.", status=400
    )
