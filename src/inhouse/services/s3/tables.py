"""Buckets, objects, and the parts that large objects are made of.

An object's bytes are `data`, when they are few, else the parts of its `content` in order of
`start`. Completing an upload therefore copies nothing: the upload's id becomes the content.
`data` is sealed if the headers tell of an encryption, and a part if it has a sealed data key;
what was stored before there was encryption is neither.

All versions of objects are rows of one table. Those that requests without a version id find are
`CURRENT`; older versions and delete markers are `PAST`. Each kind has indexes of its own, so that
history costs plain reads, writes and listings nothing; a query must say which kind it wants.
"""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text, literal_column

from inhouse.store.metadata import metadata

ENABLED, SUSPENDED = "Enabled", "Suspended"
BUCKET_OWNER_ENFORCED = "BucketOwnerEnforced"

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
    Column("versioning", Text),  # ENABLED, SUSPENDED, None when it was never on
    Column("public_access_block", Text),  # JSON, None when there is none
    Column("ownership", Text),  # None when there are no controls: objects are their writers'
    Column("acl", Text),  # JSON, None for the owner's own
    Column("cors", Text),  # JSON, the rules; None when there are none
    Column("lifecycle", Text),  # JSON, None when there is none
    Column("encryption", Text),  # JSON, None for what every bucket has
    Index("ix_s3_buckets_account", "account", "name"),
)

objects = Table(
    "s3_objects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("version", Text),  # None: the null version
    Column("rank", Integer, nullable=False, server_default="0"),  # newer versions have lower ones
    Column("current", Integer, nullable=False, server_default="1"),
    Column("marker", Integer, nullable=False, server_default="0"),  # 1: a delete marker
    Column("size", Integer, nullable=False),
    Column("etag", Text, nullable=False),  # without its quotes
    Column("modified", Float, nullable=False),  # whole seconds, as HTTP tells them
    Column("storage_class", Text, nullable=False),
    Column("algorithm", Text, nullable=False),  # of the checksum, as CRC32
    Column("checksum", Text, nullable=False),  # base64; composite ones end in -PARTS
    Column("checksum_type", Text, nullable=False),
    Column(
        "headers", Text, nullable=False
    ),  # JSON: Content-Type and its like, by boto3's names; ACL; how the bytes are encrypted
    Column("metadata", Text),  # JSON, None when there is none
    Column("tags", Text),  # JSON, None when there are none
    Column("part_count", Integer),  # of a multipart upload, else None
    Column("content", Text),
    Column("data", LargeBinary),  # last, so that listings never touch its pages
)

CURRENT = objects.c.current == literal_column("1")
"""Literally, because SQLite picks a partial index by the words of a query alone."""
PAST = objects.c.current == literal_column("0")
NULL = objects.c.version.is_(None)

for _name, _columns, _which in (
    ("ix_s3_objects_place", ("bucket", "key"), CURRENT),
    ("ix_s3_objects_past", ("bucket", "key", "rank"), PAST),
    ("ix_s3_objects_null", ("bucket", "key"), PAST & NULL),
):
    Index(
        _name,
        *(objects.c[column] for column in _columns),
        unique=True,
        sqlite_where=_which,
        postgresql_where=_which,
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
    Column("sealed", LargeBinary),  # the data key of the blob; None: the blob is plain
)
