"""The S3 service, put together from its parts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from inhouse.core.ports import ResourceFacts
from inhouse.services.s3 import acl, contents, public_access, rows
from inhouse.services.s3.absent import Absent
from inhouse.services.s3.acl import AccessControl
from inhouse.services.s3.bodies import Reading
from inhouse.services.s3.buckets import Buckets
from inhouse.services.s3.configuration import Configuration
from inhouse.services.s3.copying import Copying
from inhouse.services.s3.cors import Cors
from inhouse.services.s3.deletes import Deletes
from inhouse.services.s3.encryption.configuration import Encryption
from inhouse.services.s3.jobs import Jobs
from inhouse.services.s3.lifecycle import Lifecycle
from inhouse.services.s3.listings import Listings
from inhouse.services.s3.multipart import Multipart
from inhouse.services.s3.names import bucket_of, key_of
from inhouse.services.s3.notifications import Notifications
from inhouse.services.s3.object_lambda import ObjectLambda
from inhouse.services.s3.object_lock import ObjectLock
from inhouse.services.s3.objects import Objects
from inhouse.services.s3.ownership import Ownership
from inhouse.services.s3.particulars import Particulars
from inhouse.services.s3.public_access import PublicAccess
from inhouse.services.s3.restoring import Restoring
from inhouse.services.s3.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inhouse.core.ports import House, Tx


class S3Service(
    Buckets,
    Configuration,
    PublicAccess,
    Cors,
    Lifecycle,
    Encryption,
    Absent,
    Ownership,
    AccessControl,
    Notifications,
    Objects,
    Deletes,
    Versions,
    ObjectLock,
    Restoring,
    Particulars,
    Copying,
    Multipart,
    Listings,
    Jobs,
    ObjectLambda,
):
    """Buckets and objects. Names and keys are those of boto3's `s3` client."""

    name = "s3"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._house = house
        self._blobs = house.blobs
        self._reading = Reading(house.blobs)

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """Owner and policy of the bucket that an ARN names, itself or by one of its objects."""
        name = bucket_of(arn)
        row = rows.find_bucket(tx, name) if name else None
        if row is None:
            return None
        only = public_access.let_in(self._house, tx, row)
        narrow = None
        if not acl.are_off(row):
            narrow = partial(acl.facts, self._house, tx, row, key_of(arn))
        return ResourceFacts(row["account"], row["policy"], only=only, narrow=narrow)

    def blob_ids(self, tx: Tx) -> Iterable[str]:
        """Every blob that a part names."""
        return contents.blob_ids(tx)
