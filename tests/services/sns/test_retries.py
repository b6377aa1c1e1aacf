"""Delivery policies: phases, curves, limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inhouse.services.sns.retries import (
    MANAGED,
    DeliveryPolicyError,
    Retries,
    check_subscription_policy,
    check_topic_policy,
    effective_subscription_policy,
    http_delivery,
)


def delays(retries: Retries) -> list[float | None]:
    return [retries.delay(failures) for failures in range(1, retries.total + 2)]


def test_by_default_three_retries_twenty_seconds_apart() -> None:
    assert delays(http_delivery(None, None).retries) == [20, 20, 20, None]


def test_phases_follow_each_other() -> None:
    retries = Retries(2, 1, 3, 2, 1, 5, "linear")
    assert delays(retries) == [0, 0, 1, 1, 3, 5, 5, 5, None]


def test_managed_endpoints_are_tried_for_weeks() -> None:
    assert [MANAGED.delay(failures) for failures in range(1, 7)] == [0, 0, 0, 1, 1, 1]
    assert MANAGED.total == 100_015
    assert MANAGED.delay(15) == 20
    assert MANAGED.delay(100_015) == 20
    assert MANAGED.delay(100_016) is None


@given(
    st.sampled_from(["linear", "arithmetic", "geometric", "exponential"]),
    st.integers(1, 100),
    st.integers(1, 100),
    st.integers(0, 1000),
)
def test_curves_rise_from_the_shortest_to_the_longest(
    function: str, steps: int, shortest: int, span: int
) -> None:
    longest = shortest + span
    found = [
        delay
        for delay in delays(Retries(0, 0, steps, 0, shortest, longest, function))
        if delay is not None
    ]
    assert len(found) == steps
    assert found == sorted(found)
    assert found[0] == pytest.approx(shortest)
    assert found[-1] == pytest.approx(longest if steps > 1 else shortest)


def test_curves_differ_as_documented() -> None:
    halfway = {
        function: Retries(0, 0, 11, 0, 1, 100, function).delay(6)
        for function in ("linear", "arithmetic", "geometric", "exponential")
    }
    assert halfway["linear"] > halfway["arithmetic"] > halfway["geometric"] > halfway["exponential"]  # type: ignore[operator]


def test_a_subscription_overrides_its_topic_unless_it_may_not() -> None:
    retry = {"numRetries": 1, "minDelayTarget": 2, "maxDelayTarget": 3}
    own = json.dumps({"healthyRetryPolicy": retry, "throttlePolicy": {"maxReceivesPerSecond": 5}})
    topic: dict[str, Any] = {"http": {"defaultHealthyRetryPolicy": {"numRetries": 7}}}
    assert http_delivery(json.dumps(topic), None).retries.total == 7
    assert http_delivery(json.dumps(topic), own).retries.total == 1
    assert http_delivery(json.dumps(topic), own).per_second == 5
    topic["http"]["disableSubscriptionOverrides"] = True
    assert http_delivery(json.dumps(topic), own).retries.total == 7
    assert effective_subscription_policy(None, None)["requestPolicy"] == {
        "headerContentType": "text/plain; charset=UTF-8"
    }


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ([], "object"),
        ({"healthyRetryPolicy": {"numRetries": 101}}, "numRetries"),
        ({"healthyRetryPolicy": {"minDelayTarget": 30}}, "minDelayTarget"),
        ({"healthyRetryPolicy": {"backoffFunction": "square"}}, "backoffFunction"),
        ({"healthyRetryPolicy": {"numRetries": 1, "numNoDelayRetries": 2}}, "sum"),
        (
            {
                "healthyRetryPolicy": {
                    "numRetries": 100,
                    "minDelayTarget": 3600,
                    "maxDelayTarget": 3600,
                }
            },
            "3600 is the most",
        ),
        ({"healthyRetryPolicy": {"tries": 1}}, "tries"),
        ({"throttlePolicy": {"maxReceivesPerSecond": 0}}, "maxReceivesPerSecond"),
        ({"requestPolicy": {"headerContentType": "text\r\nx: y"}}, "media type"),
        ({"healthyRetryPolicy": []}, "object"),
        ({"http": {}}, "http"),
    ],
)
def test_bad_policies_are_refused_with_the_reason(policy: Any, why: str) -> None:
    with pytest.raises(DeliveryPolicyError, match=why):
        check_subscription_policy(json.dumps(policy))


def test_topic_policies_have_their_own_names() -> None:
    check_topic_policy('{"http": {"defaultHealthyRetryPolicy": {"numRetries": 2}}}')
    with pytest.raises(DeliveryPolicyError, match="healthyRetryPolicy"):
        check_topic_policy('{"http": {"healthyRetryPolicy": {"numRetries": 2}}}')
