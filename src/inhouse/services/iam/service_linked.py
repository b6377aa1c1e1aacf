"""Service-linked roles: made for one service, which alone may assume them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads
from inhouse.services.iam import (
    answers,
    entities,
    names,
    resource_rows,
    resources,
    rows,
    service_role_names,
    targets,
)
from inhouse.services.iam.changing import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

PATH = "/aws-service-role/"
_SERVICE = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)*)\.amazonaws\.com").fullmatch
_TASK = "deletion-task"


def _role_name(req: Mapping[str, Any]) -> str:
    """AWSServiceRoleForLexV2Bots_suffix, of lexv2.amazonaws.com and a suffix."""
    match = _SERVICE(req["AWSServiceName"])
    if match is None:
        raise ServiceError(
            "InvalidInput",
            f"AWSServiceName {req['AWSServiceName']!r} is no service: use SERVICE.amazonaws.com",
        )
    suffix = f"_{req['CustomSuffix']}" if "CustomSuffix" in req else ""
    return f"AWSServiceRoleFor{service_role_names.spelled(match[1])}{suffix}"


def _of_new(call: Call, req: Mapping[str, Any]) -> str:
    return targets.arn(call, f"role{PATH}{req['AWSServiceName']}/{_role_name(req)}")


def _keys(call: Call, req: Mapping[str, Any]) -> dict[str, str | list[str]]:
    return {"iam:AWSServiceName": req["AWSServiceName"]}


class ServiceLinkedRoles:
    """CreateServiceLinkedRole and its kin."""

    @changes("iam:CreateServiceLinkedRole", _of_new, keys=_keys)
    def create_service_linked_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name, service = _role_name(req), req["AWSServiceName"]
        if rows.entity(call.tx, call.account, "role", name) is not None:
            raise ServiceError(
                "InvalidInput",
                f"Service role name {name} has been taken in this account, please try a different "
                "suffix.",
            )
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
        row = entities.make(
            call,
            "role",
            {"RoleName": name, "Path": f"{PATH}{service}/"},
            trust=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            description=req.get("Description"),
            max_session=3600,
        )
        return {"Role": answers.made(answers.entity(call.tx, row))}

    @changes("iam:DeleteServiceLinkedRole", targets.of_role)
    def delete_service_linked_role(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Deletes at once: no service here keeps resources behind its role."""
        row = entities.named(call, "role", req)
        if not is_linked(row):
            raise ServiceError(
                "InvalidInput", f"The role {row['name']} is not a service-linked role."
            )
        for arn in rows.attached(call.tx, row["id"]):
            rows.detach(call.tx, row["id"], arn)
        entities.drop(call, row)
        task = f"task{row['path']}{row['name']}/{call.house.ids.uuid()}"
        resources.make_passing(call, _TASK, task, prefix="TASK")
        return {"DeletionTaskId": task}

    @reads("iam:GetServiceLinkedRoleDeletionStatus", ANY)
    def get_service_linked_role_deletion_status(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        task = req["DeletionTaskId"]
        if resource_rows.named(call.tx, call.account, _TASK, task) is None:
            raise names.not_found(f"The deletion task with id {task} cannot be found.")
        return {"Status": "SUCCEEDED"}


def is_linked(role: Row) -> bool:
    return str(role["path"]).startswith(PATH)


def check_path(req: Mapping[str, Any]) -> None:
    """Raises InvalidInput for a new role that would look like a service's."""
    path = req.get("Path", "/")
    if path.startswith(PATH):
        raise ServiceError(
            "InvalidInput",
            f"Path {path[:128]!r} is reserved: roles below {PATH} are made by "
            "CreateServiceLinkedRole.",
        )


def check_free(role: Row) -> None:
    """Raises UnmodifiableEntity for a role that only its service may change."""
    if is_linked(role):
        raise ServiceError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role {role['name']!r} - this role is "
            "only modifiable by AWS",
            status=400,
        )
