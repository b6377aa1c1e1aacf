"""What preprocessing costs: measured lines, published prices."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from inhouse.solutions.preprocessing import PRICES
from inhouse.solutions.preprocessing.cost import measured, priced

LINE = (
    "REPORT RequestId: 1-2\tDuration: {ran} ms\tBilled Duration: {billed} ms\t"
    "Memory Size: {size} MB\tMax Memory Used: 99 MB\tInit Duration: 300.00 ms\t"
)


class Logs:
    """Pages of log events."""

    def __init__(self, *pages: list[str]) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []
        self.exceptions = SimpleNamespace()

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        at = int(asked.get("nextToken", 0))
        events = [
            {"message": text, "timestamp": 1_790_000_000_000 + 1000 * at + n}
            for n, text in enumerate(self.pages[at])
        ]
        more = {"nextToken": str(at + 1)} if at + 1 < len(self.pages) else {}
        return {"events": events, **more}


def test_report_lines_are_added_up() -> None:
    logs = Logs(
        [LINE.format(ran="40.50", billed=341, size=512), "REPORT RequestId is not one"],
        [LINE.format(ran="10.00", billed=10, size=1024)],
    )
    found = measured(logs, "group", None)
    assert (found.invocations, found.milliseconds, found.milliseconds_billed) == (2, 50.5, 351)
    assert found.gib_seconds == pytest.approx(0.341 / 2 + 0.010)
    assert (found.memory_mib, found.memory_used_mib) == (1024, 99)
    assert (found.first, found.last) == (1_790_000_000_000, 1_790_000_001_000)
    assert [asked.get("nextToken") for asked in logs.asked] == [None, "1"]


def test_a_million_images_at_the_published_prices() -> None:
    """50 ms each in 512 MiB: 25,000 GiB s, and 13.9 hours of one processor of four."""
    found = priced(1_000_000, 50_000_000, 25_000)
    assert found["lambda_x86"] == pytest.approx(0.20 + 0.4166675)
    assert found["lambda_arm"] == pytest.approx(0.20 + 0.333335)
    assert found["instance"] == pytest.approx(50_000 / 3600 / 4 * 1.125)
    assert found["percent_saved"] == pytest.approx(84.21, abs=0.01)


def test_nothing_costs_nothing() -> None:
    assert priced(0, 0, 0) == {
        "lambda_x86": 0, "lambda_arm": 0, "instance": 0, "percent_saved": None,
    }  # fmt: skip


def test_prices_name_the_page_that_publishes_them() -> None:
    assert {PRICES[one]["page"].split("/")[2] for one in ("lambda", "instance")} == {
        "aws.amazon.com"
    }
