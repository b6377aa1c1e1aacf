"""Amazon SQS. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from inhouse.core.ports import ResourceFacts
from inhouse.services.sqs import rows
from inhouse.services.sqs.arrivals import Arrivals
from inhouse.services.sqs.queues import Queues
from inhouse.services.sqs.receiving import Receiving
from inhouse.services.sqs.sending import Sending

if TYPE_CHECKING:
    from inhouse.core.ports import House, Tx


class SqsService(Queues, Sending, Receiving):
    """Standard and FIFO queues. A message is a row until a consumer deletes it or it expires."""

    name = "sqs"

    def __init__(self, house: House) -> None:
        self._arrivals = Arrivals()

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        row = rows.queue(tx, arn)
        if row is None:
            return None
        policy = orjson.loads(row["attributes"]).get("Policy")
        return ResourceFacts(row["account"], policy, orjson.loads(row["tags"]))
