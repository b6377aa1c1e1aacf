"""What happens after an answer has left: notifications are delivered, old bytes removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.arn import Arn
from inhouse.core.operations import exponential, job
from inhouse.services.s3 import contents
from inhouse.work import Retry

if TYPE_CHECKING:
    from inhouse.core.call import Call
    from inhouse.services.s3.bodies import Reading

SUBJECT = "Amazon S3 Notification"


async def send(call: Call, target: str, message: bytes) -> None:
    """Hands a message to a function, topic or queue, authorized as `call`'s principal."""
    arn = Arn.parse(target)
    call = replace(call, region=arn.region)
    text = message.decode()
    if arn.service == "lambda":
        await call.client("lambda").invoke(
            FunctionName=target, InvocationType="Event", Payload=message
        )
    elif arn.service == "sns":
        await call.client("sns").publish(TopicArn=target, Message=text, Subject=SUBJECT)
    else:
        queue = f"{call.house.endpoint}/{arn.account}/{arn.resource}"
        await call.client("sqs").send_message(QueueUrl=queue, MessageBody=text)


class Jobs:
    """The jobs of S3."""

    _reading: Reading

    @job("s3.Notify", attempts=12, backoff=exponential(1, 600), concurrency=16)
    async def notify(self, call: Call, payload: Any) -> None:
        """Delivers one event, at least once."""
        await send(call, payload["target"], orjson.dumps(payload["message"]))

    @job("s3.DiscardContent", attempts=20, concurrency=2)
    async def discard_content(self, call: Call, payload: Any) -> None:
        """Removes the parts of a content that no object has, once nobody reads them."""
        content: str = payload["content"]
        if self._reading.busy(content):
            raise Retry(10, "the content is being read")
        blobs = [row["blob"] for row in contents.of(call.tx, content)]
        await call.house.blobs.delete(blobs)
        await call.write(lambda inside: contents.forget(inside.tx, content))

    @job("s3.DiscardBlobs", attempts=20, concurrency=2)
    async def discard_blobs(self, call: Call, payload: Any) -> None:
        """Removes blobs of parts that were replaced or left out."""
        await call.house.blobs.delete(payload["blobs"])
