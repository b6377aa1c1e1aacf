"""public access block; buckets there are keep none, as AWS left those of before April 2023"""

import sqlalchemy as sa
from alembic import op

revision = "2b7e51c09a4d"
down_revision = "8c1f0b7a62de"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3_buckets", sa.Column("public_access_block", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("s3_buckets", "public_access_block")
