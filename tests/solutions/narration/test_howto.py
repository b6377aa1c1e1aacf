"""The how-to works as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.serving import RunningServer

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "narrate-a-newsroom.md"


def test_every_python_block_runs(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert (tmp_path / "budget.mp3").stat().st_size > 1000
    assert names["first"]["teaser"]["key"] == "budget-2026/teaser.mp3"  # type: ignore[index]
