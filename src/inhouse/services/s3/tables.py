"""Buckets, objects, and the parts that large objects are made of.

An object's bytes are `data`, when they are few, else the parts of its `content` in order of
`start`. Completing an upload therefore copies nothing: the upload's id becomes the content.
"""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text

from inhouse.store.metadata import metadata

buckets = Table(
    "s3_buckets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("policy", Text),
    Column("notifications", Text),
    Column("tags", Text),
    Index("ix_s3_buckets_account", "account", "name"),
)

objects = Table(
    "s3_objects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("etag", Text, nullable=False),  # without its quotes
    Column("modified", Float, nullable=False),  # whole seconds, as HTTP tells them
    Column("storage_class", Text, nullable=False),
    Column("algorithm", Text, nullable=False),  # of the checksum, as CRC32
    Column("checksum", Text, nullable=False),  # base64; composite ones end in -PARTS
    Column("checksum_type", Text, nullable=False),
    Column("headers", Text, nullable=False),  # JSON: Content-Type and its like, by boto3's names
    Column("metadata", Text),  # JSON, None when there is none
    Column("tags", Text),  # JSON, None when there are none
    Column("part_count", Integer),  # of a multipart upload, else None
    Column("content", Text),
    Column("data", LargeBinary),  # last, so that listings never touch its pages
    Index("ix_s3_objects_place", "bucket", "key", unique=True),
)

uploads = Table(
    "s3_uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("initiator", Text, nullable=False),
    Column("storage_class", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("checksum_type", Text, nullable=False),
    Column("declared", Integer, nullable=False),  # 1: the client chose the algorithm
    Column("headers", Text, nullable=False),
    Column("metadata", Text),
    Column("tags", Text),
    Index("ix_s3_uploads_place", "bucket", "key", "id"),
)

parts = Table(
    "s3_parts",
    metadata,
    Column("content", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("start", Integer, nullable=False),  # in the object; -1 until the upload is completed
    Column("size", Integer, nullable=False),
    Column("etag", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("modified", Float, nullable=False),
    Column("blob", Text, nullable=False),
)
