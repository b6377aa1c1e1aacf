"""Collects unused fragments from here, as the deployment's own function does once a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.functions.collect import DAY_SECONDS, Collector, Done
from inhouse.solutions.narration.functions.config import Config
from inhouse.solutions.narration.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected, or with `dry_run` would be. `versions` are old ones nobody hears."""

    articles: int
    versions: int
    fragments: int
    characters: int


def collect(
    session: boto3.Session,
    name: str = "narration",
    *,
    older_than_days: float | None = None,
    dry_run: bool = False,
    progress: Callable[[Collected], object] = lambda _: None,
) -> Collected:
    """Removes fragments that no article has needed for so many days, and what belongs to them.

    `older_than_days` is the deployment's `keep_fragments_days` if left out; less than a quarter of
    an hour counts as that. May run at any time, also beside saves. Raises ValueError when neither
    says how long.
    """
    names = Names.of(session, name)
    if older_than_days is None:
        held = session.client("ssm").get_parameter(Name=names.parameter)
        older_than_days = Config.from_json(held["Parameter"]["Value"]).keep_fragments_days
    if older_than_days is None or older_than_days < 0:
        raise ValueError(
            f"older_than_days is {older_than_days}, and {name} keeps fragments for ever; say how many"
            " days an unused fragment is kept"
        )
    s3 = session.client("s3")
    collector = Collector(
        Bucket(s3, names.fragments_bucket),
        Bucket(s3, names.audio_bucket),
        older_than_days * DAY_SECONDS,
        dry_run=dry_run,
        progress=lambda done: progress(_now(done)),
    )
    collector.run()
    return _now(collector.done)


def _now(done: Done) -> Collected:
    return Collected(done.articles, done.versions, done.fragments, done.characters)
