"""What the tags of a document do to the style of the words inside them."""

from dataclasses import replace
from typing import cast

from inhouse.engines.speech.script import (
    BREAKS_MS,
    Breath,
    Breathing,
    Deadline,
    Phonation,
    Style,
)
from inhouse.engines.speech.ssml import Element
from inhouse.engines.speech.ssml.rules import (
    BREATH_MS,
    BREATH_VOLUMES,
    BREATH_WORDS,
    PITCHES,
    RATES,
    VOLUMES,
    break_ms,
    duration_ms,
    pitch,
    rate,
    tract,
    volume,
)

_EMPHASIS = {
    "strong": (0.85, 1.06, 4.0),
    "moderate": (0.92, 1.03, 2.0),
    "none": (1.0, 1.0, 0.0),
    "reduced": (1.08, 0.97, -3.0),
}


def styled(node: Element, style: Style) -> Style:
    """The style inside a tag, given that around it."""
    attributes = node.attributes
    if language := attributes.get("xml:lang"):
        style = replace(style, language=language)
    match node.tag:
        case "prosody":
            return _prosody(node, style)
        case "emphasis":
            return style.scaled(*_EMPHASIS[attributes.get("level", "moderate")])
        case "amazon:effect":
            return _effect(node, style)
        case "amazon:auto-breaths":
            breath = breathed(node)
            words = BREATH_WORDS[attributes.get("frequency", "default")]
            return replace(style, breathing=Breathing(words, breath.ms, breath.decibels))
        case _:
            return style


def _prosody(node: Element, style: Style) -> Style:
    """Names set a value for the voice, percentages and decibels change what is around the tag."""
    attributes = node.attributes
    if (value := attributes.get("rate")) is not None:
        factor = rate(value) or 1.0
        style = replace(style, rate=factor) if value in RATES else style.scaled(rate=factor)
    if (value := attributes.get("pitch")) is not None:
        factor = pitch(value) or 1.0
        style = replace(style, pitch=factor) if value in PITCHES else style.scaled(pitch=factor)
    if (value := attributes.get("volume")) is not None:
        decibels = volume(value) or 0.0
        named = value in VOLUMES
        style = replace(style, volume=decibels) if named else style.scaled(volume=decibels)
    if (value := attributes.get("amazon:max-duration")) is not None:
        style = replace(style, deadline=Deadline(node.start, duration_ms(value) or 0))
    return style


def _effect(node: Element, style: Style) -> Style:
    attributes = node.attributes
    effect = style.effect
    name = attributes.get("name")
    if name == "drc":
        effect = replace(effect, compressed=True)
    if name == "whispered" or "phonation" in attributes:
        phonation = "whispered" if name == "whispered" else attributes["phonation"]
        effect = replace(effect, phonation=cast("Phonation", phonation))
    if value := attributes.get("vocal-tract-length"):
        effect = replace(effect, tract=tract(value) or 1.0)
    return replace(style, effect=effect)


def breathed(node: Element) -> Breath:
    """The breath that amazon:breath or each of amazon:auto-breaths asks for."""
    attributes = node.attributes
    return Breath(
        BREATH_MS[attributes.get("duration", "default")],
        BREATH_VOLUMES[attributes.get("volume", "default")],
    )


def paused_ms(node: Element, before: str) -> int:
    """How long a break tag lasts that comes after the text `before`.

    One that says nothing makes a pause out of nothing, a longer one of a comma and one between
    paragraphs of a full stop, as Polly's does.
    """
    attributes = node.attributes
    if time := attributes.get("time"):
        return break_ms(time) or 0
    strength = attributes.get("strength")
    if strength is None:
        last = before.rstrip()[-1:]
        strength = "strong" if last in _COMMAS else "x-strong" if last in _STOPS else "medium"
    return BREAKS_MS[strength]


_COMMAS = tuple(",;:，；：、")
_STOPS = tuple(".!?…。！？")
