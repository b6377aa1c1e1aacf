"""The manifest of an article's audio: what is heard when, of which version.

`<article id>/manifest.json` is written after the audio it describes, and replaced only by a newer
version's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .plan import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .plan import Part, Plan

FORMAT = 1
Lengths = dict[str, float]
"""Seconds of each fragment."""


def key(article_id: str) -> str:
    return f"{article_id}/manifest.json"


def audio_key(article_id: str, which: str) -> str:
    """`which` is `full` or `teaser`."""
    return f"{article_id}/{which}.mp3"


def lengths(manifest: Mapping[str, Any]) -> Lengths:
    """What an earlier manifest knows of its fragments."""
    teaser = manifest["teaser"]
    parts = [*manifest["parts"], *(teaser["parts"] if teaser else ())]
    return {part["name"]: part["seconds"] for part in parts}


def known(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Keys of the fragments an earlier manifest used, by name."""
    teaser = manifest["teaser"]
    parts = [*manifest["parts"], *(teaser["parts"] if teaser else ())]
    return {part["name"]: part["fragment"] for part in parts}


def wordless(manifest: Mapping[str, Any]) -> set[str]:
    """Names of its fragments whose words have no times yet; all where nobody noted it."""
    return set(manifest.get("wordless", known(manifest)))


def build(
    plan: Plan, keys: Mapping[str, str], seconds: Lengths, sample_rate: int
) -> dict[str, Any]:
    """The manifest of a plan whose fragments are all there; who publishes it sets when.

    The `lead` of a part is the character of its text at which speech begins: offsets of words
    count from there.
    """
    parts = _timed(plan.parts, keys, seconds, sample_rate)
    teaser = _timed(plan.teaser, keys, seconds, sample_rate)
    return {
        "format": FORMAT,
        "article_id": plan.article_id,
        "version": plan.version,
        "language": plan.language,
        "title": plan.title,
        "premium": plan.premium,
        "metadata": plan.metadata,
        "voice": plan.voice,
        "engine": plan.engine,
        "publisher": plan.publisher,
        "characters": plan.characters,
        "says": plan.says,
        "saved_received": plan.received,
        "published": "",
        "full": _audio(plan, "full", parts),
        "parts": parts,
        "wordless": list(plan.wordless),
        "teaser": {**_audio(plan, "teaser", teaser), "parts": teaser} if teaser else None,
    }


def tags(manifest: Mapping[str, Any]) -> dict[str, str]:
    """ID3 tags of the audio."""
    return {"title": manifest["title"], "artist": manifest["publisher"]}


def _audio(plan: Plan, which: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    names = [part["name"] for part in parts]
    return {
        "key": audio_key(plan.article_id, which),
        "seconds": parts[-1]["end"],
        "sound": digest([FORMAT, plan.title, plan.publisher, names]),
    }


def _timed(
    parts: Sequence[Part], keys: Mapping[str, str], seconds: Lengths, sample_rate: int
) -> list[dict[str, Any]]:
    timed = []
    samples = 0
    for part in parts:
        start = samples
        samples += round(seconds[part.fragment] * sample_rate)
        timed.append(
            {
                "kind": part.kind,
                "paragraph": part.paragraph,
                "sentence": part.sentence,
                "start": round(start / sample_rate, 6),
                "end": round(samples / sample_rate, 6),
                "seconds": seconds[part.fragment],
                "text": part.text,
                "lead": part.lead,
                "name": part.fragment,
                "fragment": keys[part.fragment],
                "characters": part.characters,
            }
        )
    return timed
