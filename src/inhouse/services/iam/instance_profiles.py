"""Instance profiles: a role in a wrapping that machines are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads
from inhouse.services.iam import answers, entities, names, resource_rows, resources, rows, targets
from inhouse.services.iam.changing import changes
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx

KIND = "instance-profile"
PROFILES = 1000
_NEW = targets.of_new_resource(KIND, "InstanceProfileName")
_OF = targets.of_resource(KIND, "InstanceProfileName")


class InstanceProfiles:
    """CreateInstanceProfile and its kin."""

    @changes("iam:CreateInstanceProfile", _NEW, keys=targets.tag_keys)
    def create_instance_profile(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name = req["InstanceProfileName"]
        if resource_rows.named(call.tx, call.account, KIND, name) is not None:
            raise names.exists(f"Instance Profile {name} already exists.")
        if resource_rows.count(call.tx, call.account, KIND) >= PROFILES:
            raise names.too_many("InstanceProfilesPerAccount", PROFILES)
        row = resources.make(call, KIND, name, req, prefix="AIPA")
        return {"InstanceProfile": answers.made(_whole(call.tx, row))}

    @reads("iam:GetInstanceProfile", _OF)
    def get_instance_profile(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"InstanceProfile": _whole(call.tx, named(call, req))}

    @reads("iam:ListInstanceProfiles", targets.of_all(KIND))
    def list_instance_profiles(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = resource_rows.of_kind(call.tx, call.account, KIND)
        return resources.listed(found, req, lambda row: shown(call.tx, row), "InstanceProfiles")

    @reads("iam:ListInstanceProfilesForRole", targets.of_role)
    def list_instance_profiles_for_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        role = entities.named(call, "role", req)
        found = sorted(resource_rows.owned(call.tx, role["id"], KIND), key=entities.by_name)
        return resources.listed(found, req, lambda row: shown(call.tx, row), "InstanceProfiles")

    @changes("iam:AddRoleToInstanceProfile", _OF)
    def add_role_to_instance_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        row, role = named(call, req), entities.named(call, "role", req)
        call.require("iam:PassRole", entity_arn(role), {"iam:PassedToService": "ec2.amazonaws.com"})
        if row["owner"] is not None:
            raise names.too_many("InstanceSessionsPerInstanceProfile", 1)
        resource_rows.change(call.tx, row, owner=role["id"])

    @changes("iam:RemoveRoleFromInstanceProfile", _OF)
    def remove_role_from_instance_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        row, role = named(call, req), entities.named(call, "role", req)
        if row["owner"] != role["id"]:
            raise names.not_found(
                f"Role {role['name']} in Instance Profile {row['name']} cannot be found."
            )
        resource_rows.change(call.tx, row, owner=None)

    @changes("iam:DeleteInstanceProfile", _OF)
    def delete_instance_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        row = named(call, req)
        if row["owner"] is not None:
            raise names.conflict("remove roles from instance profile")
        resource_rows.drop(call.tx, row)

    @changes("iam:TagInstanceProfile", _OF, keys=targets.tag_keys)
    def tag_instance_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.tag(call, named(call, req), req)

    @changes("iam:UntagInstanceProfile", _OF, keys=targets.tag_keys)
    def untag_instance_profile(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.untag(call, named(call, req), req)

    @reads("iam:ListInstanceProfileTags", _OF)
    def list_instance_profile_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return resources.list_tags(named(call, req), req)


def named(call: Call, req: Mapping[str, Any]) -> Row:
    """Raises NoSuchEntity."""
    name = req["InstanceProfileName"]
    row = resource_rows.named(call.tx, call.account, KIND, name)
    if row is None:
        raise names.not_found(f"Instance Profile {name} cannot be found.")
    return row


def shown(tx: Tx, row: Row) -> dict[str, Any]:
    """An instance profile as lists tell it."""
    role = rows.entity_by_id(tx, row["owner"]) if row["owner"] else None
    return {
        "Path": row["path"],
        "InstanceProfileName": row["name"],
        "InstanceProfileId": row["id"],
        "Arn": resource_rows.arn(row),
        "CreateDate": answers.date(row["created"]),
        "Roles": [answers.made(answers.entity(tx, role, whole=False))] if role is not None else [],
    }


def _whole(tx: Tx, row: Row) -> dict[str, Any]:
    return {**shown(tx, row), "Tags": resources.tags(row)}
