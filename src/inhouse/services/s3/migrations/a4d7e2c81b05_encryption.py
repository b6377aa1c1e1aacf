"""encryption: of buckets, and the sealed data keys of parts"""

import sqlalchemy as sa
from alembic import op

revision = "a4d7e2c81b05"
down_revision = "e71b93d05c2f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("encryption", sa.Text(), nullable=True))
    op.add_column("s3_parts", sa.Column("sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError(
        "Encryption cannot be undone: go back to a copy of the data directory."
    )
