"""Which requests go upstream: by voice, by engine, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from inhouse.core.errors import SettingError
from inhouse.engines.speech import Engine, UnknownVoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.engines.speech import VoiceTable

_ENGINES = get_args(Engine)


class Choice:
    """`wanted` is what INHOUSE_POLLY_UPSTREAM says: voice ids, engines or `all`, with commas.

    Engines and `all` mean Polly's voices only; one that is installed here goes upstream if it is
    named. A request without an engine is one for `standard`, as it is in Polly. Raises
    SettingError for a word that is none of these.
    """

    def __init__(self, wanted: str, voices: VoiceTable) -> None:
        self._words = frozenset(word.strip() for word in wanted.split(",") if word.strip())
        self._voices = voices
        self._own: set[str] = set()
        self._edition: object = None
        for word in sorted(self._words - {"all", *_ENGINES}):
            try:
                voices.find(word)
            except UnknownVoice:
                raise SettingError(
                    f"INHOUSE_POLLY_UPSTREAM: {word!r} is neither `all` nor an engine "
                    f"({', '.join(_ENGINES)}) nor a voice; DescribeVoices lists those there are, "
                    "and a file named by INHOUSE_VOICES adds others."
                ) from None

    def __bool__(self) -> bool:
        return bool(self._words)

    def falls_on(self, req: Mapping[str, Any]) -> bool:
        """Whether a request of SynthesizeSpeech or StartSpeechSynthesisTask goes upstream."""
        if not self._words:
            return False
        if req["VoiceId"] in self._words:
            return True
        engine = req.get("Engine", "standard")
        if "all" not in self._words and engine not in self._words:
            return False
        return req["VoiceId"] not in self._installed()

    def _installed(self) -> set[str]:
        """Kept while no voice comes or goes, for the table reads files to answer."""
        if self._edition != self._voices.edition:
            self._own = {voice.id for voice in self._voices.installed()}
            self._edition = self._voices.edition
        return self._own
