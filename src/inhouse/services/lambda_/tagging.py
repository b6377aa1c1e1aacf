"""Tags of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.operations import reads, works
from inhouse.services.lambda_ import egress, names, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from inhouse.core.call import Call
    from inhouse.services.lambda_.names import Function

TAGS, KEY, VALUE = 50, 128, 256


def check(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameterValueException naming the tag that is not allowed."""
    egress.check(tags)
    if len(tags) > TAGS:
        raise names.invalid(
            f"Number of tags exceeds resource tag limit: {len(tags)}; a function may have {TAGS}."
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= KEY or key.lower().startswith("aws:"):
            raise names.invalid(
                f"Tags: the key {key[:KEY]!r} must have 1 to {KEY} characters and not begin with aws:."
            )
        if len(value) > VALUE:
            raise names.invalid(f"Tags: the value of {key!r} has more than {VALUE} characters.")


class Tagging:
    """TagResource, UntagResource, ListTags."""

    async def forget(self, chosen: Function) -> None:
        raise NotImplementedError

    @works("lambda:TagResource", names.of_tagged)
    async def tag_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.tagged(call, req)
        if not req["Tags"]:
            raise names.invalid(
                "An error occurred and the request cannot be processed: Tags is empty."
            )
        await call.write(_change, chosen, req["Tags"], ())
        await self.forget(chosen)  # what it may reach is a tag
        return {}

    @works("lambda:UntagResource", names.of_tagged)
    async def untag_resource(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        chosen = names.tagged(call, req)
        await call.write(_change, chosen, {}, req["TagKeys"])
        await self.forget(chosen)
        return {}

    @reads("lambda:ListTags", names.of_tagged)
    def list_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"Tags": _tags(call, names.tagged(call, req))}


def _tags(call: Call, chosen: Function) -> dict[str, str]:
    row = rows.function(call.tx, chosen)
    if row is None:
        raise names.missing(chosen)
    tags: dict[str, str] = orjson.loads(row["tags"])
    return tags


def _change(call: Call, chosen: Function, added: Mapping[str, str], gone: Collection[str]) -> None:
    tags = {key: value for key, value in _tags(call, chosen).items() if key not in gone}
    if added:
        tags |= added
        check(tags)
    revision = call.house.ids.uuid()
    rows.change(call.tx, chosen, tags=orjson.dumps(tags).decode(), revision=revision)
