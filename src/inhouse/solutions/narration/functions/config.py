"""What a deployment was told, read once when a function starts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from . import languages

TONE = "Tone"
"""A voice of Inhouse that speaks no language and so stands for all of them."""

Reuse = Literal["paragraph", "sentence"]


class NoVoice(Exception):
    """No voice is known for a language."""


@dataclass(frozen=True, slots=True)
class Config:
    """The JSON of the deployment's SSM parameter.

    `tasks_topic` hears how Polly's tasks end, `failures_topic` of versions that failed.
    `keep_fragments_days`: days for which unused fragments are kept; None for ever.

    `sample_rate` is in Hz and the same for every fragment, since only equal streams can be joined.
    `engines` names, by another engine, the voices which `engine` is not offered for (a parameter
    holds 4 KiB, and voices are many), `voices` a voice by language where the usual one is not wanted, `notes` what teasers end with by primary language.
    `lexicons` are names; what they hold is read at every save. `separator` is the fragment name of
    the sound between a teaser and its note, `pause` of the silence that ends a paragraph of
    sentences. `reuse` says what is spoken as one: a paragraph or a sentence; `words` whether the
    times of words are kept.
    """

    name: str
    fragments_bucket: str
    audio_bucket: str
    dead_letters: str
    merge_function: str
    language: str
    voice: str
    engine: str
    sample_rate: int
    separator: str
    engines: dict[str, list[str]] = field(default_factory=dict)
    voices: dict[str, str] = field(default_factory=dict)
    lexicons: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    publisher: str = ""
    tasks_topic: str = ""
    failures_topic: str = ""
    split_function: str = ""
    collect_function: str = ""
    keep_fragments_days: float | None = None
    reuse: Reuse = "paragraph"
    pause: str = ""
    words: bool = True

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Config:
        return cls(**json.loads(text))

    def voice_for(self, language: str, wanted: str | None) -> tuple[str, str]:
        """The voice and engine for an article. Raises NoVoice where none is known."""
        voice = wanted or self._voice(language)
        others = (engine for engine, names in self.engines.items() if voice in names)
        return voice, next(others, self.engine)

    def _voice(self, language: str) -> str:
        code = languages.code(language)
        if self.voice == TONE or code == languages.code(self.language):
            return self.voice
        known = {**languages.VOICES, **self.voices}
        if code is None or code not in known:
            raise NoVoice(language)
        return known[code]

    def note_for(self, language: str) -> str:
        """What a teaser says at its end."""
        primary = languages.primary(language)
        known = {**languages.NOTES, **self.notes}
        return known.get(primary, known["en"])


def load(ssm: Any) -> Config:
    """The configuration of the function this runs in."""
    answer = ssm.get_parameter(Name=os.environ["NARRATION_CONFIG"])
    return Config.from_json(answer["Parameter"]["Value"])
