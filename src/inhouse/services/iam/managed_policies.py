"""Managed policies and their versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inhouse.access import SizeLimit
from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.iam import answers, documents, names, pages, rows, targets
from inhouse.services.iam.changing import changes
from inhouse.services.iam.managed import MANAGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

POLICIES, VERSIONS = 1500, 5
_VERSION = re.compile(r"v([1-9][0-9]{0,8})").fullmatch


class ManagedPolicies:
    """CreatePolicy and its kin, CreatePolicyVersion and its."""

    @changes("iam:CreatePolicy", targets.of_new_policy, keys=targets.tag_keys)
    def create_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name, path = req["PolicyName"], req.get("Path", "/")
        tags = names.check_tags(req.get("Tags", ()), cased=True)
        _check(req["PolicyDocument"])
        targets.require_tagging(call, "policy", name, req)
        if rows.policy_named(call.tx, call.account, name) is not None:
            raise names.exists(
                f"A policy called {name} already exists. Duplicate names are not allowed."
            )
        if len(rows.policies_of(call.tx, call.account)) >= POLICIES:
            raise names.too_many("PoliciesPerAccount", POLICIES)
        arn, now = targets.of_new_policy(call, req), call.house.clock.time()
        rows.add_policy(
            call.tx,
            arn=arn,
            id=call.house.ids.unique(answers.IDS["policy"], answers.ID_SIZE),
            account=call.account,
            name=name,
            path=path,
            description=req.get("Description"),
            default_version=1,
            last_version=1,
            created=now,
            updated=now,
            tags=tags,
        )
        rows.add_version(call.tx, arn=arn, version=1, document=req["PolicyDocument"], created=now)
        return {"Policy": answers.made(answers.policy(call.tx, call.account, customer(call, arn)))}

    @reads("iam:GetPolicy", targets.of_policy)
    def get_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        known = MANAGED.get(req["PolicyArn"])
        policy = known or customer(call, req["PolicyArn"])
        return {"Policy": answers.policy(call.tx, call.account, policy)}

    @reads("iam:ListPolicies", targets.of_all("policy"))
    def list_policies(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        scope, prefix = req.get("Scope", "All"), req.get("PathPrefix", "/")
        found: list[Any] = []
        if scope != "AWS":
            found += rows.policies_of(call.tx, call.account)
        if scope != "Local":
            found += MANAGED.values()
        shown = [answers.policy(call.tx, call.account, one, whole=False) for one in found]
        wanted = [one for one in shown if one["Path"].startswith(prefix) and _is_used(one, req)]
        wanted.sort(key=_order)
        page, more = pages.page(wanted, req, _order)
        return {"Policies": list(page), **more}

    @changes("iam:DeletePolicy", targets.of_policy)
    def delete_policy(self, call: Call, req: Mapping[str, Any]) -> None:
        row = customer(call, req["PolicyArn"])
        arn = row["arn"]
        if rows.count_attached(call.tx, call.account, arn):
            raise _conflict("Cannot delete a policy attached to entities.")
        if rows.bounded_by(call.tx, call.account, arn):
            raise _conflict("Cannot delete a policy that is used as a permissions boundary.")
        if len(rows.versions_of(call.tx, arn)) > 1:
            raise _conflict(
                "This policy has more than one version. Before you delete a policy, you must "
                "delete the policy's versions. The default version is deleted with the policy."
            )
        rows.drop_policy(call.tx, arn)

    @changes("iam:CreatePolicyVersion", targets.of_policy)
    def create_policy_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = customer(call, req["PolicyArn"])
        _check(req["PolicyDocument"])
        if len(rows.versions_of(call.tx, row["arn"])) >= VERSIONS:
            raise ServiceError(
                "LimitExceeded",
                f"A managed policy can have up to {VERSIONS} versions. Before you create a new "
                "version, you must delete an existing version.",
                status=409,
            )
        number, now = row["last_version"] + 1, call.house.clock.time()
        default = number if req.get("SetAsDefault") else row["default_version"]
        rows.add_version(
            call.tx, arn=row["arn"], version=number, document=req["PolicyDocument"], created=now
        )
        rows.change_policy(
            call.tx, row["arn"], last_version=number, default_version=default, updated=now
        )
        made = rows.version(call.tx, row["arn"], number)
        assert made is not None
        return {"PolicyVersion": answers.version(made, default)}

    @reads("iam:GetPolicyVersion", targets.of_policy)
    def get_policy_version(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        known = MANAGED.get(req["PolicyArn"])
        if known is not None:
            if req["VersionId"] != "v1":
                raise _no_version(req)
            return {"PolicyVersion": answers.managed_version(known, document=True)}
        found = _version(call, req)
        row = customer(call, req["PolicyArn"])
        return {"PolicyVersion": answers.version(found, row["default_version"], document=True)}

    @reads("iam:ListPolicyVersions", targets.of_policy)
    def list_policy_versions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        known = MANAGED.get(req["PolicyArn"])
        if known is not None:
            return {"Versions": [answers.managed_version(known)], "IsTruncated": False}
        row = customer(call, req["PolicyArn"])
        found = rows.versions_of(call.tx, row["arn"])
        page, more = pages.page(found, req, lambda one: f"{10**9 - one['version']:010d}")
        return {"Versions": [answers.version(one, row["default_version"]) for one in page], **more}

    @changes("iam:SetDefaultPolicyVersion", targets.of_policy)
    def set_default_policy_version(self, call: Call, req: Mapping[str, Any]) -> None:
        number = _version(call, req)["version"]
        row = customer(call, req["PolicyArn"])
        rows.change_policy(
            call.tx, row["arn"], default_version=number, updated=call.house.clock.time()
        )

    @changes("iam:DeletePolicyVersion", targets.of_policy)
    def delete_policy_version(self, call: Call, req: Mapping[str, Any]) -> None:
        number = _version(call, req)["version"]
        row = customer(call, req["PolicyArn"])
        if number == row["default_version"]:
            raise _conflict("Cannot delete the default version of a policy.")
        rows.drop_version(call.tx, row["arn"], number)

    @reads("iam:ListEntitiesForPolicy", targets.of_policy)
    def list_entities_for_policy(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        arn, prefix = req["PolicyArn"], req.get("PathPrefix", "/")
        if arn not in MANAGED:
            customer(call, arn)
        usage, wanted = req.get("PolicyUsageFilter"), req.get("EntityFilter")
        found: dict[str, Row] = {}
        if usage != "PermissionsBoundary":
            found.update({row["id"]: row for row in rows.attached_to(call.tx, call.account, arn)})
        if usage != "PermissionsPolicy":
            found.update({row["id"]: row for row in rows.bounded_by(call.tx, call.account, arn)})
        chosen = sorted(
            (
                row
                for row in found.values()
                if row["path"].startswith(prefix) and wanted in (None, row["kind"].title())
            ),
            key=_by_kind,
        )
        page, more = pages.page(chosen, req, _by_kind)
        answer: dict[str, Any] = {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []}
        for row in page:
            title = row["kind"].title()
            shown = {f"{title}Name": row["name"], f"{title}Id": row["id"]}
            answer[f"Policy{title}s"].append(shown)
        return {**answer, **more}


def customer(call: Call, arn: str) -> Row:
    """A policy of this account. Raises NoSuchEntity, and AccessDenied for AWS's own."""
    if names.check_arn(arn, "policy") in MANAGED:
        raise ServiceError(
            "AccessDenied", f"Policy {arn} is managed by AWS and cannot be changed.", status=403
        )
    row = rows.policy(call.tx, arn)
    if row is None or row["account"] != call.account:
        raise names.not_found(f"Policy {arn} was not found.")
    return row


def _check(text: str) -> None:
    documents.check(text)
    documents.check_quota([text], SizeLimit.MANAGED)


def _version(call: Call, req: Mapping[str, Any]) -> Row:
    match = _VERSION(req["VersionId"])
    row = rows.version(call.tx, req["PolicyArn"], int(match[1])) if match else None
    if row is None:
        raise _no_version(req)
    return row


def _no_version(req: Mapping[str, Any]) -> ServiceError:
    return names.not_found(
        f"Policy {req['PolicyArn']} version {req['VersionId']} does not exist or is not attachable."
    )


def _conflict(message: str) -> ServiceError:
    return ServiceError("DeleteConflict", message, status=409)


def _is_used(shown: Mapping[str, Any], req: Mapping[str, Any]) -> bool:
    usage = req.get("PolicyUsageFilter")
    if req.get("OnlyAttached") and not shown["AttachmentCount"]:
        return False
    if usage == "PermissionsBoundary":
        return bool(shown["PermissionsBoundaryUsageCount"])
    return usage != "PermissionsPolicy" or bool(shown["AttachmentCount"])


def _order(shown: Mapping[str, Any]) -> str:
    return f"{shown['PolicyName'].lower()} {shown['Arn']}"


def _by_kind(row: Row) -> str:
    return f"{row['kind']} {row['lower']}"
