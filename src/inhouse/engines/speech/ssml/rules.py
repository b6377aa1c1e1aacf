"""Which tags and attribute values may be spoken: Polly's SSML dialect, as data.

Follows "Supported SSML tags" in the Amazon Polly developer guide. What no voice here can do is
refused with the reason, never passed over in silence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Check = Callable[[str], str | None]
"""Returns what would be right when the value is wrong."""

Content = Literal["blocks", "sentences", "inline", "text", "empty"]

STRENGTHS = ("none", "x-weak", "weak", "medium", "strong", "x-strong")
LEVELS = ("strong", "moderate", "reduced", "none")
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
PITCHES = {"x-low": 0.76, "low": 0.88, "medium": 1.0, "default": 1.0, "high": 1.12, "x-high": 1.26}
VOLUMES = {"silent": -200.0, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0}
VOLUMES |= {"loud": 4.0, "x-loud": 6.0}
LOUDEST = 20.0
BREATH_MS = {
    "x-short": 200,
    "short": 300,
    "medium": 450,
    "default": 450,
    "long": 650,
    "x-long": 900,
}
BREATH_VOLUMES = {"x-soft": -34.0, "soft": -28.0, "medium": -22.0, "default": -22.0, "loud": -17.0}
BREATH_VOLUMES |= {"x-loud": -12.0}
BREATH_WORDS = {"x-low": 45, "low": 30, "medium": 20, "default": 20, "high": 12, "x-high": 6}
INTERPRETATIONS = (
    "address", "cardinal", "characters", "date", "digits", "expletive", "fraction",
    "number", "ordinal", "spell-out", "telephone", "time", "unit",
)  # fmt: skip
DATE_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd")
ALPHABETS = ("ipa", "x-sampa")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{1,4})?|\.\d{1,4})(ms|s)")
LONGEST_BREAK_MS = 10_000


def one_of(*words: str) -> Check:
    return lambda value: None if value in words else "one of " + ", ".join(words)


def break_ms(value: str) -> int | None:
    """Milliseconds of a break's time attribute; None when it isn't a time."""
    match = TIME.fullmatch(value.strip())
    if match is None:
        return None
    return round(float(match[1]) * (1 if match[2] == "ms" else 1000))


def break_time(value: str) -> str | None:
    ms = break_ms(value)
    right = "a number of s or ms, such as 500ms or 2s, of at most 10s"
    return right if ms is None or ms > LONGEST_BREAK_MS else None


def rate(value: str) -> float | None:
    """The factor on speed of a prosody rate, 0.2 to 2; None when it isn't one.

    85% and -15% are the same.
    """
    if value in RATES:
        return RATES[value]
    match = re.fullmatch(r"([+-]?)(\d{1,3}(?:\.\d{1,4})?)%", value)
    if match is None:
        return None
    factor = float(match[1] + match[2]) / 100 + (1 if match[1] else 0)
    return factor if 0.2 <= factor <= 2 else None


def pitch(value: str) -> float | None:
    """The factor on frequency of a prosody pitch, -33.3% to +50%; None when it isn't one."""
    if value in PITCHES:
        return PITCHES[value]
    match = re.fullmatch(r"([+-]\d{1,3}(?:\.\d{1,4})?)%", value)
    percent = float(match[1]) if match else 100.0
    return 1 + percent / 100 if -33.34 <= percent <= 50 else None


def volume(value: str) -> float | None:
    """Decibels of a prosody volume, +20 at most; None when it isn't one."""
    if value in VOLUMES:
        return VOLUMES[value]
    match = re.fullmatch(r"([+-]\d{1,3}(?:\.\d{1,4})?)dB", value)
    return float(match[1]) if match and float(match[1]) <= LOUDEST else None


def tract(value: str) -> float | None:
    """The factor on the length of the vocal tract, held within 0.5 and 2; None when it isn't one.

    +10% and 110% are the same: Polly names both the change and the result.
    """
    match = re.fullmatch(r"([+-]?)(\d{1,4}(?:\.\d{1,4})?)%", value)
    if match is None:
        return None
    factor = float(match[1] + match[2]) / 100 + (1 if match[1] else 0)
    return max(0.5, min(2.0, factor))


def duration_ms(value: str) -> int | None:
    """Milliseconds of a longest duration; None when it isn't a time above zero."""
    return break_ms(value) or None


def checked(read: Callable[[str], object], right: str) -> Check:
    return lambda value: right if read(value) is None else None


def language(value: str) -> str | None:
    return None if LANGUAGE.fullmatch(value) else "a language code such as en-US or de-DE"


def anything(value: str) -> str | None:
    return None


def pronunciation(value: str) -> str | None:
    return None if 0 < len(value.strip()) <= 300 else "phonetic symbols, at most 300"


def filled(value: str) -> str | None:
    return None if value.strip() else "not empty"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a tag may hold. `content` is the widest kind of children it may have."""

    content: Content
    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    level: Literal["block", "sentence", "inline"] = "inline"


RULES: Mapping[str, Rule] = {
    "speak": Rule(
        "blocks",
        {
            "xml:lang": language, "version": one_of("1.0", "1.1"), "xmlns": anything,
            "xmlns:xsi": anything, "xsi:schemaLocation": anything, "xmlns:amazon": anything,
            "xml:base": anything, "onlangfailure": anything,
        },
    ),
    "p": Rule("sentences", {"xml:lang": language}, level="block"),
    "s": Rule("inline", {"xml:lang": language}, level="sentence"),
    "break": Rule("empty", {"strength": one_of(*STRENGTHS), "time": break_time}),
    "lang": Rule(
        "blocks", {"xml:lang": language, "onlangfailure": anything}, required=("xml:lang",)
    ),
    "prosody": Rule(
        "blocks",
        {
            "rate": checked(
                rate, "x-slow, slow, medium, fast, x-fast, default, 20% to 200%, or -80% to +100%"
            ),
            "pitch": checked(pitch, "x-low, low, medium, high, x-high, default or -33.3% to +50%"),
            "volume": checked(
                volume,
                "silent, x-soft, soft, medium, loud, x-loud, default, +ndB or -ndB, +20dB at most",
            ),
            "amazon:max-duration": checked(duration_ms, "a number of s or ms, such as 800ms or 2s"),
        },
    ),
    "amazon:effect": Rule(
        "blocks",
        {
            "name": one_of("whispered", "drc"),
            "phonation": one_of("soft"),
            "vocal-tract-length": checked(tract, "a percentage: +n%, -n% or n%"),
        },
    ),
    "amazon:breath": Rule(
        "empty", {"duration": one_of(*BREATH_MS), "volume": one_of(*BREATH_VOLUMES)}
    ),
    "amazon:auto-breaths": Rule(
        "blocks",
        {
            "duration": one_of(*BREATH_MS), "volume": one_of(*BREATH_VOLUMES),
            "frequency": one_of(*BREATH_WORDS),
        },
    ),
    "emphasis": Rule("inline", {"level": one_of(*LEVELS)}),
    "say-as": Rule(
        "text",
        {"interpret-as": one_of(*INTERPRETATIONS), "format": one_of(*DATE_FORMATS)},
        required=("interpret-as",),
    ),
    "sub": Rule("text", {"alias": filled}, required=("alias",)),
    "phoneme": Rule("text", {"alphabet": one_of(*ALPHABETS), "ph": pronunciation}, required=("ph",)),
    "w": Rule(
        "text",
        {"role": one_of("amazon:VB", "amazon:VBD", "amazon:DT", "amazon:IN", "amazon:JJ",
                        "amazon:NN", "amazon:DEFAULT", "amazon:SENSE_1")},
    ),
    "mark": Rule("empty", {"name": filled}, required=("name",)),
}  # fmt: skip

REFUSED: Mapping[str, str] = {
    "amazon:domain": "the installed voices have no speaking styles; remove <amazon:domain>",
    "amazon:emotion": "the installed voices have no emotions; remove <amazon:emotion>",
    "audio": "recorded audio can't be played inside speech; merge it afterwards",
    "voice": "a document has one voice; choose it in the request, or switch with <lang>",
}

REFUSED_ATTRIBUTES: Mapping[tuple[str, str], str] = {
    ("prosody", "contour"): "pitch contours aren't supported; use pitch",
    ("prosody", "range"): "pitch ranges aren't supported; use pitch",
    ("prosody", "duration"): "durations aren't supported; use amazon:max-duration or rate",
}

NEEDS_ONE: Mapping[str, str] = {
    "prosody": "rate, pitch, volume and amazon:max-duration",
    "amazon:effect": "name, phonation and vocal-tract-length",
}
"""Tags that say nothing without an attribute."""

LONGEST_TIMED = 1500
"""Characters inside a tag with amazon:max-duration, as in Polly."""
