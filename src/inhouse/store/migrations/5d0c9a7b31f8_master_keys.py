"""master keys"""

import sqlalchemy as sa
from alembic import op

revision = "5d0c9a7b31f8"
down_revision = None
branch_labels = ("store",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "store_master_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_master_keys")),
    )


def downgrade() -> None:
    op.drop_table("store_master_keys")
