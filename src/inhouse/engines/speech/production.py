"""From a request to the pieces of its result: spoken, encoded, counted."""

from collections.abc import Iterator

from inhouse.engines.speech import marks
from inhouse.engines.speech.encode import encoder
from inhouse.engines.speech.formats import rate_for
from inhouse.engines.speech.requests import SpeechPart, SpeechRequest, Synthesizer
from inhouse.engines.speech.voices import VoiceTable


def produce(
    synthesizer: Synthesizer, request: SpeechRequest, table: VoiceTable
) -> Iterator[SpeechPart]:
    """One piece a sentence, the last with `done` 1. Memory doesn't grow with the text."""
    rate = rate_for(request, table.find(request.voice).engine)
    whole = max(1, len(request.text.encode()))
    sink = None
    samples = done = 0
    milliseconds = 0
    for speech in synthesizer.synthesize(request):
        if sink is None:
            sink = encoder(request.format, speech.sample_rate, rate, repeats=synthesizer.repeats)
        samples += len(speech.pcm) // 2
        milliseconds = samples * 1000 // speech.sample_rate
        wanted = tuple(mark for mark in speech.marks if mark.type in request.mark_types)
        audio = marks.lines(wanted) if request.format == "json" else sink.add(speech.pcm)
        done = max([done, *(mark.end for mark in speech.marks if mark.end is not None)])
        yield SpeechPart(audio, wanted, min(0.99, done / whole), milliseconds)
    if sink is None:
        sink = encoder(request.format, rate, rate)
    yield SpeechPart(sink.finish(), (), 1.0, milliseconds)
