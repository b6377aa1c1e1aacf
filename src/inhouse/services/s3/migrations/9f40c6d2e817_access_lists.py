"""ownership controls and access control lists; buckets there are keep their lists turned off"""

import sqlalchemy as sa
from alembic import op

revision = "9f40c6d2e817"
down_revision = "2b7e51c09a4d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("ownership", sa.Text(), nullable=True))
    op.add_column("s3_buckets", sa.Column("acl", sa.Text(), nullable=True))
    op.execute("UPDATE s3_buckets SET ownership = 'BucketOwnerEnforced'")


def downgrade() -> None:
    op.drop_column("s3_buckets", "acl")
    op.drop_column("s3_buckets", "ownership")
