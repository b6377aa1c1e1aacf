"""Versions: a function's code and settings as they were, for good.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.lambda_ import configuration, names, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx
    from inhouse.services.lambda_.names import Function

PAGE = 50
_SETTINGS = (
    "runtime", "role", "handler", "timeout", "memory", "scratch", "environment", "layers",
    "architectures", "dead_letter", "tracing", "logging", "code_sha256",
)  # fmt: skip
"""A new version is made only when one of these has changed."""
_COPIED = (*_SETTINGS, "code_blob", "code_size", "modified")


class Versions:
    """PublishVersion, ListVersionsByFunction."""

    @writes("lambda:PublishVersion", names.of_function)
    def publish_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        row = rows.function(call.tx, chosen)
        if row is None:
            raise names.missing(chosen)
        check_revision(row, req)
        wanted = req.get("CodeSha256")
        if wanted and wanted != row["code_sha256"]:
            raise names.invalid(
                f"CodeSHA256 ({wanted[:100]}) is different from current CodeSHA256 in $LATEST "
                f"({row['code_sha256']}). Please try again with the CodeSHA256 in $LATEST."
            )
        return publish(call, chosen, req.get("Description") or "")

    @reads("lambda:ListVersionsByFunction", names.of_function)
    def list_versions_by_function(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.of(call, req)
        latest = rows.function(call.tx, chosen)
        if latest is None:
            raise names.missing(chosen)
        most = names.page(req, PAGE)
        marker = req.get("Marker") or ""
        if marker and not (marker.isascii() and marker.isdecimal() and len(marker) < 18):
            raise names.invalid(f"Marker: {marker[:100]!r} is not one that was answered.")
        after = int(marker) if marker else -1
        found = [latest] if after < 0 else []
        found += rows.versions_of(call.tx, chosen, max(after, 0), most + 1 - len(found))
        answer: dict[str, Any] = {"Versions": [listed(call, row) for row in found[:most]]}
        if len(found) > most:
            last = found[most - 1]["version"]
            answer["NextMarker"] = "0" if last == names.LATEST else str(last)
        return answer


def publish(call: Call, chosen: Function, description: str = "") -> dict[str, Any]:
    """Makes a version of $LATEST, unless it is what the newest version is; answers it."""
    row = rows.function(call.tx, chosen)
    assert row is not None
    last = rows.last_version(call.tx, chosen)
    if last is None or any(last[name] != row[name] for name in _SETTINGS):
        rows.add_version(
            call.tx,
            chosen,
            **{name: row[name] for name in _COPIED},
            description=description or row["description"],
            revision=call.house.ids.uuid(),
            policy="[]",
            events=None,
        )
        rows.change(call.tx, chosen, revision=call.house.ids.uuid())
        last = rows.last_version(call.tx, chosen)
        assert last is not None
    return shown(call, last)


def shown(call: Call, row: Row) -> dict[str, Any]:
    """A version as FunctionConfiguration, under its own ARN."""
    sizes = configuration.layer_sizes(call, row)
    return configuration.shown(row, sizes, qualifier=str(row["version"]))


def listed(call: Call, row: Row) -> dict[str, Any]:
    """A version as listings tell it."""
    sizes = configuration.layer_sizes(call, row)
    return configuration.listed(row, sizes, qualifier=str(row["version"]))


def target(tx: Tx, chosen: Function) -> Row:
    """The code and settings that an invocation of `chosen` runs.

    An alias with two versions draws one by their weights. Raises ResourceNotFoundException.
    """
    row = rows.named(tx, chosen)
    if row is not None and is_alias(chosen):
        number = row["version"]
        if row["other_version"] and secrets.SystemRandom().random() < row["other_weight"]:
            number = row["other_version"]
        row = rows.version(tx, chosen, number)
    if row is None:
        raise names.missing(chosen)
    return row


def is_alias(chosen: Function) -> bool:
    return chosen.qualifier not in ("", names.LATEST) and not chosen.qualifier.isdecimal()


def check_revision(row: Row, req: Mapping[str, Any], told_by: str = "GetFunction/GetAlias") -> None:
    """Raises PreconditionFailedException when the request means another revision."""
    wanted = req.get("RevisionId")
    if wanted and wanted != row["revision"]:
        raise ServiceError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the "
            f"{told_by} API to retrieve the latest Revision Id",
            status=412,
            Type="User",
        )
