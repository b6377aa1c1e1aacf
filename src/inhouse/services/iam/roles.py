"""Roles and their trust policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads
from inhouse.services.iam import answers, entities, names, resource_rows, rows, targets, trust
from inhouse.services.iam.changing import changes
from inhouse.services.iam.service_linked import check_free, check_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class Roles:
    """CreateRole and its kin."""

    @changes("iam:CreateRole", targets.of_new("role"), keys=targets.new_entity_keys)
    def create_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        check_path(req)
        row = entities.make(
            call,
            "role",
            req,
            trust=trust.bound(call.tx, req["AssumeRolePolicyDocument"]),
            description=req.get("Description"),
            max_session=req.get("MaxSessionDuration") or 3600,
        )
        return {"Role": answers.made(answers.entity(call.tx, row))}

    @reads("iam:GetRole", targets.of_role)
    def get_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"Role": answers.entity(call.tx, entities.named(call, "role", req))}

    @reads("iam:ListRoles", targets.of_all("role"))
    def list_roles(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return entities.listed(call, "role", req)

    @changes("iam:UpdateRole", targets.of_role)
    def update_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = entities.named(call, "role", req)
        changed: dict[str, Any] = {}
        if "Description" in req:
            changed["description"] = req["Description"]
        if "MaxSessionDuration" in req:
            changed["max_session"] = req["MaxSessionDuration"]
        if changed:
            rows.change_entity(call.tx, row["id"], **changed)
        return {}

    @changes("iam:UpdateRoleDescription", targets.of_role)
    def update_role_description(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = entities.named(call, "role", req)
        rows.change_entity(call.tx, row["id"], description=req.get("Description"))
        shown = answers.made(answers.entity(call.tx, row))
        return {"Role": {**shown, "Description": req["Description"]}}

    @changes("iam:UpdateAssumeRolePolicy", targets.of_role)
    def update_assume_role_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        row = entities.named(call, "role", req)
        check_free(row)
        rows.change_entity(call.tx, row["id"], trust=trust.bound(call.tx, req["PolicyDocument"]))

    @changes("iam:DeleteRole", targets.of_role)
    def delete_role(self, call: Call, req: Mapping[str, Any]) -> None:
        row = entities.named(call, "role", req)
        check_free(row)
        if resource_rows.owned(call.tx, row["id"], "instance-profile"):
            raise names.conflict("remove roles from instance profile")
        entities.drop(call, row)
