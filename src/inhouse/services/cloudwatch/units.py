"""Units a metric may have.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
"""

_SIZES = tuple(
    f"{scale}{what.lower() if scale else what}"
    for scale in ("", "Kilo", "Mega", "Giga", "Tera")
    for what in ("Bytes", "Bits")
)
_PLAIN = ("Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None")
UNITS = frozenset((*_PLAIN, *_SIZES, *(f"{size}/Second" for size in _SIZES)))
