"""The public access block of a whole account.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.core.public_access import PublicAccessBlock
from inhouse.services.s3control import rows
from inhouse.services.s3control.names import everything

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call


class AccountBlock:
    """What keeps all of an account's buckets from the public."""

    @writes("s3:PutAccountPublicAccessBlock", everything)
    def put_public_access_block(self, call: Call, req: Mapping[str, Any]) -> None:
        """Replaces the settings; those left out are off."""
        given = req["PublicAccessBlockConfiguration"]
        if not given:
            raise ServiceError(
                "InvalidRequest", "Must specify at least one configuration.", status=400
            )
        block = PublicAccessBlock.of(given)
        rows.put_block(call.tx, req["AccountId"], orjson.dumps(block.members).decode())

    @reads("s3:GetAccountPublicAccessBlock", everything)
    def get_public_access_block(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        text = rows.block(call.tx, req["AccountId"])
        if text is None:
            raise ServiceError(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
                status=404,
                AccountId=req["AccountId"],
            )
        return {"PublicAccessBlockConfiguration": orjson.loads(text)}

    @writes("s3:PutAccountPublicAccessBlock", everything)
    def delete_public_access_block(self, call: Call, req: Mapping[str, Any]) -> None:
        rows.put_block(call.tx, req["AccountId"], None)
