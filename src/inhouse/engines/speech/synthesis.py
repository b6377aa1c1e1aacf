"""A request to speech: the script read by whoever is cast."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from inhouse.engines.speech.errors import InvalidRequest
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
    from pathlib import Path


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
    """Speaks with Joe and espeak-ng. Models load when first needed and stay."""

    repeats = False

    def __init__(self, table: VoiceTable) -> None:
        from inhouse.engines.speech.espeak import Espeak

        self._table = table
        self._espeak = Espeak()
        self._models: dict[Path, VoiceModel] = {}

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
        from inhouse.engines.speech.piper_voice import PiperVoice

        if casting.speaks_with(language) == "joe":
            path = joe()
            model = self._models.get(path)
            if model is None:
                model = self._models[path] = PiperVoice(path, self._espeak)
            assert isinstance(model, PiperVoice)
            return model.at_pitch(casting.pitch)
        code = espeak_code(language)
        if code is None:
            raise InvalidRequest(f"No installed voice speaks {language!r}.", "language")
        name = f"{code}+{casting.variant}" if casting.variant else code
        return EspeakVoice(self._espeak, name)


def style_of(request: SpeechRequest, casting: Casting) -> Style:
    return Style(request.language or casting.voice.language_code)
