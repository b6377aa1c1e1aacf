"""RestoreObject. Every storage class is kept alike and read at once: nothing has to be restored.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.s3.authority import object_keys, the_object
from inhouse.services.s3.finding import found
from inhouse.services.s3.transitions import ARCHIVES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class Restoring:
    """Refuses to restore, saying why there is no need."""

    @reads("s3:RestoreObject", the_object, keys=object_keys)
    def restore_object(self, call: Call, req: Mapping[str, Any]) -> None:
        """Raises ObjectAlreadyInActiveTierError for archived objects, InvalidObjectState else."""
        row = found(call, req)
        if row["storage_class"] in ARCHIVES:
            raise ServiceError(
                "ObjectAlreadyInActiveTierError",
                "Restoration is not needed: Inhouse keeps all storage classes ready to be read; "
                "get the object.",
                status=403,
            )
        raise ServiceError(
            "InvalidObjectState",
            "Restore is not allowed for the object's current storage class",
            status=403,
            StorageClass=row["storage_class"],
        )
