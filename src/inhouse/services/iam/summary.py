"""The account as a whole: its summary, its alias, everything in it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import ANY, reads
from inhouse.services.iam import (
    answers,
    documents,
    instance_profiles,
    names,
    pages,
    resource_rows,
    rows,
)
from inhouse.services.iam.changing import changes
from inhouse.services.iam.managed import MANAGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

_FILTERS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")
_PROVIDERS = ("oidc-provider", "saml-provider")
_QUOTAS = {
    "UsersQuota": 5000,
    "GroupsQuota": 300,
    "RolesQuota": 1000,
    "InstanceProfilesQuota": 1000,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144,
    "PolicyVersionsInUseQuota": 10000,
    "VersionsPerPolicyQuota": 5,
    "GroupsPerUserQuota": 10,
    "AccessKeysPerUserQuota": 2,
    "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10,
    "AttachedPoliciesPerUserQuota": 10,
    "UserPolicySizeQuota": 2048,
    "GroupPolicySizeQuota": 5120,
    "RolePolicySizeQuota": 10240,
    "AssumeRolePolicySizeQuota": 2048,
}


class Summary:
    """GetAccountSummary, GetAccountAuthorizationDetails, account aliases."""

    @reads("iam:GetAccountSummary", ANY)
    def get_account_summary(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        tx, account = call.tx, call.account
        customer = rows.policies_of(tx, account)
        devices = resource_rows.of_kind(tx, account, "mfa")
        return {
            "SummaryMap": {
                **_QUOTAS,
                "Users": rows.count_entities(tx, account, "user"),
                "Groups": rows.count_entities(tx, account, "group"),
                "Roles": rows.count_entities(tx, account, "role"),
                "Policies": len(customer),
                "PolicyVersionsInUse": sum(len(rows.versions_of(tx, p["arn"])) for p in customer),
                "AccountAccessKeysPresent": int(bool(rows.keys_of(tx, account, ""))),
                "InstanceProfiles": resource_rows.count(tx, account, "instance-profile"),
                "Providers": sum(resource_rows.count(tx, account, kind) for kind in _PROVIDERS),
                "ServerCertificates": resource_rows.count(tx, account, "server-certificate"),
                "AccountPasswordPresent": 0,
                "AccountSigningCertificatesPresent": 0,
                "MFADevices": len(devices),
                "MFADevicesInUse": sum(one["owner"] is not None for one in devices),
                "AccountMFAEnabled": int(any(one["owner"] == account for one in devices)),
                "GlobalEndpointTokenVersion": 1,
            }
        }

    @reads("iam:ListAccountAliases", ANY)
    def list_account_aliases(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = rows.account(call.tx, call.account)
        aliases = [row["alias"]] if row is not None and row["alias"] else []
        return {"AccountAliases": aliases, "IsTruncated": False}

    @changes("iam:CreateAccountAlias", ANY)
    def create_account_alias(self, call: Call, req: Mapping[str, Any]) -> None:
        alias = req["AccountAlias"]
        if rows.aliased(call.tx, alias) not in (None, call.account):
            raise names.exists(f"The account alias {alias} already exists.")
        rows.change_account(call.tx, call.account, alias=alias)

    @changes("iam:DeleteAccountAlias", ANY)
    def delete_account_alias(self, call: Call, req: Mapping[str, Any]) -> None:
        if rows.aliased(call.tx, req["AccountAlias"]) != call.account:
            raise names.not_found(f"The account alias {req['AccountAlias']} cannot be found.")
        rows.change_account(call.tx, call.account, alias=None)

    @reads("iam:GetAccountAuthorizationDetails", ANY)
    def get_account_authorization_details(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        wanted = req.get("Filter") or _FILTERS
        found: list[tuple[str, Any]] = []
        for title in ("Group", "Role", "User"):
            if title in wanted:
                kept = rows.entity_page(call.tx, call.account, title.lower())
                found += [(f"{title} {row['lower']}", row) for row in kept]
        if "AWSManagedPolicy" in wanted:
            found += [(f"Y {arn}", arn) for arn in MANAGED if _is_in_use(call, arn)]
        if "LocalManagedPolicy" in wanted:
            found += [(f"Z {p['arn']}", p["arn"]) for p in rows.policies_of(call.tx, call.account)]
        page, more = pages.page(sorted(found, key=_order), req, _order)
        lists: dict[str, list[Any]] = {
            "UserDetailList": [],
            "GroupDetailList": [],
            "RoleDetailList": [],
            "Policies": [],
        }
        for order, one in page:
            kind = order.partition(" ")[0]
            name = f"{kind}DetailList" if kind in _FILTERS else "Policies"
            shown = _policy(call, one) if isinstance(one, str) else _entity(call, one)
            lists[name].append(shown)
        return {**lists, **more}


def _order(item: tuple[str, Any]) -> str:
    return item[0]


def _is_in_use(call: Call, arn: str) -> bool:
    """AWS's own policies are told only where something has them."""
    return bool(
        rows.count_attached(call.tx, call.account, arn)
        or rows.bounded_by(call.tx, call.account, arn)
    )


def _entity(call: Call, row: Row) -> dict[str, Any]:
    title = row["kind"].title()
    shown = answers.entity(call.tx, row)
    shown.pop("MaxSessionDuration", None)
    shown.pop("Description", None)
    shown[f"{title}PolicyList"] = [
        {"PolicyName": name, "PolicyDocument": documents.encoded(text)}
        for name, text in rows.inline_of(call.tx, row["id"]).items()
    ]
    shown["AttachedManagedPolicies"] = [
        answers.attached(call.tx, arn) for arn in rows.attached(call.tx, row["id"])
    ]
    if title == "User":
        shown["GroupList"] = [group["name"] for group in rows.groups_of(call.tx, row["id"])]
    if title == "Role":
        shown["InstanceProfileList"] = [
            instance_profiles.shown(call.tx, one)
            for one in resource_rows.owned(call.tx, row["id"], instance_profiles.KIND)
        ]
    return shown


def _policy(call: Call, arn: str) -> dict[str, Any]:
    known = MANAGED.get(arn)
    if known is not None:
        shown = answers.policy(call.tx, call.account, known)
        shown["PolicyVersionList"] = [answers.managed_version(known, document=True)]
        return shown
    row = rows.policy(call.tx, arn)
    assert row is not None
    shown = answers.policy(call.tx, call.account, row)
    shown.pop("Tags", None)
    shown["PolicyVersionList"] = [
        answers.version(one, row["default_version"], document=True)
        for one in rows.versions_of(call.tx, arn)
    ]
    return shown
