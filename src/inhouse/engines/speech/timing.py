"""Speech that is to end in time: amazon:max-duration.

How long words take is only known once they have been spoken, so sentences with a deadline are
rehearsed, spoken faster where that was too long, and rehearsed again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from inhouse.engines.speech.script import FASTEST, Deadline, Sentence, Word

_REHEARSALS = 4
_MARGIN = 1.01


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from the first word to the last, and how many of them are pauses."""

    ms: float
    pauses_ms: float


Rehearse = Callable[[list[Sentence]], Mapping[Deadline, Timing]]


def in_time(sentences: Iterable[Sentence], rehearse: Rehearse) -> Iterator[Sentence]:
    """The sentences, those with deadlines as fast as they must be: at most FASTEST.

    Pauses keep their length and count. Sentences that share a deadline are held back until the
    last of them is there; all others pass at once.
    """
    held: list[Sentence] = []
    open_ones: set[Deadline] = set()
    for sentence in sentences:
        found = _deadlines(sentence)
        if held and not found & open_ones:
            yield from _hurried(held, rehearse)
            held = []
        if not found:
            yield sentence
        else:
            held.append(sentence)
        open_ones = found
    yield from _hurried(held, rehearse)


def _deadlines(sentence: Sentence) -> set[Deadline]:
    return {word.style.deadline for word in sentence.words if word.style.deadline is not None}


def _hurried(sentences: list[Sentence], rehearse: Rehearse) -> list[Sentence]:
    factors: dict[Deadline, float] = {}
    faster = sentences
    for _ in range(_REHEARSALS if sentences else 0):
        late = {
            deadline: (timing.ms - timing.pauses_ms) / max(1.0, deadline.ms - timing.pauses_ms)
            for deadline, timing in rehearse(faster).items()
            if timing.ms > deadline.ms and factors.get(deadline, 1.0) < FASTEST
        }
        if not late:
            break
        for deadline, factor in late.items():
            factors[deadline] = min(FASTEST, factors.get(deadline, 1.0) * factor * _MARGIN)
        faster = [_at_rates(sentence, factors) for sentence in sentences]
    return faster


def _at_rates(sentence: Sentence, factors: Mapping[Deadline, float]) -> Sentence:
    def hurried(word: Word) -> Word:
        factor = factors.get(word.style.deadline, 1.0) if word.style.deadline else 1.0
        return replace(word, style=word.style.scaled(rate=factor))

    items = (hurried(item) if isinstance(item, Word) else item for item in sentence.items)
    return replace(sentence, items=tuple(items))
