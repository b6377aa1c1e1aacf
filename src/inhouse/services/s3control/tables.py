"""Access points of both kinds, and what blocks public access to an account."""

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from inhouse.store.metadata import metadata

access_points = Table(
    "s3control_access_points",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("object_lambda", Integer, primary_key=True),  # 1: an Object Lambda access point
    Column("name", Text, primary_key=True),
    Column("alias", Text, nullable=False),
    Column("bucket", Text),  # None for Object Lambda, which has its supporting access point
    Column("bucket_account", Text),
    Column("block", Text, nullable=False),  # JSON: PublicAccessBlockConfiguration
    Column("policy", Text),
    Column("configuration", Text),  # JSON: ObjectLambdaConfiguration, None for the others
    Column("created", Float, nullable=False),
    Column("tags", Text),  # JSON: values by key
    Index("ix_s3control_access_points_alias", "alias", unique=True),
    Index("ix_s3control_access_points_bucket", "account", "region", "bucket", "name"),
)

blocks = Table(
    "s3control_public_access_blocks",
    metadata,
    Column("account", Text, primary_key=True),
    Column("block", Text, nullable=False),  # JSON: PublicAccessBlockConfiguration
)
