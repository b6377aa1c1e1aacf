"""Marks of what was spoken lately, so that word times asked for after the sound cost nothing."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args

import orjson
import structlog

from inhouse.engines.speech import Mark, MarkType, identity, lines
from inhouse.services.polly import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inhouse.core.call import Call
    from inhouse.engines.speech import SpeechRequest, VoiceTable

log = structlog.get_logger()
ALL: tuple[MarkType, ...] = get_args(MarkType)
_OVERHEAD = 200
"""Bytes that a row takes beside its marks."""
_PARTS = 16
"""The oldest marks are dropped after each such part of the limit that was written."""


class MarksMemory:
    """Marks by a digest of all that they depend on: durable, bounded in age and bytes.

    `most` is the number of bytes kept, 0 for none; it is passed by a sixteenth at times. Tone is
    not remembered: it makes its marks sooner than they could be read.
    """

    def __init__(self, voices: VoiceTable, most: int) -> None:
        self._voices = voices
        self._most = most
        self._who = ""
        self._edition: object = None
        self._written = most
        self._arriving: dict[str, asyncio.Future[bytes]] = {}
        self._writes: set[asyncio.Task[None]] = set()

    def key(self, call: Call, request: SpeechRequest) -> str | None:
        """Names the marks of a request that can be spoken; None if they are not remembered.

        Neither format nor sample rate is in it: marks count milliseconds. The account is, so that
        nobody learns from an answer's haste what others had spoken.
        """
        if not self._most or self._voices.find(request.voice).speaker == "tone":
            return None
        if self._edition != self._voices.edition:
            self._edition = self._voices.edition
            self._who = identity(self._voices)
        said = (
            self._who,
            call.account,
            request.voice,
            request.language,
            request.engine,
            request.text_type,
            request.text,
            request.lexicons,
        )
        return hashlib.sha256(orjson.dumps(said)).hexdigest()

    async def find(self, call: Call, key: str) -> bytes | None:
        """Marks of all types, packed; None when they are unknown or forgotten."""
        arriving = self._arriving.get(key)
        return rows.marks_of(call, key) if arriving is None else await asyncio.shield(arriving)

    def keep(self, call: Call, key: str, packed: bytes) -> None:
        """Writes marks on the call's transaction."""
        size = len(packed) + _OVERHEAD
        rows.keep_marks(call, key, packed, size)
        self._written += size
        if self._written > self._most // _PARTS:
            self._written = 0
            rows.trim_marks(call, self._most)

    def keep_soon(self, call: Call, key: str, marks: Sequence[Mark]) -> None:
        """Writes marks in a while, and knows them at once; nobody waits for it."""
        packing = asyncio.ensure_future(asyncio.to_thread(pack, marks))
        self._arriving[key] = packing
        task = asyncio.create_task(self._write(call, key, packing))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    @contextmanager
    def announced(self, key: str, packed: bytes) -> Iterator[None]:
        """Inside, marks are known already: whoever hears of the sound may ask before the commit."""
        known = asyncio.get_running_loop().create_future()
        known.set_result(packed)
        self._arriving[key] = known
        try:
            yield
        finally:
            self._forget(key, known)

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.gather(*self._writes)

    async def _write(self, call: Call, key: str, packing: asyncio.Future[bytes]) -> None:
        try:
            await call.write(self.keep, key, await packing)
        except Exception:  # the sound was delivered; without its marks it is spoken again
            log.exception("polly.marks_not_kept")
        finally:
            self._forget(key, packing)

    def _forget(self, key: str, arrived: asyncio.Future[bytes]) -> None:
        if self._arriving.get(key) is arrived:
            del self._arriving[key]


def pack(marks: Sequence[Mark]) -> bytes:
    """Marks as they are kept: zlib of a JSON list of [time, type, value, start, end]."""
    fields = [(mark.time, mark.type, mark.value, mark.start, mark.end) for mark in marks]
    return zlib.compress(orjson.dumps(fields))


def unpack(packed: bytes, types: Sequence[str]) -> bytes:
    """The marks of some types as Polly answers them, one JSON object a line."""
    found: list[list[Any]] = orjson.loads(zlib.decompress(packed))
    return lines(Mark(*fields) for fields in found if fields[1] in types)
