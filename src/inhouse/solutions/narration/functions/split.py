"""The first function: a save becomes a plan, and only what was never said goes to Polly.

Every step may be repeated, by a retry or a duplicate, and comes to the same end.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import index, inserts, ledger, lexicons, manifest, metrics, plan, save
from .bucket import Bucket, Raced, Stored, encoded
from .claims import STALE_SECONDS, Claims, Failed, found, is_young
from .config import NoVoice
from .document import document
from .failures import Failures
from .parts import Parts
from .runtime import THREADS, Runtime, runtime

if TYPE_CHECKING:
    from .plan import Part, Plan

log = logging.getLogger(__name__)
LONGEST_LETTER = 200_000
"""Bytes of a save that still fit into one SQS message beside the reason."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Takes SNS messages, which are saves or failed tasks, and requests of the second function."""
    house = runtime()
    for record in event.get("Records", ()):
        message, splitter = record["Sns"], Splitter(house, context.aws_request_id)
        if message["TopicArn"] == house.config.tasks_topic:
            splitter.failures.heard(message["Message"])
        else:
            splitter.take(message)
    for request in event.get("requests", ()):
        Splitter(house, context.aws_request_id, trusted=0.0).mend(request)


class Splitter:
    """One invocation; `request` is the same again when it is retried."""

    def __init__(self, house: Runtime, request: str, trusted: float | None = None) -> None:
        self._house = house
        self._config = house.config
        self._bucket: Bucket = house.fragments
        self._request = request
        polly = house.client("polly")
        self._claims = Claims(house.fragments, polly, house.config, request, trusted)
        self.failures = Failures(house, self._claims)

    def take(self, message: dict[str, Any]) -> None:
        """Plans one save and starts what it lacks, or refuses it into the dead letters."""
        try:
            read = save.parse(message["Message"], self._config.language)
            current = self._house.audio.json(manifest.key(read.article_id))
            made, repeated = self._stored(self._plan(read, message["Timestamp"], current))
            outcome, started = self._accepted(made, current, repeated)
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

    def mend(self, request: dict[str, Any]) -> None:
        """What the second function found wrong: a fragment is no use or gone, or they do not fit."""
        if "unreadable" in request:
            self.failures.unreadable(request["unreadable"], request["reason"])
            return
        article_id, version = request["article_id"], request["version"]
        if "reason" in request:
            self.failures.mark_version(article_id, version, request["reason"])
            return
        held = self._bucket.json(plan.key(article_id, version))
        if held is None:
            return
        made = replace(plan.Plan.from_fields(held.fields), known={})
        current = self._house.audio.json(manifest.key(article_id))
        try:
            outcome, _ = self._advance(made, current, repeated=True)
        except save.Refused as reason:
            outcome = str(reason)
        log.warning("%s version %s lacked fragments: %s", article_id, version, outcome)

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
                parts.append(self._insert(pending.pop(0)))
            parts += group
        parts += [self._insert(one) for one in pending]
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

    def _insert(self, insert: save.Insert) -> Part:
        name = inserts.fragment(self._house.s3, self._bucket, insert, self._config)
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

    def _accepted(self, made: Plan, current: Stored | None, repeated: bool) -> tuple[str, int]:
        try:
            return self._advance(made, current, repeated)
        except save.Refused:
            # Nobody shall take this plan for the newest: the version before it goes on.
            self._bucket.delete([plan.key(made.article_id, made.version)])
            raise

    def _advance(self, made: Plan, current: Stored | None, repeated: bool) -> tuple[str, int]:
        """What became of it, and the characters given to Polly."""
        newest = [plan.version_of(key) for key in self._newest(made.article_id)]
        out = current.fields["version"] if current else 0
        if newest[0] > made.version or out >= made.version:
            return "stopped: a newer or the same version is there", 0
        settled = len(newest) == 1 or newest[1] <= out
        if settled and current and current.fields["says"] == made.says:
            return "stopped: it says nothing new", 0
        if repeated:
            self.failures.forget(made.article_id, made.version)
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
        if held is None or not is_young(held.age, STALE_SECONDS):
            return set()  # What is still missing after so long may have failed.
        if self.failures.is_marked(made.article_id, earlier):
            return set()
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
        index.write(self._bucket, part.fragment, made.article_id, made.version)

    def _ensure(self, made: Plan, part: Part) -> str | None:
        if not part.ssml:
            return self._kept(part)
        recipe = made.recipe(part, self._config.sample_rate)
        try:
            return self._claims.ensure(recipe)
        except Failed as failed:
            self.failures.mark(part.fragment, str(failed))
            raise

    def _kept(self, part: Part) -> str | None:
        """The key of what is no speech; None where it has to land anew."""
        landed = self._claims.keep(part.fragment)
        if landed is None and part.kind == "insert":
            where, name = part.text, part.fragment
            inserts.again(self._house.s3, self._bucket, where, name, self._config, self._request)
        elif landed is None:
            raise RuntimeError(f"the {part.kind} is not in the bucket; deploy again")
        return landed

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
