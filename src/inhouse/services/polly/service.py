"""Polly. Names and keys are those of boto3's `polly` client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inhouse.engines.speech import SpeechPool
from inhouse.services.polly.lexicons import Lexicons
from inhouse.services.polly.speaking import Speaking
from inhouse.services.polly.tasks import Tasks

if TYPE_CHECKING:
    from inhouse.core.ports import House


class PollyService(Speaking, Tasks, Lexicons):
    """Speech at once, speech later, and how words are said."""

    name = "polly"

    def __init__(self, house: House) -> None:
        self.speaker = pool = SpeechPool(
            idle_seconds=house.settings.worker_idle, voices=house.settings.voices
        )
        self.voices = pool.table

    async def stop(self) -> None:
        await self.speaker.close()
