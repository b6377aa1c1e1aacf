"""CORS"""

import sqlalchemy as sa
from alembic import op

revision = "c3d8a1f4e6b0"
down_revision = "9f40c6d2e817"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("cors", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("s3_buckets", "cors")
