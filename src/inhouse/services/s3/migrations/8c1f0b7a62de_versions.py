"""versions: of objects, and the state of buckets"""

import sqlalchemy as sa
from alembic import op

revision = "8c1f0b7a62de"
down_revision = "54daa953869b"
branch_labels = None
depends_on = None

_KEPT = (
    "id, bucket, key, size, etag, modified, storage_class, algorithm, checksum, checksum_type, "
    "headers, metadata, tags, part_count, content, data"
)
_CURRENT = sa.text("current = 1")
_PAST = sa.text("current = 0")
_NULL = sa.text("current = 0 AND version IS NULL")


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("versioning", sa.Text(), nullable=True))
    # Made anew, because `data` has to stay the last column. What there was becomes null versions.
    op.drop_index("ix_s3_objects_place", table_name="s3_objects")
    op.rename_table("s3_objects", "s3_objects_before")
    op.create_table(
        "s3_objects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("current", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("marker", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Float(), nullable=False),
        sa.Column("storage_class", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("checksum_type", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("part_count", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_s3_objects")),
    )
    op.execute(f"INSERT INTO s3_objects ({_KEPT}) SELECT {_KEPT} FROM s3_objects_before")  # noqa: S608
    op.drop_table("s3_objects_before")
    for name, columns, which in (
        ("ix_s3_objects_place", ["bucket", "key"], _CURRENT),
        ("ix_s3_objects_past", ["bucket", "key", "rank"], _PAST),
        ("ix_s3_objects_null", ["bucket", "key"], _NULL),
    ):
        op.create_index(
            name, "s3_objects", columns, unique=True, sqlite_where=which, postgresql_where=which
        )


def downgrade() -> None:
    raise NotImplementedError("Versions cannot be undone: go back to a copy of the data directory.")
