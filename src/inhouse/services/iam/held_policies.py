"""AttachUserPolicy, PutRolePolicy and so on: `attaching`, once for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads
from inhouse.services.iam import attaching, targets
from inhouse.services.iam.changing import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class UserPolicies:
    """Policies of a user."""

    @changes("iam:AttachUserPolicy", targets.of_user, keys=targets.policy_keys("user"))
    def attach_user_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.attach(call, "user", req)

    @changes("iam:DetachUserPolicy", targets.of_user, keys=targets.policy_keys("user"))
    def detach_user_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.detach(call, "user", req)

    @reads("iam:ListAttachedUserPolicies", targets.of_user)
    def list_attached_user_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.attached(call, "user", req)

    @changes("iam:PutUserPolicy", targets.of_user, keys=targets.policy_keys("user"))
    def put_user_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.put(call, "user", req)

    @reads("iam:GetUserPolicy", targets.of_user)
    def get_user_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.get(call, "user", req)

    @changes("iam:DeleteUserPolicy", targets.of_user, keys=targets.policy_keys("user"))
    def delete_user_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.drop(call, "user", req)

    @reads("iam:ListUserPolicies", targets.of_user)
    def list_user_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.inline(call, "user", req)

    @changes("iam:PutUserPermissionsBoundary", targets.of_user, keys=targets.policy_keys("user"))
    def put_user_permissions_boundary(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.bound(call, "user", req)

    @changes("iam:DeleteUserPermissionsBoundary", targets.of_user, keys=targets.policy_keys("user"))
    def delete_user_permissions_boundary(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.unbound(call, "user", req)


class GroupPolicies:
    """Policies of a group."""

    @changes("iam:AttachGroupPolicy", targets.of_group, keys=targets.policy_keys("group"))
    def attach_group_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.attach(call, "group", req)

    @changes("iam:DetachGroupPolicy", targets.of_group, keys=targets.policy_keys("group"))
    def detach_group_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.detach(call, "group", req)

    @reads("iam:ListAttachedGroupPolicies", targets.of_group)
    def list_attached_group_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.attached(call, "group", req)

    @changes("iam:PutGroupPolicy", targets.of_group, keys=targets.policy_keys("group"))
    def put_group_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.put(call, "group", req)

    @reads("iam:GetGroupPolicy", targets.of_group)
    def get_group_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.get(call, "group", req)

    @changes("iam:DeleteGroupPolicy", targets.of_group, keys=targets.policy_keys("group"))
    def delete_group_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.drop(call, "group", req)

    @reads("iam:ListGroupPolicies", targets.of_group)
    def list_group_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.inline(call, "group", req)


class RolePolicies:
    """Policies of a role."""

    @changes("iam:AttachRolePolicy", targets.of_role, keys=targets.policy_keys("role"))
    def attach_role_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.attach(call, "role", req)

    @changes("iam:DetachRolePolicy", targets.of_role, keys=targets.policy_keys("role"))
    def detach_role_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.detach(call, "role", req)

    @reads("iam:ListAttachedRolePolicies", targets.of_role)
    def list_attached_role_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.attached(call, "role", req)

    @changes("iam:PutRolePolicy", targets.of_role, keys=targets.policy_keys("role"))
    def put_role_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.put(call, "role", req)

    @reads("iam:GetRolePolicy", targets.of_role)
    def get_role_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.get(call, "role", req)

    @changes("iam:DeleteRolePolicy", targets.of_role, keys=targets.policy_keys("role"))
    def delete_role_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.drop(call, "role", req)

    @reads("iam:ListRolePolicies", targets.of_role)
    def list_role_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return attaching.inline(call, "role", req)

    @changes("iam:PutRolePermissionsBoundary", targets.of_role, keys=targets.policy_keys("role"))
    def put_role_permissions_boundary(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.bound(call, "role", req)

    @changes("iam:DeleteRolePermissionsBoundary", targets.of_role, keys=targets.policy_keys("role"))
    def delete_role_permissions_boundary(self, call: Call, req: Mapping[str, Any]) -> None:
        attaching.unbound(call, "role", req)
