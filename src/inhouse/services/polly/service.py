"""Polly. Names and keys are those of boto3's `polly` client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.engines.speech import SpeechPool
from inhouse.services.polly.lexicons import Lexicons
from inhouse.services.polly.memory import MarksMemory
from inhouse.services.polly.speaking import Speaking
from inhouse.services.polly.studio import Studio
from inhouse.services.polly.tasks import Tasks
from inhouse.services.polly.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from inhouse.core.ports import House


class PollyService(Speaking, Tasks, Lexicons):
    """Speech at once, speech later, and how words are said."""

    name = "polly"

    def __init__(self, house: House) -> None:
        settings = house.settings
        pool = SpeechPool(
            idle_seconds=settings.worker_idle,
            voices=settings.voices,
            shelf=house.data / "voices",
        )
        memory = MarksMemory(pool.table, settings.polly_marks_mib << 20)
        self.studio = Studio(pool, pool.table, memory, Upstream(settings, pool.table))

    async def stop(self) -> None:
        await self.studio.memory.close()
        await self.studio.speaker.close()

    def metrics(self) -> Iterator[Metric]:
        yield self.studio.metrics()
