"""Who speaks here, what is remembered of it, and how often each was asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from prometheus_client.core import CounterMetricFamily

if TYPE_CHECKING:
    from inhouse.engines.speech import Speaker, VoiceTable
    from inhouse.services.polly.memory import MarksMemory
    from inhouse.services.polly.upstream import Upstream

By = Literal["voice", "memory", "upstream"]


@dataclass(frozen=True, slots=True)
class Studio:
    """The parts that operations and jobs share."""

    speaker: Speaker
    voices: VoiceTable
    memory: MarksMemory
    upstream: Upstream
    answers: Counter[By] = field(default_factory=Counter)
    """Texts answered, by who answered."""

    def metrics(self) -> CounterMetricFamily:
        """The answers as Prometheus counts them."""
        family = CounterMetricFamily(
            "inhouse_polly_answers", "Texts answered, by who answered.", labels=("by",)
        )
        for by, count in self.answers.items():
            family.add_metric((by,), count)
        return family
