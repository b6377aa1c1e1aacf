"""tags of access points"""

import sqlalchemy as sa
from alembic import op

revision = "4be2d07f91c3"
down_revision = "7c1e04ab92d5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("s3control_access_points", sa.Column("tags", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("s3control_access_points", "tags")
