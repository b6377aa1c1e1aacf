"""A script performed: sound sentence by sentence, and marks at the times they were heard."""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from inhouse.engines.speech.breath import inhalation
from inhouse.engines.speech.loudness import Fader
from inhouse.engines.speech.requests import Mark, MarkType, Speech
from inhouse.engines.speech.script import Breath, Deadline, Pause, Point, Sentence, Word
from inhouse.engines.speech.sound import STEP_MS, Sound, VoiceModel, silence, sine
from inhouse.engines.speech.timing import Timing, in_time
from inhouse.engines.speech.visemes import SILENCE

LONGEST_RUN = 45
LONGEST_SAID = 400
"""Words and characters spoken in one breath at most, so that memory stays bounded."""

_BLEEP_HERTZ = 1000
_AROUND_BREATH_MS = 60
_BLEEP_DECIBELS = -4.0
"""A pure tone is heard more keenly than speech of the same level."""


@dataclass(slots=True)
class _Run:
    """Words that one voice speaks at a stretch, and the marks before its n-th word.

    A `continued` run is the rest of a word that takes more than one breath.
    """

    words: list[Word] = field(default_factory=list)
    points: list[tuple[int, Point]] = field(default_factory=list)
    continued: bool = False


def render(
    sentences: Iterable[Sentence], voice_for: Callable[[str], VoiceModel], sample_rate: int
) -> Iterator[Speech]:
    """Speech of each sentence; `voice_for` gives the voice of a language, all at `sample_rate`."""
    performance = _Performance(voice_for, sample_rate)

    def timed(rehearsed: list[Sentence]) -> dict[Deadline, Timing]:
        rehearsal = _Performance(voice_for, sample_rate)
        for sentence in rehearsed:
            rehearsal.sentence(sentence)
        return rehearsal.timings()

    for sentence in in_time(sentences, timed):
        yield performance.sentence(sentence)
    rest = performance.rest()
    if rest.pcm or rest.marks:
        yield rest


@dataclass(slots=True)
class _Span:
    """Samples of the words of one deadline, and those of silence before its begin and end."""

    begin: int
    end: int
    quiet_begin: int
    quiet_end: int


class _Performance:
    """Where we are in time. Silence is only sounded once it is known that something follows."""

    def __init__(self, voice_for: Callable[[str], VoiceModel], sample_rate: int) -> None:
        self._voice_for = voice_for
        self._rate = sample_rate
        self._position = 0
        self._gap = 0
        self._pauses = 0
        self._pcm: list[bytes] = []
        self._marks: list[Mark] = []
        self._faders: dict[int, Fader] = {}
        self._shape = SILENCE
        self._quiet = 0
        self._spans: dict[Deadline, _Span] = {}

    def timings(self) -> dict[Deadline, Timing]:
        """How long the words of each deadline took so far."""
        return {
            deadline: Timing(
                (span.end - span.begin) * 1000 / self._rate,
                (span.quiet_end - span.quiet_begin) * 1000 / self._rate,
            )
            for deadline, span in self._spans.items()
        }

    def sentence(self, sentence: Sentence) -> Speech:
        began: int | None = None
        for item in _runs(sentence, self._voice_for):
            if isinstance(item, Pause):
                self._pauses += item.ms
                continue
            if isinstance(item, Breath):
                self._breathe(item)
                continue
            self._sound_silence()
            if isinstance(item, Point):
                self._mark("ssml", self._position, item.name, item.start, item.end)
                continue
            first = self._run(item, item.words[-1].end == sentence.words[-1].end)
            began = first if began is None else began
        if began is not None:
            self._mark("sentence", began, sentence.written, sentence.start, sentence.end)
            self._gap = sentence.gap
        return self._take()

    def rest(self) -> Speech:
        """Breaks at the very end are heard; the gap after the last sentence isn't."""
        self._gap = 0
        self._fall_silent()
        self._sound_silence()
        return self._take()

    def _run(self, run: _Run, ends_sentence: bool) -> int:
        """Speaks a run; returns the sample at which its first word begins."""
        voice = self._voice_for(run.words[0].style.language)
        sound = voice.speak(run.words, ends_sentence)
        if run.words[0].bleep:
            sound = self._bleep(sound, run.words[0].style.volume)
        elif voice.raw:
            sound = self._mastered(sound, run.words, voice)
        here = self._position
        for index, word in enumerate(() if run.continued else run.words):
            self._mark("word", here + sound.onsets[index], word.written, word.start, word.end)
        for index, point in run.points:
            at = sound.onsets[index] if index < len(sound.onsets) else sound.samples
            self._mark("ssml", here + at, point.name, point.start, point.end)
        for at, name in sound.visemes:
            self._mark("viseme", here + at, name)
            self._shape = name
        self._time(run, sound)
        self._add(sound.pcm)
        return here + sound.onsets[0]

    def _time(self, run: _Run, sound: Sound) -> None:
        """Notes from when to when the words with a deadline are heard."""
        ends = [*sound.onsets[1:], sound.samples]
        for word, begin, end in zip(run.words, sound.onsets, ends, strict=True):
            deadline = word.style.deadline
            if deadline is not None:
                begun = _Span(self._position + begin, 0, self._quiet, 0)
                span = self._spans.setdefault(deadline, begun)
                span.end, span.quiet_end = self._position + end, self._quiet

    def _mastered(self, sound: Sound, words: list[Word], voice: VoiceModel) -> Sound:
        # Only voices that need numpy come here.
        from inhouse.engines.speech.mastering import master

        fader = self._faders.setdefault(id(voice), Fader())
        return master(sound, words, fader, self._rate)

    def _bleep(self, sound: Sound, decibels: float) -> Sound:
        steps = max(1, sound.samples * 1000 // self._rate // STEP_MS)
        tone = sine(steps, self._rate, _BLEEP_HERTZ, _BLEEP_DECIBELS + decibels)
        return Sound(tone, tuple(0 for _ in sound.onsets), ((0, SILENCE),))

    def _breathe(self, taken: Breath) -> None:
        """A breath between sentences takes its time from the silence there."""
        self._gap = max(min(self._gap, _AROUND_BREATH_MS), self._gap - taken.ms)
        self._sound_silence()
        self._fall_silent()
        self._add(inhalation(taken.ms, taken.decibels, self._rate))
        self._pauses = _AROUND_BREATH_MS

    def _sound_silence(self) -> None:
        ms = max(self._gap, self._pauses)
        self._gap = self._pauses = 0
        if ms:
            self._fall_silent()
            self._quiet += ms * self._rate // 1000
            self._add(silence(ms, self._rate))

    def _fall_silent(self) -> None:
        """The mouth closes, unless it has."""
        if self._shape != SILENCE:
            self._mark("viseme", self._position, SILENCE)
        self._shape = SILENCE

    def _add(self, pcm: bytes) -> None:
        self._pcm.append(pcm)
        self._position += len(pcm) // 2

    def _mark(
        self, kind: MarkType, at: int, value: str, start: int | None = None, end: int | None = None
    ) -> None:
        self._marks.append(Mark(at * 1000 // self._rate, kind, value, start, end))

    def _take(self) -> Speech:
        order = {"sentence": 0, "ssml": 1, "word": 2, "viseme": 3}
        marks = sorted(self._marks, key=lambda mark: (mark.time, order[mark.type]))
        speech = Speech(b"".join(self._pcm), self._rate, tuple(marks))
        self._pcm, self._marks = [], []
        return speech


def _runs(
    sentence: Sentence, voice_for: Callable[[str], VoiceModel]
) -> Iterator[_Run | Pause | Breath | Point]:
    """Words that belong together, cut at pauses, bleeps, other voices and long breaths."""
    run = _Run()
    for item in sentence.items:
        if isinstance(item, Point):
            if run.words:
                run.points.append((len(run.words), item))
            else:
                yield item
        elif isinstance(item, Pause | Breath):
            if run.words:
                yield run
                run = _Run()
            yield item
        else:
            if run.words and (run.continued or _parts(run.words, item, voice_for)):
                late = [point for index, point in run.points if index == len(run.words)]
                run.points = [(index, p) for index, p in run.points if index < len(run.words)]
                yield run
                run = _Run(points=[(0, point) for point in late])
            breaths = _breaths(item)
            run.words.append(breaths[0])
            for breath in breaths[1:]:
                yield run
                run = _Run([breath], continued=True)
    if run.words:
        yield run


def _parts(words: list[Word], following: Word, voice_for: Callable[[str], VoiceModel]) -> bool:
    last = words[-1]
    if last.bleep or following.bleep:
        return True
    if voice_for(last.style.language) is not voice_for(following.style.language):
        return True
    said = sum(len(word.said) for word in words)
    if len(words) >= LONGEST_RUN or said + len(following.said) > LONGEST_SAID:
        return True
    return bool(last.after) and (len(words) > LONGEST_RUN // 2 or said > LONGEST_SAID // 2)


def _breaths(word: Word) -> list[Word]:
    """A word that is said at great length (a thousand digits) in several breaths."""
    if len(word.said) <= LONGEST_SAID or word.ipa:
        return [word]
    pieces = textwrap.wrap(word.said, LONGEST_SAID) or [""]
    rest = [replace(word, said=piece, after=",") for piece in pieces]
    return [*rest[:-1], replace(rest[-1], after=word.after)]
