"""One text as it is spoken here: its bytes, and the marks to be remembered of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from inhouse.engines.speech import lines
from inhouse.services.polly.faults import as_polly
from inhouse.services.polly.memory import ALL, unpack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from inhouse.core.call import Call
    from inhouse.engines.speech import Mark, SpeechRequest
    from inhouse.services.polly.studio import Studio


class Utterance:
    """Speaks a request, or answers its marks from memory when it was spoken lately."""

    def __init__(self, call: Call, request: SpeechRequest, studio: Studio) -> None:
        self._call = call
        self._request = request
        self._studio = studio
        with as_polly():
            self._key = studio.memory.key(call, request)
        self._marks: list[Mark] | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The encoded result in pieces that simply join. Raises Polly's errors."""
        known = await self._known()
        self._studio.answers["voice" if known is None else "memory"] += 1
        if known is not None:
            yield await asyncio.to_thread(unpack, known, self._request.mark_types)
            return
        with as_polly():
            async for piece in self._spoken():
                yield piece

    @property
    def new_marks(self) -> tuple[str, list[Mark]] | None:
        """Key and marks to be remembered, after the last piece; None if there are none."""
        if self._key is None or self._marks is None:
            return None
        return self._key, self._marks

    async def _known(self) -> bytes | None:
        if self._key is None or self._request.format != "json":
            return None
        return await self._studio.memory.find(self._call, self._key)

    async def _spoken(self) -> AsyncIterator[bytes]:
        """The result as the voice makes it; marks of all types, which it knows anyway, are noted."""
        asked = self._request
        if self._key is None:
            async for part in self._studio.speaker.stream(asked):
                yield part.audio
            return
        marks: list[Mark] = []
        async for part in self._studio.speaker.stream(replace(asked, mark_types=ALL)):
            marks += part.marks
            if asked.format == "json":
                yield lines(mark for mark in part.marks if mark.type in asked.mark_types)
            else:
                yield part.audio
        self._marks = marks
