"""Puts a complete plan's audio under its stable names, never an older one over a newer.

Order: full audio, teaser, manifest, each replaced only if it is what was read before and older.
Whoever wrote looks again until manifest and audio agree, so the last writer leaves them agreeing.
docs/decisions/0007-narration.md argues it through.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from . import ledger, manifest, mp3
from .bucket import Bucket, Head, Raced, Stored, encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .plan import Plan

MOST_ROUNDS = 50
FEW = 4
"""Fragments that are rather read one by one than cut from the audio they are in."""
_AUDIO = {"ContentType": "audio/mpeg", "CacheControl": "no-cache"}
_JSON = {"ContentType": "application/json", "CacheControl": "no-cache"}

State = Literal["due", "settled", "overtaken"]


class Unsettled(Exception):
    """Others kept changing the article; the invocation is to be retried."""


class Vanished(Exception):
    """A fragment that was there is not; the text is its key."""


class Unreadable(Exception):
    """The fragment with this `key` is no MP3; the text says what it is."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


class Publisher:
    """Publishes into the audio bucket from fragments and plans in the other."""

    def __init__(self, fragments: Bucket, audio: Bucket, sample_rate: int) -> None:
        self._fragments = fragments
        self._audio = audio
        self._sample_rate = sample_rate

    def state(self, plan: Plan) -> State:
        """How far this version is; `settled` means out, in order and accounted for."""
        current = self._audio.json(manifest.key(plan.article_id))
        if current is None or current.fields["version"] < plan.version:
            return "due"
        if current.fields["version"] > plan.version:
            return "overtaken"
        done = ledger.is_published(self._fragments, plan.article_id, plan.version)
        return "settled" if done else "due"

    def publish(self, plan: Plan, keys: Mapping[str, str]) -> float | None:
        """Publishes unless a newer version is out.

        Returns the seconds from the save to new audio, None when others published it or the audio
        stays as it was. Raises Vanished or Unreadable for a fragment, mp3.Unjoinable when they do
        not fit each other.
        """
        wrote = False
        for _ in range(MOST_ROUNDS):
            current = self._audio.json(manifest.key(plan.article_id))
            if current is None or current.fields["version"] < plan.version:
                try:
                    self._replace(plan, keys, current)
                except Raced:
                    continue
                wrote = True
            seconds = self._agree(plan)
            return seconds if wrote else None
        raise Unsettled(plan.article_id)

    def _replace(self, plan: Plan, keys: Mapping[str, str], current: Stored | None) -> None:
        old = current.fields if current else None
        lengths = manifest.lengths(old) if old else {}
        data = self._read({keys[name]: name for name in plan.names if name not in lengths})
        lengths |= {name: frames.seconds for name, frames in data.items()}
        new = manifest.build(plan, keys, lengths, self._sample_rate)
        new["changed"] = old is None or _sounds(old) != _sounds(new)
        for which in ("full", "teaser"):
            if new[which]:
                self._write(new, which, data, old if which == "full" else None)
        new["published"] = _now()
        self._audio.replace(
            manifest.key(plan.article_id), encoded(new), current.etag if current else None, **_JSON
        )

    def _agree(self, plan: Plan) -> float | None:
        """Repairs until nothing is left to repair; then the publication is on the ledger."""
        for _ in range(MOST_ROUNDS):
            current = self._audio.json(manifest.key(plan.article_id))
            if current is None:
                return None
            wrote = [self._repair(current.fields, which) for which in ("full", "teaser")]
            if not any(wrote):
                return self._account(plan, current.fields)
        raise Unsettled(plan.article_id)

    def _repair(self, current: Mapping[str, Any], which: str) -> bool:
        if current[which]:
            return self._write(current, which, {})
        name = manifest.audio_key(current["article_id"], which)
        head = self._audio.head(name)
        if head is None or int(head.metadata["version"]) > current["version"]:
            return False
        self._audio.delete([name])
        return True

    def _write(
        self,
        new: Mapping[str, Any],
        which: str,
        data: Mapping[str, mp3.Frames],
        old: Mapping[str, Any] | None = None,
    ) -> bool:
        """Brings one audio object to this manifest's state unless it is newer; says if it wrote.

        `data` are fragments that were read already, `old` the manifest of what is out.
        """
        wanted = new[which]
        body: bytes | None = None
        for _ in range(MOST_ROUNDS):
            head = self._audio.head(wanted["key"])
            if head and head.metadata["sound"] == wanted["sound"]:
                return False
            if head and int(head.metadata["version"]) > new["version"]:
                return False
            if body is None:
                kept = self._kept(old, new, head) if head and old else {}
                body = self._merged(new, which, {**kept, **data})
            metadata = {"version": str(new["version"]), "sound": wanted["sound"]}
            try:
                self._audio.replace(
                    wanted["key"], body, head.etag if head else None, Metadata=metadata, **_AUDIO
                )
            except Raced:
                continue
            return True
        raise Unsettled(new["article_id"])

    def _merged(self, new: Mapping[str, Any], which: str, data: Mapping[str, mp3.Frames]) -> bytes:
        parts = new["parts"] if which == "full" else new["teaser"]["parts"]
        absent = {part["fragment"]: part["name"] for part in parts if part["name"] not in data}
        every = {**data, **self._read(absent)}
        return mp3.join([every[part["name"]] for part in parts], manifest.tags(new))

    def _kept(
        self, old: Mapping[str, Any], new: Mapping[str, Any], head: Head
    ) -> dict[str, mp3.Frames]:
        """Fragments cut from the audio that is out: one read, where there would be one for each.

        Nothing where too few are in it, or where it is not the audio that `old` describes.
        """
        names = [part["name"] for part in old["parts"]]
        few = len(set(names).intersection(part["name"] for part in new["parts"])) < FEW
        if few or head.metadata["sound"] != old["full"]["sound"]:
            return {}
        seconds = [part["seconds"] for part in old["parts"]]
        try:
            body, etag = self._audio.fetch(old["full"]["key"])
            pieces = mp3.cut(mp3.frames(body), seconds) if etag == head.etag else []
        except (KeyError, mp3.Unjoinable):
            return {}
        return dict(zip(names, pieces, strict=False))

    def _read(self, names: Mapping[str, str]) -> dict[str, mp3.Frames]:
        with ThreadPoolExecutor(8) as pool:
            bodies: Iterable[bytes] = pool.map(self._body, names)
            return {
                name: _frames(key, body)
                for (key, name), body in zip(names.items(), bodies, strict=True)
            }

    def _body(self, key: str) -> bytes:
        try:
            return self._fragments.read(key)
        except KeyError:
            raise Vanished(key) from None

    def _account(self, plan: Plan, current: Mapping[str, Any]) -> float | None:
        if current["version"] != plan.version:
            return None
        seconds = None
        if current["changed"]:
            saved, published = (
                datetime.fromisoformat(current[at]) for at in ("saved_received", "published")
            )
            seconds = max(0.0, (published - saved).total_seconds())
        key = ledger.published_key(plan.article_id, plan.version, seconds)
        self._fragments.put(key, b"")
        return seconds


def _frames(key: str, body: bytes) -> mp3.Frames:
    try:
        return mp3.frames(body)
    except mp3.Unjoinable as error:
        raise Unreadable(key, str(error)) from None


def _sounds(fields: Mapping[str, Any]) -> list[Any]:
    return [fields[which] and fields[which]["sound"] for which in ("full", "teaser")]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
