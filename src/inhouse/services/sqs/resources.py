"""Queue URLs and ARNs: which queue a request means.

A queue's URL is `ENDPOINT/ACCOUNT/NAME`; its region is that of the request.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from inhouse.core.errors import ServiceError
from inhouse.services.sqs import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row, Tx

    Request = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


def queue_name(name: str) -> str:
    """Raises unless `name` can name a queue."""
    if not _NAME.fullmatch(name):
        raise bad_value(
            f"The queue name {name[:100]!r} is not valid: 1 to 80 of A-Z a-z 0-9 _ -, "
            "and .fifo at the end of a FIFO queue's"
        )
    return name


def bad_value(why: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", f"{why}.", status=400)


def parse_url(call: Call, url: str) -> str:
    """The ARN of the queue that `url` names."""
    try:
        parts = urlsplit(url).path.strip("/").split("/")
    except ValueError:
        parts = []
    if len(parts) < 2 or not _ACCOUNT.fullmatch(parts[-2]) or not _NAME.fullmatch(parts[-1]):
        raise ServiceError(
            "InvalidAddress",
            f"The address {url[:300]!r} is not a queue's; those read {call.house.endpoint}/ACCOUNT/NAME",
        )
    return _arn(call.region, parts[-2], parts[-1])


def url(call: Call, account: str, name: str) -> str:
    return f"{call.house.endpoint}/{account}/{name}"


def of_url(call: Call, req: Request) -> str:
    return parse_url(call, req["QueueUrl"])


def of_new(call: Call, req: Request) -> str:
    return call.arn(queue_name(req["QueueName"]))


def of_name(call: Call, req: Request) -> str:
    account = req.get("QueueOwnerAWSAccountId") or call.account
    if not _ACCOUNT.fullmatch(account):
        raise bad_value(f"QueueOwnerAWSAccountId {account[:40]!r} is not 12 digits")
    return _arn(call.region, account, queue_name(req["QueueName"]))


def every_queue(call: Call, req: Request) -> str:
    return call.arn("*")


def found(tx: Tx, arn: str) -> Row:
    row = rows.queue(tx, arn)
    if row is None:
        raise ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
    return row


def _arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{name}"
