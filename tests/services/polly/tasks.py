"""Speech synthesis tasks, waited for."""

from __future__ import annotations

from typing import Any

from tests.waiting import until


def ended(polly: Any, task_id: str) -> dict[str, Any]:
    """The task, once it is completed or failed."""

    def look() -> dict[str, Any] | None:
        task: dict[str, Any] = polly.get_speech_synthesis_task(TaskId=task_id)["SynthesisTask"]
        return task if task["TaskStatus"] in ("completed", "failed") else None

    return until(look, f"the end of task {task_id}")
