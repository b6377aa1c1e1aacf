"""Versioning of buckets, and listings of all versions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.s3 import history, rows, version_scan
from inhouse.services.s3.authority import list_keys, the_bucket
from inhouse.services.s3.headers import refuse_unsupported
from inhouse.services.s3.listings import encoder, page_size
from inhouse.services.s3.names import owner
from inhouse.services.s3.tables import ENABLED, SUSPENDED
from inhouse.wire.malformed import malformed_xml
from inhouse.wire.mixed import Mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row
    from inhouse.services.s3.scan import Page


_KINDS = ("Versions", "DeleteMarkers")


class Versions:
    """Turns versioning on and off, and tells what there is."""

    @writes("s3:PutBucketVersioning", the_bucket)
    def put_bucket_versioning(self, call: Call, req: Mapping[str, Any]) -> None:
        """Enables versioning or suspends it; once enabled, it can't be undone."""
        refuse_unsupported(req)
        wanted = req["VersioningConfiguration"]
        status = wanted.get("Status")
        if status is None:
            raise ServiceError(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
                status=400,
                Detail="Status is Enabled or Suspended",
            )
        if status not in (ENABLED, SUSPENDED) or wanted.get("MFADelete") not in (
            None,
            "Enabled",
            "Disabled",
        ):
            raise malformed_xml("Status is Enabled or Suspended, MfaDelete Enabled or Disabled")
        if wanted.get("MFADelete") == "Enabled":
            raise ServiceError(
                "NotImplemented",
                "MfaDelete: Inhouse does not implement MFA delete; leave it out and deny "
                "s3:DeleteObjectVersion in the bucket's policy.",
                status=501,
                Header="MfaDelete",
            )
        rows.change_bucket(call.tx, req["Bucket"], versioning=status)

    @reads("s3:GetBucketVersioning", the_bucket)
    def get_bucket_versioning(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """The state; nothing for a bucket that never had versions."""
        status = rows.bucket(call.tx, req["Bucket"])["versioning"]
        return {} if status is None else {"Status": status}

    @reads("s3:ListBucketVersions", the_bucket, keys=list_keys)
    def list_object_versions(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        """All versions and delete markers, by key and then from the newest to the oldest."""
        most, encode = page_size(req, "MaxKeys", "max-keys"), encoder(req)
        marker = _marker(req)
        page = version_scan.page(
            call.tx,
            req["Bucket"],
            prefix=req.get("Prefix") or "",
            delimiter=req.get("Delimiter") or "",
            marker=marker,
            most=most,
        )
        entries = _entries(call, req, page, encode)
        prefixes = [{"Prefix": encode(prefix)} for prefix in page.prefixes]
        answer = {
            "Name": req["Bucket"],
            "Prefix": encode(req.get("Prefix") or ""),
            "KeyMarker": encode(marker[0]),
            "VersionIdMarker": marker[1] or "",
            "MaxKeys": most,
            "IsTruncated": page.truncated,
            **{kind: [one for which, one in entries if which == kind] for kind in _KINDS},
            "CommonPrefixes": prefixes,
        }
        if req.get("Delimiter"):
            answer["Delimiter"] = encode(req["Delimiter"])
        if req.get("EncodingType"):
            answer["EncodingType"] = req["EncodingType"]
        if page.truncated:
            answer["NextKeyMarker"] = encode(page.last)
            if page.objects and page.objects[-1]["key"] == page.last:
                answer["NextVersionIdMarker"] = history.id_of(page.objects[-1])
        runs = groupby(entries, key=lambda entry: entry[0])
        together = [(kind, [one for _, one in run]) for kind, run in runs]
        return Mixed(answer, [*together, ("CommonPrefixes", prefixes)])


def _marker(req: Mapping[str, Any]) -> tuple[str, str | None]:
    """The key, and perhaps the version of it, behind which to list."""
    key, version = req.get("KeyMarker") or "", req.get("VersionIdMarker")
    if not key and not version:
        return "", None
    if version is not None and not (key and version):
        reason = "be empty" if key else "be specified without a key marker"
        raise ServiceError(
            "InvalidArgument",
            f"A version-id marker cannot {reason}.",
            ArgumentName="version-id-marker",
            ArgumentValue=version[:100],
        )
    return key, version


def _entries(
    call: Call, req: Mapping[str, Any], page: Page, encode: Callable[[str], str]
) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a page, each with the name of the list it stands in."""
    whose = owner(rows.bucket(call.tx, req["Bucket"])["account"])
    entries: list[tuple[str, dict[str, Any]]] = []
    before = None
    for row in page.objects:
        key: str = row["key"]
        latest = row["current"] == 1
        if row["marker"] and key != before:
            latest = key != req.get("KeyMarker") or _is_latest(call, row)
        before = key
        entry = {
            "Key": encode(key),
            "VersionId": history.id_of(row),
            "IsLatest": latest,
            "LastModified": rows.moment(row["modified"]),
            "Owner": whose,
        }
        if row["marker"]:
            entries.append(("DeleteMarkers", entry))
        else:
            entries.append(("Versions", {**entry, **_particulars(row)}))
    return entries


def _is_latest(call: Call, row: Row) -> bool:
    """Whether nothing is newer, for a marker that is the first of its key on a later page."""
    latest = history.latest(call.tx, row["bucket"], row["key"])
    return latest is not None and latest["rank"] == row["rank"]


def _particulars(row: Row) -> dict[str, Any]:
    return {
        "ETag": f'"{row["etag"]}"',
        "ChecksumAlgorithm": [row["algorithm"]],
        "ChecksumType": row["checksum_type"],
        "Size": row["size"],
        "StorageClass": row["storage_class"],
    }
