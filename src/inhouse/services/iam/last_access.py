"""Which services somebody's policies grant, and when they were last called.

Calls count whether or not they were allowed, as on AWS. Reports are made at once.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.access.granting import grants
from inhouse.core.arn import Arn
from inhouse.core.errors import ServiceError
from inhouse.core.operations import ANY, reads
from inhouse.services.iam import (
    answers,
    managed_policies,
    names,
    pages,
    resource_rows,
    resources,
    rows,
    service_uses,
    targets,
)
from inhouse.services.iam.changing import changes
from inhouse.services.iam.identities import document_of
from inhouse.services.iam.naming import entity_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx
    from inhouse.services.iam.service_uses import ServiceUse

KIND = "access-report"
_OF = targets.of_member("Arn")


class LastAccess:
    """GenerateServiceLastAccessedDetails and its kin, ListPoliciesGrantingServiceAccess."""

    @changes("iam:GenerateServiceLastAccessedDetails", _OF)
    def generate_service_last_accessed_details(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        """`changes` has just put down what was called."""
        if req.get("Granularity") == "ACTION_LEVEL":
            raise ServiceError(
                "InvalidInput", "Granularity: what is noted are services; use SERVICE_LEVEL."
            )
        entities, texts = _subject(call, req["Arn"])
        granted = {
            namespace: name
            for namespace, name in call.house.dispatch.services().items()
            if any(grants(text, namespace) for text in texts)
        }
        job = call.house.ids.uuid()
        uses = [(row, service_uses.of(call.tx, row["id"])) for row in entities]
        services = [_service(namespace, name, uses) for namespace, name in granted.items()]
        resources.make_passing(call, KIND, job, prefix="AREP", services=services)
        return {"JobId": job}

    @reads("iam:GetServiceLastAccessedDetails", ANY)
    def get_service_last_accessed_details(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        row = _job(call, req)
        found = resource_rows.details(row)["services"]
        page, more = pages.page(found, req, lambda one: str(one["namespace"]))
        shown = [_shown(one) for one in page]
        return {**_times(row), "JobType": "SERVICE_LEVEL", "ServicesLastAccessed": shown, **more}

    @reads("iam:GetServiceLastAccessedDetailsWithEntities", ANY)
    def get_service_last_accessed_details_with_entities(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        row, namespace = _job(call, req), req["ServiceNamespace"]
        found = [
            one
            for service in resource_rows.details(row)["services"]
            for one in service["entities"]
            if service["namespace"] == namespace
        ]
        page, more = pages.page(found, req, lambda one: str(one["Arn"]))
        shown = [
            {
                "EntityInfo": {key: one[key] for key in ("Arn", "Name", "Type", "Id", "Path")},
                "LastAuthenticated": answers.date(one["at"]),
            }
            for one in page
        ]
        return {**_times(row), "EntityDetailsList": shown, **more}

    @reads("iam:ListPoliciesGrantingServiceAccess", _OF)
    def list_policies_granting_service_access(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        row = _entity(call, req["Arn"])
        if row is None:
            raise names.not_found(f"{req['Arn']} cannot be found.")
        held = list(_held(call.tx, row))
        return {
            "PoliciesGrantingServiceAccess": [
                {
                    "ServiceNamespace": namespace,
                    "Policies": [shown for text, shown in held if grants(text, namespace)],
                }
                for namespace in req["ServiceNamespaces"]
            ],
            "IsTruncated": False,
        }


def _subject(call: Call, text: str) -> tuple[list[Row], list[str]]:
    """Whose calls a report on an ARN tells, and the policies that could allow them."""
    kind = text.split(":", 5)[-1].partition("/")[0]
    if kind == "policy":
        document = document_of(call.tx, names.check_arn(text, "policy"))
        if document is None:
            managed_policies.customer(call, text)
        holders = rows.attached_to(call.tx, call.account, text)
        members = [one for row in holders for one in _members(call.tx, row)]
        return list({row["id"]: row for row in members}.values()), [document or ""]
    row = _entity(call, text)
    if row is None:
        raise names.not_found(f"{text} cannot be found.")
    return _members(call.tx, row), [document for document, _ in _held(call.tx, row)]


def _entity(call: Call, text: str) -> Row | None:
    """The user, group or role of the account with that ARN. Raises InvalidInput."""
    try:
        arn = Arn.parse(text)
    except ValueError as problem:
        raise ServiceError("InvalidInput", f"Arn: {problem}") from None
    kind, _, name = arn.resource.partition("/")
    if arn.service != "iam" or kind not in targets.MEMBERS:
        raise ServiceError("InvalidInput", f"Arn: {text} names no user, group, role or policy.")
    row = rows.entity(call.tx, call.account, kind, name.rpartition("/")[2])
    return row if row is not None and entity_arn(row) == text else None


def _members(tx: Tx, row: Row) -> list[Row]:
    return rows.users_in(tx, row["id"]) if row["kind"] == "group" else [row]


def _held(tx: Tx, row: Row) -> Iterator[tuple[str, dict[str, str]]]:
    """The documents of an entity and its groups, each with how it is told."""
    holders = [row, *(rows.groups_of(tx, row["id"]) if row["kind"] == "user" else ())]
    for holder in holders:
        for arn in rows.attached(tx, holder["id"]):
            shown = answers.attached(tx, arn)
            yield document_of(tx, arn) or "", {**shown, "PolicyType": "MANAGED"}
        for name, text in rows.inline_of(tx, holder["id"]).items():
            yield (
                text,
                {
                    "PolicyName": name,
                    "PolicyType": "INLINE",
                    "EntityType": holder["kind"].upper(),
                    "EntityName": holder["name"],
                },
            )


def _service(
    namespace: str, name: str, uses: Sequence[tuple[Row, Mapping[str, ServiceUse]]]
) -> dict[str, Any]:
    """A service's part of a report: who called it, and when last."""
    entities = [
        {
            "Arn": entity_arn(row),
            "Name": row["name"],
            "Type": row["kind"].upper(),
            "Id": row["id"],
            "Path": row["path"],
            "at": by_service[namespace].at,
            "region": by_service[namespace].region,
        }
        for row, by_service in uses
        if namespace in by_service
    ]
    entities.sort(key=lambda one: str(one["Arn"]))
    return {"namespace": namespace, "name": name, "entities": entities}


def _shown(service: Mapping[str, Any]) -> dict[str, Any]:
    entities = service["entities"]
    shown: dict[str, Any] = {
        "ServiceName": service["name"],
        "ServiceNamespace": service["namespace"],
        "TotalAuthenticatedEntities": len(entities),
    }
    if entities:
        last = max(entities, key=lambda one: float(one["at"]))
        shown["LastAuthenticated"] = answers.date(last["at"])
        shown["LastAuthenticatedEntity"] = last["Arn"]
        shown["LastAuthenticatedRegion"] = last["region"]
    return shown


def _job(call: Call, req: Mapping[str, Any]) -> Row:
    row = resource_rows.named(call.tx, call.account, KIND, req["JobId"])
    if row is None:
        raise names.not_found(f"No such job {req['JobId']} exists")
    return row


def _times(row: Row) -> dict[str, Any]:
    made = answers.date(row["created"])
    return {"JobStatus": "COMPLETED", "JobCreationDate": made, "JobCompletionDate": made}
