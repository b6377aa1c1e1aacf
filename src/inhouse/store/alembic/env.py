"""Alembic's entry when it writes a revision: one connection, one room's tables."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine

from inhouse.store.metadata import metadata
from inhouse.store.rooms import ROOT, rooms

attributes = context.config.attributes


def of_the_room(object_: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Only tables that the room declares; others belong to other revisions."""
    if kind != "table":
        return True
    folder = rooms()[attributes["room"]].relative_to(ROOT)
    return bool(object_.info.get("room", str(name).split("_")[0]) == folder.name)


engine = create_engine(f"sqlite:///{attributes['database']}")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, include_object=of_the_room)
    with context.begin_transaction():
        context.run_migrations()
