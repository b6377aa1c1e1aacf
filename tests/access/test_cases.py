"""Every case in cases/ is decided as it says."""

from __future__ import annotations

import pytest

from inhouse.access import decide
from tests.access.casebook import Case, cases


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    decision = decide(case.question, case.policies)
    expect = case.expect
    assert (decision.allowed, decision.reason) == (expect["allowed"], expect["reason"])
    if "layer" in expect:
        assert decision.layer == expect["layer"]
    if "sids" in expect:
        assert [match.sid for match in decision.matched] == expect["sids"]
    if "message" in expect:
        assert decision.message(case.question) == expect["message"]
