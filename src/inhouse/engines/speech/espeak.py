"""espeak-ng through the shared library inside piper-tts: phonemes, and sound with word times.

The library keeps its state in globals, so there is one `Espeak` a process, and it isn't for
threads. It is GPL-3.0 and only ever loaded in a worker process.
"""

import _ctypes
import ctypes
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from inhouse.engines.speech.errors import SpeechFailed, SpeechUnavailable

_SYNCHRONOUS_WITH_CALLBACK = 1  # AUDIO_OUTPUT_RETRIEVAL
_PHONEME_EVENTS_IN_IPA = 0x1 | 0x2
_DONT_EXIT = 0x8000
_UTF8, _PHONEMES_IN_BRACKETS = 1, 0x100
_IPA = 0x02
_WORD, _PHONEME = 1, 7
_RATE, _VOLUME, _PITCH, _WORDGAP = 1, 2, 3, 7


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def library() -> Path:
    """The folder of piper-tts, found without importing it. Raises SpeechUnavailable."""
    spec = importlib.util.find_spec("piper")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if next(Path(place).glob("espeakbridge*.so"), None):
            return Path(place)
    raise SpeechUnavailable("Speaking languages other than with the voice Tone")


@dataclass(slots=True)
class Spoken:
    """16-bit mono sound; `words` are (character, ms) and `phonemes` (IPA, ms) in order."""

    pcm: bytearray = field(default_factory=bytearray)
    words: list[tuple[int, int]] = field(default_factory=list)
    phonemes: list[tuple[str, int]] = field(default_factory=list)


class Espeak:
    """The one instance of espeak-ng in this process."""

    def __init__(self) -> None:
        folder = library()
        self._path = str(next(folder.glob("espeakbridge*.so")))
        self._data = str(folder / "espeak-ng-data").encode()
        self._spoken = Spoken()
        self._callback = _Callback(self._receive)
        self._load()

    def _load(self) -> None:
        self._library = ctypes.CDLL(self._path)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        options = _PHONEME_EVENTS_IN_IPA | _DONT_EXIT
        self.sample_rate = int(
            self._library.espeak_Initialize(_SYNCHRONOUS_WITH_CALLBACK, 200, self._data, options)
        )
        if self.sample_rate <= 0:
            raise SpeechFailed("espeak-ng can't start: its data is missing or damaged.")
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def begin_anew(self) -> None:
        """Forget all that was spoken, so that the same text sounds the same again.

        The wave generator keeps flutter and phase in static variables from one utterance to the
        next. Loading the library again, in about a millisecond, is the only way to reset them.
        """
        self._library.espeak_Terminate()
        _ctypes.dlclose(self._library._handle)
        self._load()

    def phonemes(self, text: str, voice: str) -> str:
        """IPA of `text`, stress marked, words parted by spaces."""
        self._use(voice)
        buffer = ctypes.create_string_buffer(text.encode())
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))
        clauses = []
        while pointer.value:
            clause = self._library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA)
            if clause:
                clauses.append(clause.decode("utf-8", "replace").strip())
        return " ".join(filter(None, clauses))

    def synthesize(self, text: str, voice: str, words_a_minute: int, pitch: int) -> Spoken:
        """Speak `text`. `pitch` is 0 to 99, 50 is the voice's own; [[…]] holds espeak phonemes."""
        self._use(voice)
        self._library.espeak_SetParameter(_RATE, max(80, min(450, words_a_minute)), 0)
        self._library.espeak_SetParameter(_PITCH, max(0, min(99, pitch)), 0)
        self._library.espeak_SetParameter(_VOLUME, 100, 0)
        self._spoken = Spoken()
        encoded = text.encode() + b"\0"
        flags = _UTF8 | _PHONEMES_IN_BRACKETS
        status = self._library.espeak_Synth(encoded, len(encoded), 0, 1, 0, flags, None, None)
        if status != 0:
            raise SpeechFailed(f"espeak-ng refused the text (status {status}).")
        self._library.espeak_Synchronize()
        return self._spoken

    def knows(self, voice: str) -> bool:
        return int(self._library.espeak_SetVoiceByName(voice.encode())) == 0

    def _use(self, voice: str) -> None:
        if voice != self._voice:
            if not self.knows(voice):
                raise SpeechFailed(f"espeak-ng has no voice {voice!r}.")
            self._voice = voice

    def _receive(self, samples: object, count: int, events: object) -> int:
        if samples and count > 0:
            self._spoken.pcm += ctypes.string_at(samples, count * 2)  # type: ignore[arg-type]
        index = 0
        while (event := events[index]).type:  # type: ignore[index]
            if event.type == _WORD:
                self._spoken.words.append((event.text_position - 1, event.audio_position))
            elif event.type == _PHONEME:
                ipa = event.id.string.decode("utf-8", "ignore")
                self._spoken.phonemes.append((ipa, event.audio_position))
            index += 1
        return 0
