"""What a narration did and saved, counted from listings of its bucket."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from inhouse.solutions.narration.functions import fragments, ledger
from inhouse.solutions.narration.functions.bucket import Bucket
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
    made twice, twice. `merges` counts versions whose audio changed.
    """

    saves: int
    articles: int
    refused: int
    fragments: int
    merges: int
    characters_received: int
    characters_synthesized: int
    characters_saved: int
    percent_saved: float
    price_per_million: float
    money_whole: float
    money_spent: float
    money_saved: float
    seconds_to_audio_median: float | None
    seconds_to_audio_p95: float | None

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)


def report(
    session: boto3.Session, name: str = "narration", price_per_million: float = 16.0
) -> Report:
    """Counts what is in the bucket, so the numbers hold after restarts and repetitions."""
    bucket = Bucket(session.client("s3"), Names.of(session, name).fragments_bucket)
    saves = [ledger.entry(key) for key in bucket.keys(ledger.SAVES)]
    names = [fragments.name_of(key) for key in bucket.keys(fragments.PREFIX)]
    spoken = [characters for one in names if one and (characters := fragments.characters_of(one))]
    seconds = [
        ledger.entry(key).number / 1000
        for key in bucket.keys(ledger.PUBLISHED)
        if not key.endswith(ledger.UNCHANGED)
    ]
    received, synthesized = sum(save.number for save in saves), sum(spoken)
    price = price_per_million / 1_000_000
    return Report(
        saves=len(saves),
        articles=len({save.article_id for save in saves}),
        refused=sum(1 for _ in bucket.keys(ledger.REFUSED)),
        fragments=len(spoken),
        merges=len(seconds),
        characters_received=received,
        characters_synthesized=synthesized,
        characters_saved=received - synthesized,
        percent_saved=round(100 * (1 - synthesized / received), 2) if received else 0.0,
        price_per_million=price_per_million,
        money_whole=round(received * price, 4),
        money_spent=round(synthesized * price, 4),
        money_saved=round((received - synthesized) * price, 4),
        seconds_to_audio_median=round(statistics.median(seconds), 3) if seconds else None,
        seconds_to_audio_p95=_quantile(seconds, 0.95),
    )


def _quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all do not exceed."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)], 3)
