"""The master keys that were ever used here, each with a proof by which it is known again."""

from sqlalchemy import Column, LargeBinary, Table, Text

from inhouse.store.metadata import metadata

master_keys = Table(
    "store_master_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("proof", LargeBinary, nullable=False),  # nothing, sealed under the key
)
