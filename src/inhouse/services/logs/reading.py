"""Operations that read logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.operations import reads
from inhouse.services.logs import names, rows
from inhouse.services.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

PAGE = 10_000
SCANNED = 20_000
"""Events looked at in one call; a page may be empty and still have a next one."""
BYTES = 1 << 20
EVERYTHING = 1 << 31
FIRST, FOREVER = (-1, -1), (1 << 62, 1 << 62)


class Reading:
    """Describe, filter, get."""

    @reads("logs:DescribeLogGroups", names.of_all_groups)
    def describe_log_groups(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = _limit(req, 50)
        prefix, part = req.get("logGroupNamePrefix", ""), req.get("logGroupNamePattern", "").lower()
        after = req.get("nextToken", "")
        shown = []
        for row in rows.groups_after(call.tx, call.account, call.region, after, EVERYTHING):
            if row["name"].startswith(prefix) and part in row["name"].lower():
                shown.append(_shown_group(row))
                if len(shown) > most:
                    return {"logGroups": shown[:most], "nextToken": shown[most - 1]["logGroupName"]}
        return {"logGroups": shown}

    @reads("logs:DescribeLogStreams", names.of_group)
    def describe_log_streams(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = _limit(req, 50)
        chosen = names.group(call, req)
        group = _group(call, req)
        prefix = req.get("logStreamNamePrefix", "")
        by_time = req.get("orderBy", "LogStreamName") == "LastEventTime"
        if by_time and prefix:
            raise names.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        found = [r for r in rows.streams_of(call.tx, group["id"]) if r["name"].startswith(prefix)]
        if by_time:
            found.sort(key=lambda row: row["last"] or 0)
        if req.get("descending"):
            found.reverse()
        start = _offset(req.get("nextToken"))
        answer: dict[str, Any] = {
            "logStreams": [_shown_stream(chosen, row) for row in found[start : start + most]]
        }
        if start + most < len(found):
            answer["nextToken"] = str(start + most)
        return answer

    @reads("logs:FilterLogEvents", names.of_group)
    def filter_log_events(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = _limit(req, PAGE)
        group = _group(call, req)
        pattern = Pattern.parse(req.get("filterPattern", ""))
        wanted, prefix = req.get("logStreamNames"), req.get("logStreamNamePrefix", "")
        if wanted and prefix:
            raise names.invalid("Give logStreamNames or logStreamNamePrefix, not both.")
        start, end = _span(req, inclusive=True)
        after = _place(req.get("nextToken")) or FIRST
        found = rows.of_group(call.tx, group["id"], start, end, after, SCANNED)
        shown: list[dict[str, Any]] = []
        size, last = 0, None
        for row in found:
            if len(shown) == most or size > BYTES:
                break
            last = row
            in_stream = row["stream"] in wanted if wanted else row["stream"].startswith(prefix)
            if in_stream and pattern.matches(row["message"]):
                shown.append({**_shown(row), "logStreamName": row["stream"], "eventId": _id(row)})
                size += len(row["message"])
        answer: dict[str, Any] = {"events": shown, "searchedLogStreams": []}
        if last is not None and (last is not found[-1] or len(found) == SCANNED):
            answer["nextToken"] = _token(last)
        return answer

    @reads("logs:GetLogEvents", names.of_stream)
    def get_log_events(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        most = _limit(req, PAGE)
        stream = rows.stream(call.tx, _group(call, req)["id"], names.stream(req))
        if stream is None:
            raise names.missing("stream")
        start, end = _span(req, inclusive=False)
        token = req.get("nextToken")
        place = _place(token[2:] if token else None)
        if token and (token[:2] not in ("f/", "b/") or place is None):
            raise names.invalid("nextToken: this is not a token that GetLogEvents answered.")
        ahead = token.startswith("f/") if token else bool(req.get("startFromHead"))
        if ahead:
            found = rows.forward(call.tx, stream["id"], start, end, place or FIRST, most)
        else:
            found = rows.backward(call.tx, stream["id"], start, end, place or FOREVER, most)
        here = "{}/{}".format(*place) if place else "0/0"
        return {
            "events": [_shown(row) for row in found],
            "nextForwardToken": "f/" + (_token(found[-1]) if found else here),
            "nextBackwardToken": "b/" + (_token(found[0]) if found else here),
        }


def _group(call: Call, req: Mapping[str, Any]) -> Row:
    row = rows.group(call.tx, names.group(call, req))
    if row is None:
        raise names.missing("group")
    return row


def _limit(req: Mapping[str, Any], most: int) -> int:
    limit = int(req.get("limit", most))
    if not 1 <= limit <= most:
        raise names.invalid(f"limit: {limit} is not between 1 and {most}.")
    return limit


def _span(req: Mapping[str, Any], *, inclusive: bool) -> tuple[int, int]:
    end = req.get("endTime")
    return int(req.get("startTime", 0)), FOREVER[0] if end is None else int(end) + inclusive


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isascii() or not token.isdigit() or len(token) > 9:
        raise names.invalid("nextToken: this is not a token that DescribeLogStreams answered.")
    return int(token)


def _place(token: str | None) -> rows.Place | None:
    if token is None:
        return None
    time, _, number = token.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (time, number)):
        raise names.invalid("nextToken: this is not a token of an earlier answer.")
    return int(time), int(number)


def _token(row: Row) -> str:
    return f"{row['timestamp']}/{row['id']}"


def _id(row: Row) -> str:
    return f"{row['timestamp']:014d}{row['id']:018d}"


def _shown(row: Row) -> dict[str, Any]:
    return {
        "timestamp": row["timestamp"],
        "message": row["message"],
        "ingestionTime": row["ingested"],
    }


def _shown_group(row: Row) -> dict[str, Any]:
    arn = names.Group(row["account"], row["region"], row["name"]).arn
    return {
        "logGroupName": row["name"],
        "creationTime": row["created"],
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": row["size"],
        "logGroupClass": "STANDARD",
    }


def _shown_stream(group: names.Group, row: Row) -> dict[str, Any]:
    shown = {
        "logStreamName": row["name"],
        "creationTime": row["created"],
        "arn": f"{group.arn}:log-stream:{row['name']}",
        "storedBytes": 0,
    }
    if row["last"] is not None:
        shown |= {
            "firstEventTimestamp": row["first"],
            "lastEventTimestamp": row["last"],
            "lastIngestionTime": row["ingested"],
        }
    return shown
