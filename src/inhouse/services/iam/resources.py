"""What instance profiles, MFA devices, providers and certificates have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.services.iam import answers, names, pages, resource_rows, rows, targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KEPT = 86_400
"""Seconds for which reports and finished tasks can be asked for."""


def make(
    call: Call,
    kind: str,
    name: str,
    req: Mapping[str, Any],
    *,
    prefix: str,
    owner: str | None = None,
    **details: Any,
) -> Row:
    """A new resource; whether the name is free is for the caller to know."""
    targets.require_tagging(call, kind, name, req)
    resource_rows.add(
        call.tx,
        id=call.house.ids.unique(prefix, answers.ID_SIZE),
        account=call.account,
        kind=kind,
        name=name,
        path=req.get("Path", "/"),
        created=call.house.clock.time(),
        owner=owner,
        tags=names.check_tags(req.get("Tags", ())),
        details=details,
    )
    return resource_rows.named(call.tx, call.account, kind, name)


def make_passing(call: Call, kind: str, name: str, *, prefix: str, **details: Any) -> None:
    """A new report or task, in the place of those that are too old."""
    before = call.house.clock.time() - KEPT
    resource_rows.drop_old(call.tx, call.account, kind, before)
    make(call, kind, name, {}, prefix=prefix, **details)


def listed(
    found: Sequence[Row], req: Mapping[str, Any], show: Callable[[Row], dict[str, Any]], member: str
) -> dict[str, Any]:
    """A page of those below the path prefix."""
    prefix = req.get("PathPrefix", "/")
    below = [row for row in found if row["path"].startswith(prefix)]
    page, more = pages.page(below, req, lambda row: str(row["lower"]))
    return {member: [show(row) for row in page], **more}


def tags(row: Row) -> list[dict[str, str]]:
    return answers.tag_list(rows.tags_of(row))


def tag(call: Call, row: Row, req: Mapping[str, Any]) -> None:
    resource_rows.change(call.tx, row, tags=names.merged(rows.tags_of(row), req["Tags"]))


def untag(call: Call, row: Row, req: Mapping[str, Any]) -> None:
    resource_rows.change(call.tx, row, tags=names.without(rows.tags_of(row), req["TagKeys"]))


def list_tags(row: Row, req: Mapping[str, Any]) -> dict[str, Any]:
    every = answers.tag_list(dict(sorted(rows.tags_of(row).items())))
    page, more = pages.page(every, req, lambda one: one["Key"])
    return {"Tags": list(page), **more}
