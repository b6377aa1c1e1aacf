"""The first function: a save becomes a plan, and only what was never said goes to Polly.

Every step may be repeated, by a retry or a duplicate, and comes to the same end.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import index, inserts, ledger, lexicons, manifest, metrics, plan, save
from .bucket import Bucket, Raced, Stored, encoded
from .claims import STALE_SECONDS, Claims, found
from .config import NoVoice
from .document import document
from .parts import Parts
from .runtime import THREADS, Runtime, runtime

if TYPE_CHECKING:
    from .plan import Part, Plan

log = logging.getLogger(__name__)
LONGEST_LETTER = 200_000
"""Bytes of a save that still fit into one SQS message beside the reason."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Takes the SNS messages of an invocation."""
    for record in event["Records"]:
        Splitter(runtime(), context.aws_request_id).take(record["Sns"])


class Splitter:
    """One invocation; `request` is the same again when it is retried."""

    def __init__(self, house: Runtime, request: str) -> None:
        self._house = house
        self._config = house.config
        self._bucket: Bucket = house.fragments
        self._claims = Claims(house.fragments, house.client("polly"), house.config, request)

    def take(self, message: dict[str, Any]) -> None:
        """Plans one save and starts what it lacks, or refuses it into the dead letters."""
        try:
            read = save.parse(message["Message"], self._config.language)
            current = self._house.audio.json(manifest.key(read.article_id))
            made, repeated = self._stored(self._plan(read, message["Timestamp"], current))
            outcome, started = self._advance(made, current, repeated)
        except (save.Refused, NoVoice) as reason:
            self._refuse(message, str(reason))
            return
        self._bucket.put(ledger.save_key(made.article_id, made.version, made.characters), b"")
        log.info("%s version %s: %s", made.article_id, made.version, outcome)
        metrics.put(
            self._house.cloudwatch,
            self._config.name,
            Saves=1,
            CharactersReceived=made.characters,
            CharactersAwaited=started,
        )

    def _plan(self, read: save.Save, received: str, current: Stored | None) -> Plan:
        try:
            voice, engine = self._config.voice_for(read.language, read.voice)
        except NoVoice:
            raise save.Refused(
                f"No voice is known for language {read.language!r}; name one in `voice`, or deploy"
                " with `voices`."
            ) from None
        making = Parts(self._config, self._lexicons(), voice, engine)
        parts: list[Part] = []
        known = manifest.known(current.fields) if current else {}
        wordless = manifest.wordless(current.fields) if current else set()
        pending = list(read.inserts)
        for number, group in list(making.groups(read)):
            while pending and number is not None and pending[0].after < number:
                parts.append(self._insert(pending.pop(0), known))
            parts += group
        parts += [self._insert(one, known) for one in pending]
        extra = making.note(read.language) if read.premium else ()
        names = {part.fragment for part in (*parts, *extra)}
        return plan.Plan(
            article_id=read.article_id,
            version=read.version,
            language=read.language,
            title=document(read.title, read.language).text,
            premium=read.premium,
            metadata=read.metadata,
            voice=voice,
            engine=engine,
            publisher=self._config.publisher,
            received=received,
            digest=read.digest,
            parts=tuple(parts),
            extra=extra,
            known={name: key for name, key in known.items() if name in names},
            wordless=tuple(sorted(wordless & names)),
        )

    def _lexicons(self) -> lexicons.Lexicons:
        names = self._config.lexicons
        return lexicons.load(self._house.client("polly"), names) if names else lexicons.NONE

    def _insert(self, insert: save.Insert, known: dict[str, str]) -> Part:
        name, key = inserts.fragment(self._house.s3, self._bucket, insert, self._config)
        known[name] = key
        return plan.Part("insert", name, 0, f"s3://{insert.bucket}/{insert.key}")

    def _stored(self, made: Plan) -> tuple[Plan, bool]:
        """Stores the plan, once for each version; a repeated save gets the plan made first."""
        key = plan.key(made.article_id, made.version)
        while True:
            try:
                self._bucket.replace(key, encoded(made.to_fields()), None)
                return made, False
            except Raced:
                held = self._bucket.json(key)
            if held is None:
                continue
            first = plan.Plan.from_fields(held.fields)
            if first.digest != made.digest:
                raise save.Refused(
                    f"Version {made.version} of {made.article_id} has been saved before with other"
                    " content; a changed article needs a higher version."
                )
            return first, True

    def _advance(self, made: Plan, current: Stored | None, repeated: bool) -> tuple[str, int]:
        """What became of it, and the characters given to Polly."""
        newest = [plan.version_of(key) for key in self._newest(made.article_id)]
        out = current.fields["version"] if current else 0
        if newest[0] > made.version or out >= made.version:
            return "stopped: a newer or the same version is there", 0
        settled = len(newest) == 1 or newest[1] <= out
        if settled and current and current.fields["says"] == made.says:
            return "stopped: it says nothing new", 0
        earlier = newest[1] if len(newest) > 1 and not repeated else None
        started = self._start(made, self._in_the_making(made, earlier))
        if started is None:
            self._publish(made)
            return "complete: every fragment is there", 0
        return f"waiting for fragments; {started} characters are new", started

    def _newest(self, article_id: str) -> list[str]:
        return list(self._bucket.keys(plan.prefix(article_id), most=2))

    def _in_the_making(self, made: Plan, earlier: int | None) -> set[str]:
        """Fragments that the version before has indexed and ordered, so that we need not again."""
        if earlier is None or not index.is_finished(self._bucket, made.article_id, earlier):
            return set()
        held = self._bucket.json(plan.key(made.article_id, earlier))
        if held is None or _age(held.fields["received"]) > STALE_SECONDS:
            return set()  # What is still missing after so long may have failed.
        return set(plan.Plan.from_fields(held.fields).names)

    def _start(self, made: Plan, ordered: set[str]) -> int | None:
        """Has everything lacking made; None when nothing lacks, else the characters it takes.

        All index entries are written before the first look at a fragment: one that lands in between
        finds its entry or is found by the look.
        """
        parts = {part.fragment: part for part in (*made.parts, *made.extra)}
        lacking = [part for name, part in parts.items() if name not in made.known]
        new = [part for part in lacking if part.fragment not in ordered]
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda part: self._index(made, part), new))
            keys = list(pool.map(lambda part: self._ensure(made, part), new))
        if self._claims.sure:
            index.finish(self._bucket, made.article_id, made.version)
        absent = [part for part, key in zip(new, keys, strict=True) if key is None]
        if absent:
            return sum(part.characters for part in absent)
        # One that is absent will bring the second function here; only if none is, nobody else will.
        late = (part for part in reversed(lacking) if part.fragment in ordered)
        return 0 if any(found(self._bucket, part.fragment) is None for part in late) else None

    def _index(self, made: Plan, part: Part) -> None:
        self._bucket.put(index.key(part.fragment, made.article_id), b"")

    def _ensure(self, made: Plan, part: Part) -> str | None:
        if not part.ssml:
            landed = found(self._bucket, part.fragment)
            if landed is None:
                raise RuntimeError(f"the {part.kind} is not in the bucket; deploy again")
            return landed
        recipe = made.recipe(part, self._config.sample_rate)
        try:
            return self._claims.ensure(recipe)
        except save.Refused:
            # Nobody shall take this plan for the newest: the version before it goes on.
            self._bucket.delete([plan.key(made.article_id, made.version)])
            raise

    def _publish(self, made: Plan) -> None:
        """Hands over to the second function, which alone may write the audio."""
        article = {"article_id": made.article_id, "version": made.version}
        self._house.client("lambda").invoke(
            FunctionName=self._config.merge_function,
            InvocationType="Event",
            Payload=json.dumps({"publish": [article]}),
        )

    def _refuse(self, message: dict[str, Any], reason: str) -> None:
        body = {"reason": reason, "message_id": message["MessageId"]}
        text = message["Message"]
        key = ledger.refused_key(message["MessageId"])
        self._bucket.put(key, encoded({**body, "received": message["Timestamp"], "save": text}))
        if len(json.dumps(text)) <= LONGEST_LETTER:
            letter = {**body, "save": text}
        else:
            letter = {**body, "save_at": f"s3://{self._bucket.name}/{key}"}
        self._house.client("sqs").send_message(
            QueueUrl=self._config.dead_letters,
            MessageBody=json.dumps(letter),
            MessageAttributes={"reason": {"DataType": "String", "StringValue": reason[:1000]}},
        )
        log.warning("refused %s: %s", message["MessageId"], reason)
        metrics.put(self._house.cloudwatch, self._config.name, Refused=1)


def _age(moment: str) -> float:
    """Seconds since an ISO 8601 time."""
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
