"""lifecycle"""

import sqlalchemy as sa
from alembic import op

revision = "e71b93d05c2f"
down_revision = "c3d8a1f4e6b0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("lifecycle", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("s3_buckets", "lifecycle")
