"""Which voice a deployment speaks with, checked against what Polly offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inhouse.solutions.narration.functions import languages
from inhouse.solutions.narration.functions.config import TONE

ENGINES = ("neural", "standard", "generative", "long-form")
SAMPLE_RATES = {"standard": 22_050}
USUAL_SAMPLE_RATE = 24_000


@dataclass(frozen=True, slots=True)
class Choice:
    """`engines` holds the voices that `engine` is not offered for, by one that is."""

    voice: str
    language: str
    engine: str
    engines: dict[str, list[str]]
    sample_rate: int


def choose(
    polly: Any, voice: str | None, language: str | None, engine: str | None, rate: int | None
) -> Choice:
    """Fills in what is not given. Raises ValueError when the voice is not to be had so."""
    offered: dict[str, dict[str, Any]] = {}
    members: dict[str, Any] = {}
    while True:
        answer = polly.describe_voices(**members)
        offered |= {one["Id"]: one for one in answer["Voices"]}
        if not answer.get("NextToken"):
            break
        members["NextToken"] = answer["NextToken"]
    chosen = voice or _usual(language)
    if chosen not in offered:
        raise ValueError(f"voice is {chosen!r}; Polly offers {', '.join(sorted(offered))}")
    supported = offered[chosen]["SupportedEngines"]
    if engine is not None and engine not in supported:
        raise ValueError(f"engine is {engine!r}; voice {chosen} has {', '.join(supported)}")
    engine = engine or next(one for one in ENGINES if one in supported)
    spoken = language or ("en-US" if chosen == TONE else offered[chosen]["LanguageCode"])
    if not languages.is_tag(spoken):
        raise ValueError(f"language is {spoken!r}; it must be a tag such as en or de-AT")
    engines: dict[str, list[str]] = {}
    for name, found in sorted(offered.items()):
        if engine not in found["SupportedEngines"]:
            other = next(one for one in ENGINES if one in found["SupportedEngines"])
            engines.setdefault(other, []).append(name)
    return Choice(
        chosen, spoken, engine, engines, rate or SAMPLE_RATES.get(engine, USUAL_SAMPLE_RATE)
    )


def _usual(language: str | None) -> str:
    code = languages.code(language or "en-US")
    if code is None:
        raise ValueError(f"language is {language!r}, which has no usual voice; name one")
    return languages.VOICES[code]
