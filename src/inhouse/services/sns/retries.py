"""How often, and when, a failed delivery is tried again. Pure.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TOTAL_SECONDS: Final = 3600
CONTENT_TYPE: Final = "text/plain; charset=UTF-8"
_FUNCTIONS: Final = ("linear", "arithmetic", "geometric", "exponential")
_COUNTS: Final = ("numRetries", "numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")
_DEFAULT: Final[dict[str, Any]] = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}


class DeliveryPolicyError(Exception):
    """A delivery policy that cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Retries:
    """The phases of retrying. Counts of retries; delays in seconds."""

    immediate: int
    pre_backoff: int
    backoff: int
    post_backoff: int
    shortest: float
    longest: float
    function: str

    @property
    def total(self) -> int:
        return self.immediate + self.pre_backoff + self.backoff + self.post_backoff

    def delay(self, failures: int) -> float | None:
        """Seconds to wait after so many failures (from 1); None when it is time to give up."""
        if failures <= self.immediate:
            return 0.0
        failures -= self.immediate
        if failures <= self.pre_backoff:
            return self.shortest
        failures -= self.pre_backoff
        if failures <= self.backoff:
            return self._backoff(failures)
        return self.longest if failures - self.backoff <= self.post_backoff else None

    def _backoff(self, step: int) -> float:
        """From the shortest to the longest delay, along the curve."""
        if self.backoff == 1:
            return self.shortest
        done = (step - 1) / (self.backoff - 1)
        match self.function:
            case "arithmetic":
                done = step * (step - 1) / (self.backoff * (self.backoff - 1))
            case "geometric":
                return float(self.shortest * (self.longest / self.shortest) ** done)
            case "exponential":
                done = (2 ** (step - 1) - 1) / (2 ** (self.backoff - 1) - 1)
        return self.shortest + (self.longest - self.shortest) * done


MANAGED: Final = Retries(3, 2, 10, 100_000, 1, 20, "exponential")
"""For functions and queues: 100,015 retries over 23 days."""


@dataclass(frozen=True, slots=True)
class HttpDelivery:
    """What a web endpoint's subscription asks of deliveries to it."""

    retries: Retries
    content_type: str
    per_second: int | None


def check_subscription_policy(text: str) -> None:
    """Raises DeliveryPolicyError unless `text` is a subscription's delivery policy."""
    _check(_object(text), "healthyRetryPolicy", "throttlePolicy", "requestPolicy")


def check_topic_policy(text: str) -> None:
    """Raises DeliveryPolicyError unless `text` is a topic's delivery policy."""
    document = _object(text)
    _known(document, {"http"}, "the policy")
    http = _member(document, "http")
    if not isinstance(http.get("disableSubscriptionOverrides", False), bool):
        raise DeliveryPolicyError("disableSubscriptionOverrides must be true or false")
    rest = {key: value for key, value in http.items() if key != "disableSubscriptionOverrides"}
    _check(rest, "defaultHealthyRetryPolicy", "defaultThrottlePolicy", "defaultRequestPolicy")


def effective_topic_policy(text: str | None) -> dict[str, Any]:
    """A topic's policy with AWS's defaults filled in."""
    http = (orjson.loads(text) if text else {}).get("http") or {}
    request = http.get("defaultRequestPolicy") or {}
    effective: dict[str, Any] = {
        "defaultHealthyRetryPolicy": {**_DEFAULT, **(http.get("defaultHealthyRetryPolicy") or {})},
        "disableSubscriptionOverrides": http.get("disableSubscriptionOverrides", False),
        "defaultRequestPolicy": {"headerContentType": CONTENT_TYPE, **request},
    }
    if http.get("defaultThrottlePolicy"):
        effective["defaultThrottlePolicy"] = http["defaultThrottlePolicy"]
    return {"http": effective}


def effective_subscription_policy(topic: str | None, subscription: str | None) -> dict[str, Any]:
    """What applies to a subscription, given its topic's policy and its own."""
    http = effective_topic_policy(topic)["http"]
    own = orjson.loads(subscription) if subscription else {}
    if http["disableSubscriptionOverrides"]:
        own = {}
    effective = {
        "healthyRetryPolicy": {**_DEFAULT, **own["healthyRetryPolicy"]}
        if own.get("healthyRetryPolicy")
        else http["defaultHealthyRetryPolicy"],
        "requestPolicy": {**http["defaultRequestPolicy"], **(own.get("requestPolicy") or {})},
    }
    throttle = own.get("throttlePolicy") or http.get("defaultThrottlePolicy")
    if throttle:
        effective["throttlePolicy"] = throttle
    return effective


def http_delivery(topic: str | None, subscription: str | None) -> HttpDelivery:
    """The same, ready for use."""
    effective = effective_subscription_policy(topic, subscription)
    return HttpDelivery(
        _retries(effective["healthyRetryPolicy"]),
        effective["requestPolicy"]["headerContentType"],
        effective.get("throttlePolicy", {}).get("maxReceivesPerSecond"),
    )


def _retries(policy: Mapping[str, Any]) -> Retries:
    immediate, first, last = (
        policy[name] for name in ("numNoDelayRetries", "numMinDelayRetries", "numMaxDelayRetries")
    )
    return Retries(
        immediate,
        first,
        policy["numRetries"] - immediate - first - last,
        last,
        policy["minDelayTarget"],
        policy["maxDelayTarget"],
        policy["backoffFunction"],
    )


def _object(text: str) -> dict[str, Any]:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DeliveryPolicyError(f"it is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise DeliveryPolicyError("it must be a JSON object")
    return document


def _member(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DeliveryPolicyError(f"{name} must be an object")
    return value


def _known(document: Mapping[str, Any], names: set[str], where: str) -> None:
    for name in document:
        if name not in names:
            raise DeliveryPolicyError(f"{where} may hold {', '.join(sorted(names))}, not {name!r}")


def _check(document: Mapping[str, Any], retry: str, throttle: str, request: str) -> None:
    _known(document, {retry, throttle, request}, "the policy")
    retrying = _member(document, retry)
    if retrying:
        _check_retry({**_DEFAULT, **retrying}, retry)
    limits = _member(document, throttle)
    _known(limits, {"maxReceivesPerSecond"}, throttle)
    most = limits.get("maxReceivesPerSecond")
    if most is not None and (not _is_count(most) or most < 1):
        raise DeliveryPolicyError(
            f"{throttle}.maxReceivesPerSecond must be an integer of 1 or more"
        )
    headers = _member(document, request)
    _known(headers, {"headerContentType"}, request)
    content_type = headers.get("headerContentType", CONTENT_TYPE)
    if (
        not isinstance(content_type, str)
        or not content_type.isascii()
        or not content_type.isprintable()
    ):
        raise DeliveryPolicyError(f"{request}.headerContentType must be a media type")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_retry(policy: Mapping[str, Any], where: str) -> None:
    _known(policy, set(_DEFAULT), where)
    for name in _COUNTS:
        if not _is_count(policy[name]) or policy[name] > 100:
            raise DeliveryPolicyError(f"{where}.{name} must be an integer from 0 to 100")
    shortest, longest = policy["minDelayTarget"], policy["maxDelayTarget"]
    if not (_is_count(shortest) and _is_count(longest) and 1 <= shortest <= longest <= 3600):
        raise DeliveryPolicyError(
            f"{where}: minDelayTarget and maxDelayTarget are seconds, 1 to 3600, the first not larger"
        )
    if policy["backoffFunction"] not in _FUNCTIONS:
        raise DeliveryPolicyError(f"{where}.backoffFunction must be one of {', '.join(_FUNCTIONS)}")
    if sum(policy[name] for name in _COUNTS[1:]) > policy["numRetries"]:
        raise DeliveryPolicyError(f"{where}.numRetries must be at least the sum of its phases")
    retries = _retries(policy)
    total = sum(retries.delay(n) or 0 for n in range(1, retries.total + 1))
    if total > MAX_TOTAL_SECONDS:
        raise DeliveryPolicyError(
            f"{where} would retry for {total:.0f} seconds; {MAX_TOTAL_SECONDS} is the most"
        )
