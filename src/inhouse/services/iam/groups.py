"""Groups and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads
from inhouse.services.iam import answers, entities, names, pages, rows, targets
from inhouse.services.iam.changing import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

GROUPS = 10
"""Groups a user may be in."""


class Groups:
    """CreateGroup and its kin."""

    @changes("iam:CreateGroup", targets.of_new("group"))
    def create_group(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"Group": answers.entity(call.tx, entities.make(call, "group", req))}

    @reads("iam:GetGroup", targets.of_group)
    def get_group(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = entities.named(call, "group", req)
        page, more = pages.page(rows.users_in(call.tx, row["id"]), req, entities.by_name)
        users = [answers.entity(call.tx, user, whole=False) for user in page]
        return {"Group": answers.entity(call.tx, row), "Users": users, **more}

    @reads("iam:ListGroups", targets.of_all("group"))
    def list_groups(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return entities.listed(call, "group", req)

    @reads("iam:ListGroupsForUser", targets.of_user)
    def list_groups_for_user(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = entities.named(call, "user", req)
        page, more = pages.page(rows.groups_of(call.tx, row["id"]), req, entities.by_name)
        return {"Groups": [answers.entity(call.tx, group, whole=False) for group in page], **more}

    @changes("iam:UpdateGroup", targets.of_moved("group"))
    def update_group(self, call: Call, req: Mapping[str, Any]) -> None:
        entities.move(call, "group", req)

    @changes("iam:DeleteGroup", targets.of_group)
    def delete_group(self, call: Call, req: Mapping[str, Any]) -> None:
        row = entities.named(call, "group", req)
        if rows.users_in(call.tx, row["id"]):
            raise names.conflict("remove users from group")
        entities.drop(call, row)

    @changes("iam:AddUserToGroup", targets.of_group)
    def add_user_to_group(self, call: Call, req: Mapping[str, Any]) -> None:
        user, group = entities.named(call, "user", req), entities.named(call, "group", req)
        rows.join(call.tx, group["id"], user["id"])
        if len(rows.groups_of(call.tx, user["id"])) > GROUPS:
            raise names.too_many("GroupsPerUser", GROUPS)

    @changes("iam:RemoveUserFromGroup", targets.of_group)
    def remove_user_from_group(self, call: Call, req: Mapping[str, Any]) -> None:
        user, group = entities.named(call, "user", req), entities.named(call, "group", req)
        rows.leave(call.tx, group["id"], user["id"])
