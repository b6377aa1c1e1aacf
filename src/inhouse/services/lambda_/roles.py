"""A function's execution role: who may pass it, whether Lambda may assume it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.core.errors import ServiceError
from inhouse.services.lambda_.names import invalid

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.core.ports import House, RoleFacts, Tx
    from inhouse.core.principal import Principal
    from inhouse.services.lambda_.names import Function

SERVICE = "lambda.amazonaws.com"
_NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."


def check_pass(call: Call, chosen: Function, role_arn: str) -> None:
    """Raises unless the caller may give `role_arn` to `chosen` and Lambda can assume it."""
    if role_arn.split(":")[4] != chosen.account:
        raise ServiceError(
            "AccessDeniedException", "Cross-account pass role is not allowed.", status=403
        )
    call.require("iam:PassRole", role_arn, {"iam:PassedToService": SERVICE})
    assumable(call.house, call.tx, chosen, role_arn)


def assumable(house: House, tx: Tx, chosen: Function, role_arn: str) -> RoleFacts:
    """The role, if it is there and trusts Lambda. Raises InvalidParameterValueException."""
    role = house.identities.role(tx, role_arn)
    if role is None:
        raise invalid(_NOT_ASSUMED, f"{role_arn} does not exist.")
    source = {"aws:SourceArn": chosen.arn, "aws:SourceAccount": chosen.account}
    if not house.identities.trusts(role, SERVICE, source):
        raise invalid(
            _NOT_ASSUMED,
            f"The trust policy of {role_arn} must allow {SERVICE} to do sts:AssumeRole.",
        )
    return role


def principal(house: House, tx: Tx, chosen: Function, role_arn: str) -> tuple[Principal, RoleFacts]:
    """The session under which `chosen` runs, named after the function as AWS names it."""
    role = assumable(house, tx, chosen, role_arn)
    return house.identities.role_principal(role, chosen.name), role
