"""DeleteObject and DeleteObjects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import works, writes
from inhouse.services.s3 import places, rows
from inhouse.services.s3.authority import object_keys, the_bucket, the_object
from inhouse.services.s3.conditions import check_delete_form
from inhouse.services.s3.headers import refuse_unsupported
from inhouse.services.s3.names import check_key, no_such_version, object_arn
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.s3.places import Removed

_MAX = 1000


class Deletes:
    """Removes objects, or versions of them, one at a time or up to a thousand.

    BypassGovernanceRetention may be given: there is no retention to bypass.
    """

    @writes(
        "s3:DeleteObject",
        the_object,
        keys=object_keys,
        when={"VersionId": "s3:DeleteObjectVersion"},
    )
    def delete_object(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Removes an object, or a version of it. One that does not exist is not an error."""
        refuse_unsupported(req)
        check_delete_form(req)
        bucket = rows.bucket(call.tx, req["Bucket"])
        return _delete(call, bucket, req["Key"], req.get("VersionId"), req.get("IfMatch")).answer

    @works(None, anonymous=True)
    async def delete_objects(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """Removes up to 1,000 objects, each authorized by itself, all in one transaction."""
        the_bucket(call, req)
        refuse_unsupported(req)
        wanted = req["Delete"]["Objects"]
        if not 1 <= len(wanted) <= _MAX:
            raise malformed_xml(f"Delete has {len(wanted)} Objects; 1 to {_MAX} are allowed")
        refusals = [_refusal(call, req["Bucket"], one) for one in wanted]
        outcome = await call.write(_delete_all, req["Bucket"], wanted, refusals)
        pairs = list(zip(wanted, outcome, strict=True))
        errors = [_failure(one, end) for one, end in pairs if isinstance(end, ServiceError)]
        gone = [_success(one, end) for one, end in pairs if not isinstance(end, ServiceError)]
        return {"Deleted": [] if req["Delete"].get("Quiet") else gone, "Errors": errors}


def _refusal(call: Call, bucket: str, one: Mapping[str, Any]) -> ServiceError | None:
    """Why a key of a batch must not be deleted, if so."""
    try:
        check_key(one["Key"])
        refuse_unsupported(
            {"IfMatchLastModifiedTime": one.get("LastModifiedTime"), "IfMatchSize": one.get("Size")}
        )
        version = one.get("VersionId")
        keys = object_keys(call, {"Bucket": bucket, "Key": one["Key"], "VersionId": version})
        action = "s3:DeleteObject" if version is None else "s3:DeleteObjectVersion"
        call.require(action, object_arn(bucket, one["Key"]), keys)
    except ServiceError as refusal:
        return _in_batch(one, refusal)
    return None


def _in_batch(one: Mapping[str, Any], refusal: ServiceError) -> ServiceError:
    """A batch calls a version that can't be simply one that is not there."""
    if refusal.fields.get("ArgumentName") == "versionId":
        return no_such_version(one["Key"], one["VersionId"])
    return refusal


def _delete_all(
    call: Call,
    name: str,
    wanted: list[Mapping[str, Any]],
    refusals: list[ServiceError | None],
) -> list[ServiceError | Removed]:
    """Deletes what is not refused; answers what came of each."""
    bucket = rows.bucket(call.tx, name)
    outcome: list[ServiceError | Removed] = []
    for one, refused in zip(wanted, refusals, strict=True):
        if refused is not None:
            outcome.append(refused)
            continue
        try:
            outcome.append(_delete(call, bucket, one["Key"], one.get("VersionId"), one.get("ETag")))
        except ServiceError as failure:
            outcome.append(_in_batch(one, failure))
    return outcome


def _delete(
    call: Call, bucket: Row, key: str, version: str | None, if_match: str | None
) -> Removed:
    if version is None:
        return places.delete(call, bucket, key, if_match)
    return places.delete_version(call, bucket, key, version, if_match)


def _failure(one: Mapping[str, Any], refusal: ServiceError) -> dict[str, Any]:
    """An entry of DeleteObjects' Errors."""
    entry = {"Key": one["Key"], "Code": refusal.code, "Message": refusal.message}
    return _of_version(one, entry)


def _success(one: Mapping[str, Any], removed: Removed) -> dict[str, Any]:
    """An entry of DeleteObjects' Deleted."""
    entry = _of_version(one, {"Key": one["Key"]})
    if removed.marker:
        entry |= {"DeleteMarker": True, "DeleteMarkerVersionId": removed.version}
    return entry


def _of_version(one: Mapping[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    version = one.get("VersionId")
    return entry if version is None else {**entry, "VersionId": version}
