"""Ranges and conditions, against a reference that is slow and plain."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from inhouse.solutions.narration.edge.answers import Span
from inhouse.solutions.narration.edge.ranges import Unsatisfiable, requested

TAG = '"an-etag"'
numbers = st.integers(0, 30).map(str) | st.sampled_from(["", "00", "007", "9" * 25, "9" * 5000])
spans = st.tuples(numbers, numbers).map("-".join)
headers = (
    st.lists(spans, max_size=3).map(lambda some: "bytes=" + ",".join(some))
    | st.text(alphabet="bytes=-, 0123456789\u0663", max_size=20)
    | st.tuples(st.sampled_from(["Bytes = ", "items=", "bytes=,", "bytes= \t"]), spans).map("".join)
)


def reference(header: str, size: int) -> list[int] | str | None:
    """The positions to send, by trying each; None for the whole, "416" for none."""
    match = re.fullmatch(r"bytes[ \t]*=(.*)", header.strip(), re.IGNORECASE)
    wanted = [one.strip(" \t") for one in match[1].split(",") if one.strip(" \t")] if match else []
    if len(wanted) != 1 or not re.fullmatch(r"[0-9]*-[0-9]*", wanted[0]) or wanted[0] == "-":
        return None
    first, last = (Decimal(one) if one else None for one in wanted[0].split("-"))
    if first is None:
        assert last is not None
        chosen = [at for at in range(size) if at >= size - last]
    elif last is not None and last < first:
        return None
    else:
        chosen = [at for at in range(size) if at >= first and (last is None or at <= last)]
    return chosen or "416"


@given(headers, st.integers(0, 25))
@example("bytes=0-0", 1)
@example("bytes=-0", 10)
@example("bytes=5-3", 10)
@example("bytes=9-", 9)
@example(f"bytes={9 * 10**25}-0", 0)
@example(f"bytes={9 * 10**25}-{10**25}", 5)
def test_a_range_is_what_it_says(header: str, size: int) -> None:
    wanted = reference(header, size)
    try:
        found = requested(header, size)
    except Unsatisfiable:
        assert wanted == "416"
        return
    assert (found and list(range(*found))) == wanted


def asked(method: str = "GET", **headers: str) -> Span:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""}
    return Span(Request(scope), 10, TAG)


@pytest.mark.parametrize(
    ("headers", "status", "sent"),
    [
        ({}, 200, (0, 10)),
        ({"range": "bytes=2-4"}, 206, (2, 5)),
        ({"range": "bytes=-3"}, 206, (7, 10)),
        ({"range": "bytes=0-1,4-5"}, 200, (0, 10)),
        ({"range": "bytes=10-"}, 416, (0, 0)),
        ({"range": "bytes=2-4", "if_range": TAG}, 206, (2, 5)),
        ({"range": "bytes=2-4", "if_range": '"other"'}, 200, (0, 10)),
        ({"range": "bytes=2-4", "if_range": f"W/{TAG}"}, 200, (0, 10)),
        ({"range": "bytes=2-4", "if_range": "Sat, 29 Oct 2022 19:43:31 GMT"}, 200, (0, 10)),
        ({"if_none_match": TAG}, 304, (0, 0)),
        ({"if_none_match": f'"a", W/{TAG}'}, 304, (0, 0)),
        ({"if_none_match": "*", "range": "bytes=2-4"}, 304, (0, 0)),
        ({"if_none_match": '"a"', "range": "bytes=2-4"}, 206, (2, 5)),
        ({"if_match": TAG}, 200, (0, 10)),
        ({"if_match": "*"}, 200, (0, 10)),
        ({"if_match": f"W/{TAG}"}, 412, (0, 0)),
        ({"if_match": '"other"', "if_none_match": TAG}, 412, (0, 0)),
    ],
)
def test_conditions_come_before_ranges(
    headers: dict[str, str], status: int, sent: tuple[int, int]
) -> None:
    span = asked(**headers)
    assert (span.status, (span.start, span.end)) == (status, sent)
    assert span.headers["ETag"] == TAG
    if status == 206:
        assert span.headers["Content-Range"] == f"bytes {sent[0]}-{sent[1] - 1}/10"
    if status == 416:
        assert span.headers["Content-Range"] == "bytes */10"


def test_a_head_tells_of_the_whole_and_sends_nothing() -> None:
    span = asked("HEAD", range="bytes=2-4")
    assert (span.status, span.headers["Content-Length"]) == (200, "10")
    assert span.start == span.end
