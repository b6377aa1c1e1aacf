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
import time
from bisect import bisect_left
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .bucket import Raced
from .ledger import WORDS
from .runtime import THREADS, Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .plan import Part, Plan

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 5.0
"""So long at most a version's audio waits for the times of its words."""
LOOKS, PAUSE_SECONDS = 5, 0.2
"""For words that another invocation is writing."""
MOST_BILLED, MOST_CHARACTERS = 3_000, 6_000
"""Of one SynthesizeSpeech, without tags and with them.

https://docs.aws.amazon.com/polly/latest/dg/limits.html
"""
MOST_REMEMBERED = 50_000
_TOKEN = re.compile(r"<[^>]*>|&[a-z]+;|[^<&]+")
_REFUSALS = frozenset(
    {"ValidationException", "MarksNotSupportedForFormatException", "EngineNotSupportedException",
     "SsmlMarksNotSupportedForTextTypeException", "AccessDenied", "AccessDeniedException"}
)  # fmt: skip


def key(fragment: str) -> str:
    return f"{WORDS}{fragment}.json"


class Words:
    """Word times of one invocation, had in threads of its own.

    Each fragment's are asked for when it lands, and again with the next version if that failed.
    """

    _there: set[str] = set()  # noqa: RUF012  (shared by the invocations of one warm function)

    def __init__(self, house: Runtime) -> None:
        self._house = house
        self._refused = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._begun: dict[str, Future[bool]] = {}

    def landed(self, plan: Plan, name: str) -> None:
        """Has the words of a fragment that is new made."""
        part = plan.spoken.get(name)
        if part and self._house.config.words:
            self._begin(name, self._make, plan, part)

    def lacking(self, plan: Plan) -> tuple[str, ...]:
        """The plan's fragments without words, after waiting a little for those on the way."""
        spoken = plan.spoken
        new = spoken.keys() - plan.known.keys()
        missed = spoken.keys() & set(plan.wordless)
        if not self._house.config.words:
            return tuple(sorted(new | missed))
        for name in missed:
            self._begin(name, self._make_up, plan, spoken[name])
        for name in new:
            self._begin(name, self._awaited, spoken[name])
        asked = {name: self._begun[name] for name in new | missed}
        done, _ = wait(asked.values(), PATIENCE_SECONDS)
        return tuple(
            sorted(name for name, one in asked.items() if one not in done or not one.result())
        )

    def finish(self) -> None:
        """Waits for the last."""
        self._pool.shutdown()

    def _begin(self, name: str, look: Callable[..., bool], *told: object) -> None:
        if name not in self._begun:
            self._begun[name] = self._pool.submit(self._try, name, look, *told)

    def _try(self, name: str, look: Callable[..., bool], *told: object) -> bool:
        try:
            return look(*told)
        except ClientError as error:
            # What Polly refuses for one it refuses for all: this voice has no marks.
            if error.response["Error"]["Code"] in _REFUSALS:
                self._refused.set()
            log.warning("no words of %s: %s", name, error)
        except Exception:  # whatever it is, the audio is well without
            log.exception("no words of %s", name)
        return False

    def _has(self, part: Part) -> bool:
        """Whether a part has words, or never will."""
        if part.fragment in self._there or _too_long(part):
            return True
        return self._house.fragments.head(key(part.fragment)) is not None

    def _awaited(self, part: Part) -> bool:
        """The same of a part whose words another invocation may be about to write."""
        for _ in range(LOOKS):
            if self._has(part):
                return True
            time.sleep(PAUSE_SECONDS)
        return False

    def _make_up(self, plan: Plan, part: Part) -> bool:
        return self._has(part) or self._make(plan, part)

    def _make(self, plan: Plan, part: Part) -> bool:
        if _too_long(part):
            return True
        if self._refused.is_set():
            return False
        found = timed(self._marks(plan, part), part.ssml, part.text[part.lead :])
        body = json.dumps(found, separators=(",", ":")).encode()
        with contextlib.suppress(Raced):
            name = key(part.fragment)
            self._house.fragments.replace(name, body, None, ContentType="application/json")
        if len(self._there) >= MOST_REMEMBERED:
            self._there.clear()
        self._there.add(part.fragment)
        return True

    def _marks(self, plan: Plan, part: Part) -> bytes:
        answer = self._house.client("polly").synthesize_speech(
            Engine=plan.engine,
            VoiceId=plan.voice,
            Text=part.ssml,
            TextType="ssml",
            OutputFormat="json",
            SpeechMarkTypes=["word"],
            LexiconNames=sorted(part.lexicons),
        )
        marks: bytes = answer["AudioStream"].read()
        return marks


def _too_long(part: Part) -> bool:
    return part.characters > MOST_BILLED or len(part.ssml) > MOST_CHARACTERS


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
