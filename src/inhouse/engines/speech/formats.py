"""Output formats: their sample rates and content types, as Polly has them."""

from collections.abc import Mapping

from inhouse.engines.speech.errors import InvalidRequest
from inhouse.engines.speech.requests import Format, SpeechRequest

CONTENT_TYPES: Mapping[Format, str] = {
    "mp3": "audio/mpeg",
    "ogg_vorbis": "audio/ogg",
    "ogg_opus": "audio/ogg",
    "pcm": "audio/pcm",
    "mulaw": "audio/mulaw",
    "alaw": "audio/alaw",
    "json": "application/x-json-stream",
}

EXTENSIONS: Mapping[Format, str] = {
    "mp3": "mp3", "ogg_vorbis": "ogg", "ogg_opus": "ogg", "pcm": "pcm", "mulaw": "ulaw",
    "alaw": "alaw", "json": "marks",
}  # fmt: skip

_MUSIC = (8000, 16000, 22050, 24000, 44100, 48000)
SAMPLE_RATES: Mapping[Format, tuple[int, ...]] = {
    "mp3": _MUSIC,
    "ogg_vorbis": _MUSIC,
    "ogg_opus": (8000, 12000, 16000, 24000, 48000),
    "pcm": (8000, 16000, 22050, 24000, 44100, 48000),
    "mulaw": (8000,),
    "alaw": (8000,),
    "json": _MUSIC,
}


def rate_for(request: SpeechRequest, engine: str) -> int:
    """Samples a second of the result; `engine` is that of the voice when the request names none.

    Raises InvalidRequest of kind "sample-rate" or "format".
    """
    allowed = SAMPLE_RATES.get(request.format)
    if allowed is None:
        raise InvalidRequest(
            f"The format {request.format!r} isn't one of {', '.join(SAMPLE_RATES)}.", "format"
        )
    if request.sample_rate is None:
        default = 22050 if (request.engine or engine) == "standard" else 24000
        return {"pcm": 16000, "mulaw": 8000, "alaw": 8000, "ogg_opus": 48000}.get(
            request.format, default
        )
    if request.sample_rate not in allowed:
        rates = ", ".join(map(str, allowed))
        raise InvalidRequest(
            f"The sample rate {request.sample_rate} isn't valid for {request.format}; use {rates}.",
            "sample-rate",
        )
    return request.sample_rate
