"""What PutMetricData is given: checked, then gathered by metric, slot and unit.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.cloudwatch import distribution
from inhouse.services.cloudwatch.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

MOST_DATA, MOST_VALUES, MOST_DIMENSIONS = 1000, 150, 30
PAST, FUTURE = 14 * 86_400, 2 * 3_600
"""Seconds a datum may be old, or early."""
SECONDS_KEPT = 3 * 3_600
LARGEST = 2.0**360
_NAMESPACE = re.compile(r"[A-Za-z0-9.\-_/# ][A-Za-z0-9.\-_/#: ]*").fullmatch

Place = tuple[str, str, int, int, str]
"""Metric name, dimensions as JSON, slot length, slot begin, unit."""


@dataclass(slots=True)
class Slot:
    """What is added to a slot. `values` is None when only a statistic set is known."""

    count: float
    sum: float
    min: float
    max: float
    values: list[tuple[float, float]] | None

    def add(self, other: Slot) -> None:
        self.count += other.count
        self.sum += other.sum
        self.min = min(self.min, other.min)
        self.max = max(self.max, other.max)
        if self.values is not None and other.values is not None:
            self.values += other.values
        else:
            self.values = None

    @property
    def distribution(self) -> str | None:
        if self.values is None:
            return None
        found = distribution.text(self.values)
        return distribution.shorter(found) if len(found) > distribution.LONGEST else found


def gather(req: Mapping[str, Any], now: float) -> dict[Place, Slot]:
    """A request's data by slot. Raises the errors of PutMetricData."""
    data: Sequence[Mapping[str, Any]] = req.get("MetricData", ())
    if "EntityMetricData" in req:
        raise invalid("EntityMetricData is not supported; put the data in MetricData.")
    if not data:
        raise missing("MetricData")
    if len(data) > MOST_DATA:
        raise invalid(
            f"The collection MetricData must not have a size greater than {MOST_DATA}; this one "
            f"has {len(data)}."
        )
    found: dict[Place, Slot] = {}
    for number, datum in enumerate(data, 1):
        at = f"MetricData.member.{number}"
        place, slot = _place(datum, at, now), _slot(datum, at)
        known = found.get(place)
        if known is None:
            found[place] = slot
        else:
            known.add(slot)
    return found


def check_namespace(namespace: str, *, internal: bool) -> None:
    """`AWS/` is for our own services. Raises InvalidParameterValue."""
    if not 1 <= len(namespace) <= 255 or not _NAMESPACE(namespace):
        raise invalid(
            f"The value {namespace[:80]!r} for parameter Namespace is invalid: use 1 to 255 "
            "letters, digits and .-_/#: without a colon at the beginning."
        )
    if namespace.startswith("AWS/") and not internal:
        raise invalid(
            f"The value {namespace} for parameter Namespace is invalid: AWS/ is reserved."
        )


def dimensions_text(dimensions: Iterable[Mapping[str, str]], at: str) -> str:
    """Dimensions as JSON sorted by name: the order in which they are given says nothing."""
    found: dict[str, str] = {}
    for number, one in enumerate(dimensions, 1):
        name, value = one["Name"], one["Value"]
        place = f"{at}.Dimensions.member.{number}"
        if not _is_text(name, 255) or name.startswith(":"):
            raise invalid(
                f"The value {name[:80]!r} for parameter {place}.Name is invalid: use 1 to 255 "
                "ASCII characters that are not all blank, without a colon at the beginning."
            )
        if not _is_text(value, 1024):
            raise invalid(
                f"The value {value[:80]!r} for parameter {place}.Value is invalid: use 1 to 1024 "
                "ASCII characters that are not all blank."
            )
        if name in found:
            raise invalid(f"No repeated dimension names are allowed: {place}.Name is {name!r}.")
        found[name] = value
    if len(found) > MOST_DIMENSIONS:
        raise invalid(
            f"The collection {at}.Dimensions must not have a size greater than "
            f"{MOST_DIMENSIONS}; this one has {len(found)}."
        )
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message)


def missing(member: str) -> ServiceError:
    return ServiceError("MissingParameter", f"The parameter {member} is required.")


def _place(datum: Mapping[str, Any], at: str, now: float) -> Place:
    name: str = datum.get("MetricName", "")
    if not _is_text(name, 255):
        raise invalid(
            f"The value {name[:80]!r} for parameter {at}.MetricName is invalid: use 1 to 255 ASCII "
            "characters that are not all blank."
        )
    unit: str = datum.get("Unit", "None")
    if unit not in UNITS:
        raise invalid(f"The value {unit[:80]!r} for parameter {at}.Unit is invalid.")
    resolution: int = datum.get("StorageResolution", 60)
    if resolution not in (1, 60):
        raise invalid(
            f"The value {resolution} for parameter {at}.StorageResolution is invalid: use 1 or 60."
        )
    moment = _time(datum.get("Timestamp"), at, now)
    period = 1 if resolution == 1 and now - moment < SECONDS_KEPT else 60
    dimensions = datum.get("Dimensions")
    text = dimensions_text(dimensions, at) if dimensions else "{}"
    return name, text, period, int(moment // period) * period, unit


def _time(timestamp: datetime | None, at: str, now: float) -> float:
    if timestamp is None:
        return now
    moment = timestamp.timestamp()
    if moment < now - PAST:
        raise invalid(
            f"The parameter {at}.Timestamp must specify a time within the past two weeks."
        )
    if moment > now + FUTURE:
        raise invalid(
            f"The parameter {at}.Timestamp must specify a time no more than two hours in the future."
        )
    return moment


def _slot(datum: Mapping[str, Any], at: str) -> Slot:
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if not given:
        raise ServiceError(
            "MissingParameter", f"{at}: one of Value, Values and StatisticValues must be specified."
        )
    if len(given) > 1:
        raise ServiceError(
            "InvalidParameterCombination",
            f"The parameters {at}.{given[0]} and {at}.{given[1]} are mutually exclusive and you "
            "have specified both.",
        )
    if "Counts" in datum and given != ["Values"]:
        raise ServiceError(
            "InvalidParameterCombination", f"{at}.Counts goes with {at}.Values, which is missing."
        )
    if given == ["Value"]:
        value = _number(datum["Value"], f"{at}.Value")
        return Slot(1.0, value, value, value, [(value, 1)])
    if given == ["Values"]:
        return _of_values(datum["Values"], datum.get("Counts"), at)
    return _of_statistics(datum["StatisticValues"], f"{at}.StatisticValues")


def _of_values(values: Sequence[float], counts: Sequence[float] | None, at: str) -> Slot:
    if not 1 <= len(values) <= MOST_VALUES:
        raise invalid(
            f"The collection {at}.Values must have a size from 1 to {MOST_VALUES}; this one has "
            f"{len(values)}."
        )
    if counts is None:
        counts = [1.0] * len(values)
    if len(counts) != len(values):
        raise invalid(f"The parameters {at}.Values and {at}.Counts must be of the same size.")
    pairs: list[tuple[float, float]] = []
    for number, (value, count) in enumerate(zip(values, counts, strict=True), 1):
        weight = _number(count, f"{at}.Counts.member.{number}")
        if weight <= 0:
            raise invalid(
                f"The value {count} for parameter {at}.Counts.member.{number} is not > 0."
            )
        pairs.append((_number(value, f"{at}.Values.member.{number}"), weight))
    total = sum(value * count for value, count in pairs)
    least, most = min(value for value, _ in pairs), max(value for value, _ in pairs)
    return Slot(sum(count for _, count in pairs), total, least, most, pairs)


def _of_statistics(given: Mapping[str, float], at: str) -> Slot:
    names = ("SampleCount", "Sum", "Minimum", "Maximum")
    for name in names:
        if name not in given:
            raise missing(f"{at}.{name}")
    count, total, least, most = (_number(given[name], f"{at}.{name}") for name in names)
    if count <= 0:
        raise invalid(f"The value {count} for parameter {at}.SampleCount must be greater than 0.")
    if least > most:
        raise invalid(f"{at}.Minimum {least} must not be greater than {at}.Maximum {most}.")
    # Percentiles of a set can be told only where it hides nothing.
    values = [(least, count)] if least == most else None
    return Slot(count, total, least, most, values)


def _number(value: float, at: str) -> float:
    if math.isnan(value):
        raise invalid(f"The value NaN for parameter {at} is invalid.")
    if abs(value) > LARGEST:
        raise invalid(f"The value {value} for parameter {at} is invalid: use -2^360 to 2^360.")
    return float(value)


def _is_text(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isascii() and text.isprintable() and not text.isspace()
