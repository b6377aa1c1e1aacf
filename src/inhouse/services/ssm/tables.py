"""Parameters: every version is a row."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

parameters = Table(
    "ssm_parameters",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("latest", Integer, nullable=False),  # 1 for the newest version, else 0
    Column("type", Text, nullable=False),
    Column("value", Text, nullable=False),  # SecureString: base64 of nonce and ciphertext
    Column("key_id", Text),
    Column("tier", Text, nullable=False),
    Column("data_type", Text, nullable=False),
    Column("description", Text),
    Column("allowed_pattern", Text),
    Column("labels", Text, nullable=False),  # JSON list
    Column("modified", Float, nullable=False),
    Column("modified_by", Text, nullable=False),
    Index("ix_ssm_parameters_latest", "account", "region", "latest", "name"),
)
tags = Table(
    "ssm_tags",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
