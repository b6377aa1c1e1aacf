"""The line to Amazon Polly: who is spoken there, and the sound as it comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from inhouse.services.polly.upstream.choice import Choice
from inhouse.services.polly.upstream.client import UpstreamClient, check_keys
from inhouse.services.polly.upstream.faults import FAULTS, translate
from inhouse.services.polly.upstream.threads import Threads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from botocore.response import StreamingBody

    from inhouse.core.settings import Settings
    from inhouse.engines.speech import VoiceTable

CALLS = 18
"""Calls at once: Polly's smallest quota of concurrent requests, that of neural voices."""
_PIECE = 8 << 10


@dataclass(frozen=True, slots=True)
class Answer:
    """Upstream's answer; `pieces` simply join, and raise ServiceError where they break off."""

    content_type: str
    characters: int
    pieces: AsyncIterator[bytes]


class Upstream:
    """Speaks as upstream does. Costs nothing until it is asked; for one event loop."""

    def __init__(self, settings: Settings, voices: VoiceTable) -> None:
        self._choice = Choice(settings.polly_upstream, voices)
        if self._choice:
            check_keys(settings)
        self._client = UpstreamClient(settings, connections=CALLS)
        self._threads = Threads(CALLS)

    def speaks(self, req: Mapping[str, Any]) -> bool:
        """Whether a request of SynthesizeSpeech or StartSpeechSynthesisTask goes upstream."""
        return self._choice.falls_on(req)

    async def answer(self, req: Mapping[str, Any], lexicons: tuple[str, ...]) -> Answer:
        """What upstream says to `req`; `lexicons` are the contents of those it names.

        Raises upstream's own errors where the request is wrong, Away where it cannot answer now.
        """
        try:
            found = await self._threads.run(partial(self._client.synthesize, req, lexicons))
        except FAULTS as error:
            raise translate(error) from error
        return Answer(
            found["ContentType"], found["RequestCharacters"], self._pieces(found["AudioStream"])
        )

    async def _pieces(self, body: StreamingBody) -> AsyncIterator[bytes]:
        try:
            while piece := await self._threads.run(partial(body.read, _PIECE)):
                yield piece
        except FAULTS as error:
            raise translate(error) from error
        finally:
            body.close()
