"""The rooms of the house that keep something: their tables, and their migrations beside them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]


def rooms() -> dict[str, Path]:
    """Every folder of ours that has a tables.py, by name (`ssm`, `work`, …)."""
    return {path.parent.name: path.parent for path in sorted(ROOT.rglob("tables.py"))}


def load_tables() -> None:
    """Imports every tables.py, which fills `metadata`."""
    for folder in rooms().values():
        import_module(".".join(("inhouse", *folder.relative_to(ROOT).parts, "tables")))
