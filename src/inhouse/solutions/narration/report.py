"""What a narration did and saved, counted from listings of its bucket."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from inhouse.solutions.narration.functions import fragments, ledger
from inhouse.solutions.narration.functions.bucket import Bucket
from inhouse.solutions.narration.listenings import listenings
from inhouse.solutions.narration.names import Names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import boto3

PRICES_PER_MILLION = {"standard": 4.0, "neural": 16.0}
"""US dollars per million characters, https://aws.amazon.com/polly/pricing/."""


@dataclass(frozen=True, slots=True)
class Report:
    """Money in US dollars at `price_per_million` characters; seconds are from save to audio.

    `characters_received` is what synthesizing every save whole would have billed,
    `characters_synthesized` what Polly did bill: every fragment that landed, should one have been
    made twice, twice, also if it was collected since. `merges` counts versions whose audio changed,
    `failed` those that cannot be heard and after which no newer one is. `characters_for_words` were
    billed for the times of words that are there, on AWS; they are in no other number.
    """

    saves: int
    articles: int
    refused: int
    failed: int
    fragments: int
    fragments_collected: int
    merges: int
    characters_received: int
    characters_synthesized: int
    characters_saved: int
    percent_saved: float
    characters_for_words: int
    price_per_million: float
    money_whole: float
    money_spent: float
    money_saved: float
    money_for_words: float
    seconds_to_audio_median: float | None
    seconds_to_audio_p95: float | None
    plays: int
    completions: int
    teaser_subscriptions: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)


def report(
    session: boto3.Session, name: str = "narration", price_per_million: float = 16.0
) -> Report:
    """Counts what is in the bucket, so the numbers hold after restarts and repetitions.

    Plays, completions and subscriptions are sums of CloudWatch, which edges put there.
    """
    bucket = Bucket(session.client("s3"), Names.of(session, name).fragments_bucket)
    saves = [ledger.entry(key) for key in bucket.keys(ledger.SAVES)]
    names, collected = ledger.synthesized(bucket)
    spoken = [characters for one in names if (characters := fragments.characters_of(one))]
    published = list(bucket.keys(ledger.PUBLISHED))
    seconds = [
        ledger.entry(key).number / 1000 for key in published if not key.endswith(ledger.UNCHANGED)
    ]
    timed = ledger.timed(bucket)
    heard = listenings(session, name)
    received, synthesized = sum(save.number for save in saves), sum(spoken)
    price = price_per_million / 1_000_000
    return Report(
        saves=len(saves),
        articles=len({save.article_id for save in saves}),
        refused=sum(1 for _ in bucket.keys(ledger.REFUSED)),
        failed=_failed(bucket, published),
        fragments=len(spoken),
        fragments_collected=collected,
        merges=len(seconds),
        characters_received=received,
        characters_synthesized=synthesized,
        characters_saved=received - synthesized,
        percent_saved=round(100 * (1 - synthesized / received), 2) if received else 0.0,
        characters_for_words=timed,
        price_per_million=price_per_million,
        money_whole=round(received * price, 4),
        money_spent=round(synthesized * price, 4),
        money_saved=round((received - synthesized) * price, 4),
        money_for_words=round(timed * price, 4),
        seconds_to_audio_median=round(statistics.median(seconds), 3) if seconds else None,
        seconds_to_audio_p95=_quantile(seconds, 0.95),
        plays=heard.plays,
        completions=heard.completions,
        teaser_subscriptions=heard.teaser_subscriptions,
    )


def _failed(bucket: Bucket, published: Sequence[str]) -> int:
    """Versions marked as failed, of articles where neither they nor newer ones were published."""
    out: dict[str, int] = {}
    for key in published:
        _, article_id, version, _ = key.split("/")
        out[article_id] = max(out.get(article_id, 0), int(version))
    marks = map(ledger.failed, bucket.keys(ledger.FAILED))
    return sum(out.get(article_id, 0) < version for article_id, version in marks)


def _quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)], 3)
