"""When each word of a fragment is said: `words/<fragment>.json`, a list of [seconds, first, end].

Seconds count from the fragment's start; `first` and `end` are characters of the part's text, counted
from where speech begins in it (`lead`). Polly tells them as byte offsets into the SSML. They are an
addition: audio never waits for them long, and a part longer than Polly takes at once has none.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from bisect import bisect_left
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .bucket import Raced
from .ledger import WORDS
from .runtime import THREADS, Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .plan import Part, Plan

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 5.0
"""So long at most a version's audio waits for the times of its words."""
MOST_BILLED, MOST_CHARACTERS = 3_000, 6_000
"""Of one SynthesizeSpeech, without tags and with them.

https://docs.aws.amazon.com/polly/latest/dg/limits.html
"""
_TOKEN = re.compile(r"<[^>]*>|&[a-z]+;|[^<&]+")
_REFUSALS = frozenset(
    {"ValidationException", "MarksNotSupportedForFormatException", "EngineNotSupportedException",
     "SsmlMarksNotSupportedForTextTypeException", "AccessDenied", "AccessDeniedException"}
)  # fmt: skip


def key(fragment: str) -> str:
    return f"{WORDS}{fragment}.json"


class Words:
    """Writes the words of a plan's new fragments, in threads of its own.

    As a context it starts them, and at its end waits for the last.
    """

    def __init__(self, house: Runtime, plan: Plan) -> None:
        self._house = house
        self._plan = plan
        self._lacking = {
            name: part
            for name, part in plan.spoken.items()
            if name not in plan.known or name in plan.wordless
        }
        self._refused = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._under_way: list[Future[None]] = []

    def __enter__(self) -> Words:
        if self._house.config.words:
            parts = list(self._lacking.values())
            self._under_way = [self._pool.submit(self._try, part) for part in parts]
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def lacking(self) -> tuple[str, ...]:
        """The fragments without words, after waiting a little for those on the way."""
        wait(self._under_way, PATIENCE_SECONDS)
        return tuple(sorted(self._lacking))

    def _try(self, part: Part) -> None:
        if self._refused.is_set():
            return
        try:
            self._write(part)
            self._lacking.pop(part.fragment)
        except ClientError as error:
            # What Polly refuses for one it refuses for all: this voice has no marks.
            if error.response["Error"]["Code"] in _REFUSALS:
                self._refused.set()
            log.warning("no words of %s: %s", part.fragment, error)
        except Exception:  # whatever it is, the audio is well without
            log.exception("no words of %s", part.fragment)

    def _write(self, part: Part) -> None:
        if part.characters > MOST_BILLED or len(part.ssml) > MOST_CHARACTERS:
            return
        bucket = self._house.fragments
        if bucket.head(key(part.fragment)) is None:
            said = part.text[part.lead :]
            found = timed(self._marks(part), part.ssml, said)
            body = json.dumps(found, separators=(",", ":")).encode()
            with contextlib.suppress(Raced):
                bucket.replace(key(part.fragment), body, None, ContentType="application/json")

    def _marks(self, part: Part) -> bytes:
        answer = self._house.client("polly").synthesize_speech(
            Engine=self._plan.engine,
            VoiceId=self._plan.voice,
            Text=part.ssml,
            TextType="ssml",
            OutputFormat="json",
            SpeechMarkTypes=["word"],
            LexiconNames=sorted(part.lexicons),
        )
        marks: bytes = answer["AudioStream"].read()
        return marks


def timed(marks: bytes, ssml: str, said: str) -> list[tuple[float, int, int]]:
    """Polly's word marks of an SSML document of ours as seconds and characters of what it says.

    Both hold the same characters in order, white space aside.
    """
    spoken = list(_visible_bytes(ssml))
    shown = [at for at, character in enumerate(said) if not character.isspace()]
    found = []
    for line in marks.splitlines():
        mark = json.loads(line)
        first, after = (bisect_left(spoken, mark[edge]) for edge in ("start", "end"))
        if first < after <= len(shown):
            found.append((mark["time"] / 1000, shown[first], shown[after - 1] + 1))
    return found


def _visible_bytes(ssml: str) -> Iterator[int]:
    """The byte at which each character of the text that is not white space begins."""
    at = 0
    for token in _TOKEN.findall(ssml):
        if token[0] == "&":
            yield at
        elif token[0] != "<":
            for character in token:
                if not character.isspace():
                    yield at
                at += len(character.encode())
            continue
        at += len(token.encode())
