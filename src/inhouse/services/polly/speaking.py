"""SynthesizeSpeech and DescribeVoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, works
from inhouse.engines.speech import CONTENT_TYPES, SYNCHRONOUS, SpeechRequest, check
from inhouse.services.polly import rows
from inhouse.services.polly.faults import as_polly
from inhouse.services.polly.utterance import Utterance
from inhouse.wire import constraints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from inhouse.core.call import Call
    from inhouse.engines.speech import Lengths, Voice, VoiceTable
    from inhouse.services.polly.studio import Studio

LEXICONS = 5
"""Lexicons that can be applied to one text.

https://docs.aws.amazon.com/polly/latest/dg/limits.html
"""

MOST_DIGITS = 6
"""Of a sample rate; what is longer is none."""


def lexicon_arns(call: Call, req: Mapping[str, Any]) -> list[str]:
    """The lexicons a request applies; `*` when it names none."""
    names = req.get("LexiconNames") or ()
    return [call.arn(f"lexicon/{name}", service="polly") for name in names] or ["*"]


def prepare(
    call: Call, req: Mapping[str, Any], voices: VoiceTable, limits: Lengths
) -> tuple[SpeechRequest, int]:
    """The engine's request and the characters billed. Raises Polly's errors for a bad one."""
    with as_polly():
        _check_engine(req.get("Engine"), req["VoiceId"], voices)
        request = as_request(req, lexicon_contents(call, req))
        _check_text_type(request.text_type)
        return request, check(request, voices, limits).billed


def as_request(req: Mapping[str, Any], lexicons: tuple[str, ...]) -> SpeechRequest:
    """What a client asks for, with the contents of the lexicons, as the engine's request."""
    return SpeechRequest(
        text=req["Text"],
        voice=req["VoiceId"],
        text_type=req.get("TextType", "text"),
        format=req["OutputFormat"],
        sample_rate=_sample_rate(req.get("SampleRate")),
        language=req.get("LanguageCode"),
        engine=req.get("Engine"),
        mark_types=tuple(req.get("SpeechMarkTypes", ())),
        lexicons=lexicons,
    )


def _check_text_type(text_type: str) -> None:
    if text_type not in ("text", "ssml"):
        raise ServiceError("ValidationException", f"TextType {text_type!r}: use text or ssml.")


def _check_wanted(language: str | None, engine: str | None, voices: Iterable[Voice]) -> None:
    """Raises ValidationException for what neither Polly knows nor a voice that was added here."""
    wanted = {"LanguageCode": language, "Engine": engine}
    for voice in voices:
        if language in (voice.language_code, *voice.additional_language_codes):
            wanted["LanguageCode"] = None
        if engine in voice.engines:
            wanted["Engine"] = None
    constraints.check("polly", "DescribeVoices", wanted, {}, "ValidationException")


def _check_engine(engine: str | None, voice_id: str, voices: VoiceTable) -> None:
    offered = voices.find(voice_id).voice.engines
    if engine is not None and engine not in offered:
        raise ServiceError(
            "EngineNotSupportedException",
            f"Voice {voice_id} speaks with engine {' or '.join(offered)}, not {engine!r}.",
        )


def _sample_rate(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise ServiceError(
            "InvalidSampleRateException", f"SampleRate {text[:20]!r} is not a number of hertz."
        )
    return int(text)


def lexicon_contents(call: Call, req: Mapping[str, Any]) -> tuple[str, ...]:
    """The documents of the lexicons that a request names."""
    names = req.get("LexiconNames") or ()
    if len(names) > LEXICONS:
        raise ServiceError(
            "ValidationException", f"LexiconNames: at most {LEXICONS} can be applied to a text."
        )
    found = []
    for name in names:
        row = rows.lexicon(call, name)
        if row is None:
            raise ServiceError("LexiconNotFoundException", f"There is no lexicon {name!r} here.")
        found.append(row["content"])
    return tuple(found)


def refuse_token(req: Mapping[str, Any]) -> None:
    """For lists that are answered whole, so that no token of theirs was ever given."""
    if req.get("NextToken"):
        raise ServiceError(
            "InvalidNextTokenException", "NextToken is not one that this operation gave."
        )


class Speaking:
    """Speech at once, and the voices that speak it."""

    studio: Studio

    @works("polly:SynthesizeSpeech", lexicon_arns)
    async def synthesize_speech(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        if self.studio.upstream.speaks(req):
            return await self._from_upstream(call, req)
        request, billed = prepare(call, req, self.studio.voices, SYNCHRONOUS)
        utterance = Utterance(call, request, self.studio)
        pieces = utterance.pieces()
        first = await anext(pieces, b"")
        return {
            "AudioStream": self._audio(call, first, pieces, utterance),
            "ContentType": CONTENT_TYPES[request.format],
            "RequestCharacters": billed,
        }

    async def _from_upstream(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        lexicons = lexicon_contents(call, req)
        self.studio.answers["upstream"] += 1
        answer = await self.studio.upstream.answer(req, lexicons)
        return {
            "AudioStream": answer.pieces,
            "ContentType": answer.content_type,
            "RequestCharacters": answer.characters,
        }

    @reads("polly:DescribeVoices")
    def describe_voices(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        refuse_token(req)
        more = bool(req.get("IncludeAdditionalLanguageCodes"))
        language, engine = req.get("LanguageCode"), req.get("Engine")
        voices = (*self.studio.voices.installed(), *self.studio.voices.polly())
        _check_wanted(language, engine, voices)
        found = []
        for voice in voices:
            codes = (voice.language_code, *(voice.additional_language_codes if more else ()))
            if (language and language not in codes) or (engine and engine not in voice.engines):
                continue
            found.append(
                {
                    "Id": voice.id,
                    "Name": voice.name,
                    "Gender": voice.gender,
                    "LanguageCode": voice.language_code,
                    "LanguageName": voice.language_name,
                    "AdditionalLanguageCodes": list(voice.additional_language_codes),
                    "SupportedEngines": list(voice.engines),
                }
            )
        return {"Voices": found}

    async def _audio(
        self, call: Call, first: bytes, rest: AsyncIterator[bytes], utterance: Utterance
    ) -> AsyncIterator[bytes]:
        """The pieces of an answer; its marks are remembered when it has been heard to its end."""
        if first:
            yield first
        async for piece in rest:
            if piece:
                yield piece
        if utterance.new_marks is not None:
            self.studio.memory.keep_soon(call, *utterance.new_marks)
