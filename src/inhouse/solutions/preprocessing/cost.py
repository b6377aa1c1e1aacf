"""What preprocessing took, and what it costs on AWS: in functions, or on an instance with a GPU.

Measured are the REPORT lines that Lambda writes for every event, the same here and on AWS; they
are what AWS bills by. https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inhouse.solutions.deploying import existing
from inhouse.solutions.preprocessing.deployment import preprocessings
from inhouse.solutions.preprocessing.names import Names

if TYPE_CHECKING:
    import boto3

PRICES: dict[str, Any] = json.loads((Path(__file__).parent / "prices.json").read_text())
_REPORT = re.compile(
    r"REPORT RequestId: \S+\tDuration: (?P<ran>[\d.]+) ms\tBilled Duration: (?P<billed>\d+) ms\t"
    r"Memory Size: (?P<size>\d+) MB\tMax Memory Used: (?P<used>\d+) MB"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one access point. Money is in US dollars at the prices of `prices.json`.

    `milliseconds` are those the function ran, `milliseconds_billed` with what its starts took;
    `gib_seconds` are these by the memory it had. `instance` is what preprocessing in the training
    loop costs: the same milliseconds, shared evenly by all processors of an instance, whose GPU
    waits. `percent_saved` is of the dearer of the two functions, so the other saves more. What S3
    Object Lambda charges for returned data, and what the objects' GETs cost, is in none of them.
    `since` and `until` are the first and last event counted: older lines may be gone from the log.
    """

    name: str
    invocations: int
    milliseconds: float
    milliseconds_billed: int
    memory_mib: int
    memory_used_mib: int
    gib_seconds: float
    since: str | None
    until: str | None
    lambda_x86: float
    lambda_arm: float
    instance: float
    percent_saved: float | None


def costs(session: boto3.Session, since: datetime | None = None) -> list[Cost]:
    """One for each preprocessing of the session's account and region."""
    return [_cost(session, one.name, since) for one in preprocessings(session)]


def to_json(found: list[Cost]) -> str:
    """With the prices that were taken and the pages that publish them."""
    return json.dumps({"prices": PRICES, "access_points": [asdict(one) for one in found]}, indent=2)


@dataclass(slots=True)
class Measured:
    """Sums of REPORT lines; memory is the last size and the most used. Moments in milliseconds."""

    invocations: int = 0
    milliseconds: float = 0.0
    milliseconds_billed: int = 0
    memory_mib: int = 0
    memory_used_mib: int = 0
    gib_seconds: float = 0.0
    first: int | None = None
    last: int | None = None

    def add(self, line: str, moment: int) -> None:
        found = _REPORT.match(line)
        if found is None:
            return
        billed, self.memory_mib = int(found["billed"]), int(found["size"])
        self.invocations += 1
        self.milliseconds += float(found["ran"])
        self.milliseconds_billed += billed
        self.memory_used_mib = max(self.memory_used_mib, int(found["used"]))
        self.gib_seconds += billed / 1000 * self.memory_mib / 1024
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)


def measured(logs: Any, log_group: str, since: datetime | None) -> Measured:
    """What the function of this log group did; nothing where there is no such group yet."""
    members: dict[str, Any] = {"logGroupName": log_group, "filterPattern": '"REPORT RequestId"'}
    if since is not None:
        members["startTime"] = int(since.timestamp() * 1000)
    found = Measured()
    while (page := existing(logs.filter_log_events, **members)) is not None:
        for event in page["events"]:
            found.add(event["message"], event["timestamp"])
        if not page.get("nextToken"):
            break
        members["nextToken"] = page["nextToken"]
    return found


def _cost(session: boto3.Session, name: str, since: datetime | None) -> Cost:
    group = Names.of(session, name).log_group
    found = measured(session.client("logs"), group, since)
    return Cost(
        name=name,
        invocations=found.invocations,
        milliseconds=round(found.milliseconds, 2),
        milliseconds_billed=found.milliseconds_billed,
        memory_mib=found.memory_mib,
        memory_used_mib=found.memory_used_mib,
        gib_seconds=round(found.gib_seconds, 6),
        since=_moment(found.first),
        until=_moment(found.last),
        **priced(found.invocations, found.milliseconds_billed, found.gib_seconds),
    )


def priced(invocations: int, milliseconds: float, gib_seconds: float) -> dict[str, Any]:
    """The money in a Cost."""
    lambda_, instance = PRICES["lambda"], PRICES["instance"]
    x86, arm = (
        invocations * lambda_["request"] + gib_seconds * lambda_["gib_second"][architecture]
        for architecture in ("x86_64", "arm64")
    )
    hours = milliseconds / 1000 / 3600 / instance["processors"]
    whole = hours * instance["hour"]
    return {
        "lambda_x86": round(x86, 9),
        "lambda_arm": round(arm, 9),
        "instance": round(whole, 9),
        "percent_saved": round(100 * (1 - max(x86, arm) / whole), 2) if whole else None,
    }


def _moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
