"""Tags on users, roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.operations import reads
from inhouse.services.iam import answers, entities, names, pages, rows, targets
from inhouse.services.iam.changing import changes
from inhouse.services.iam.managed_policies import customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row


class Tagging:
    """TagUser and its kin."""

    @changes("iam:TagUser", targets.of_user, keys=targets.tag_keys)
    def tag_user(self, call: Call, req: Mapping[str, Any]) -> None:
        _tag(call, entities.named(call, "user", req), req)

    @changes("iam:UntagUser", targets.of_user, keys=targets.tag_keys)
    def untag_user(self, call: Call, req: Mapping[str, Any]) -> None:
        _untag(call, entities.named(call, "user", req), req)

    @reads("iam:ListUserTags", targets.of_user)
    def list_user_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _listed(entities.named(call, "user", req), req)

    @changes("iam:TagRole", targets.of_role, keys=targets.tag_keys)
    def tag_role(self, call: Call, req: Mapping[str, Any]) -> None:
        _tag(call, entities.named(call, "role", req), req)

    @changes("iam:UntagRole", targets.of_role, keys=targets.tag_keys)
    def untag_role(self, call: Call, req: Mapping[str, Any]) -> None:
        _untag(call, entities.named(call, "role", req), req)

    @reads("iam:ListRoleTags", targets.of_role)
    def list_role_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _listed(entities.named(call, "role", req), req)

    @changes("iam:TagPolicy", targets.of_policy, keys=targets.tag_keys)
    def tag_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        row = customer(call, req["PolicyArn"])
        tags = names.merged(rows.tags_of(row), req["Tags"], cased=True)
        rows.change_policy(call.tx, row["arn"], tags=orjson.dumps(tags).decode())

    @changes("iam:UntagPolicy", targets.of_policy, keys=targets.tag_keys)
    def untag_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        row = customer(call, req["PolicyArn"])
        tags = names.without(rows.tags_of(row), req["TagKeys"], cased=True)
        rows.change_policy(call.tx, row["arn"], tags=orjson.dumps(tags).decode())

    @reads("iam:ListPolicyTags", targets.of_policy)
    def list_policy_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return _listed(customer(call, req["PolicyArn"]), req)


def _tag(call: Call, row: Row, req: Mapping[str, Any]) -> None:
    tags = names.merged(rows.tags_of(row), req["Tags"])
    rows.change_entity(call.tx, row["id"], tags=orjson.dumps(tags).decode())


def _untag(call: Call, row: Row, req: Mapping[str, Any]) -> None:
    tags = names.without(rows.tags_of(row), req["TagKeys"])
    rows.change_entity(call.tx, row["id"], tags=orjson.dumps(tags).decode())


def _listed(row: Row, req: Mapping[str, Any]) -> dict[str, Any]:
    tags = answers.tag_list(dict(sorted(rows.tags_of(row).items())))
    page, more = pages.page(tags, req, lambda tag: tag["Key"])
    return {"Tags": list(page), **more}
