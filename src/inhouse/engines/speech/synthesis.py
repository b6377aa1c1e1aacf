"""A request to speech: the script read by whoever is cast."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from inhouse.engines.speech.errors import InvalidRequest, SpeechFailed
from inhouse.engines.speech.formats import rate_for
from inhouse.engines.speech.lexicon import Lexicons
from inhouse.engines.speech.reading import read
from inhouse.engines.speech.render import render
from inhouse.engines.speech.requests import Speech, SpeechRequest
from inhouse.engines.speech.script import Style
from inhouse.engines.speech.sound import VoiceModel
from inhouse.engines.speech.tone import ToneVoice
from inhouse.engines.speech.voices import Casting, VoiceTable, espeak_code, joe

if TYPE_CHECKING:
    from inhouse.engines.speech.piper_voice import PiperVoice

_MODELS = 2
"""Each takes some 300 MB; a worker beyond `worker.TIRED_BYTES` is replaced."""


class ToneSynthesizer:
    """Speaks with Tone, at the sample rate of the request; needs nothing installed."""

    repeats = True

    def __init__(self, table: VoiceTable) -> None:
        self._table = table

    def synthesize(self, request: SpeechRequest) -> Iterator[Speech]:
        casting = self._table.find(request.voice)
        voice = ToneVoice(rate_for(request, casting.engine))
        sentences = read(
            request.text, request.text_type, style_of(request, casting),
            Lexicons.parse(request.lexicons),
        )  # fmt: skip
        return render(sentences, lambda _: voice, voice.sample_rate)


class VoiceSynthesizer:
    """Speaks with Joe, Piper voices that were added, and espeak-ng.

    Models load when first needed; the last _MODELS that were used stay.
    """

    repeats = False

    def __init__(self, table: VoiceTable) -> None:
        from inhouse.engines.speech.espeak import Espeak

        self._table = table
        self._espeak = Espeak()
        self._models: dict[tuple[object, ...], PiperVoice] = {}

    def synthesize(self, request: SpeechRequest) -> Iterator[Speech]:
        casting = self._table.find(request.voice)
        self._espeak.begin_anew()
        sentences = read(
            request.text, request.text_type, style_of(request, casting),
            Lexicons.parse(request.lexicons),
        )  # fmt: skip
        voices: dict[str, VoiceModel] = {}

        def voice_for(language: str) -> VoiceModel:
            """One object for all languages that the same voice speaks: it needs no cut."""
            if language not in voices:
                speaker = casting.speaks_with(language)
                known = (v for k, v in voices.items() if casting.speaks_with(k) == speaker)
                found = next(known, None) if speaker != "espeak" else None
                voices[language] = found or self._voice(casting, language)
            return voices[language]

        return render(sentences, voice_for, self._espeak.sample_rate)

    def _voice(self, casting: Casting, language: str) -> VoiceModel:
        from inhouse.engines.speech.espeak_voice import EspeakVoice
        from inhouse.engines.speech.resampling import Resampled

        if espeak_code(language) is None:
            raise InvalidRequest(f"No installed voice speaks {language!r}.", "language")
        if casting.speaks_with(language) in ("joe", "piper"):
            neural = self._neural(casting.model or joe(), casting.person).at_pitch(casting.pitch)
            rate = self._espeak.sample_rate
            return neural if neural.sample_rate == rate else Resampled(neural, rate)
        code = espeak_code(language)
        name = f"{code}+{casting.variant}" if casting.variant else str(code)
        return EspeakVoice(self._espeak, name)

    def _neural(self, path: Path, person: int | None) -> "PiperVoice":
        from inhouse.engines.speech.piper_voice import PiperVoice

        try:
            facts = path.stat()
        except FileNotFoundError:
            raise SpeechFailed("The voice was removed while it was asked to speak.") from None
        key = (path, facts.st_ino, facts.st_mtime_ns, person)
        model = self._models.pop(key, None) or PiperVoice(path, self._espeak, 1.0, person)
        self._models[key] = model
        while len(self._models) > _MODELS:
            del self._models[next(iter(self._models))]
        return model


def style_of(request: SpeechRequest, casting: Casting) -> Style:
    return Style(request.language or casting.voice.language_code)
