"""permissions of layers, logging of functions"""

import sqlalchemy as sa
from alembic import op

revision = "7a1f0c3d9b42"
down_revision = "49bc87a9201b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("lambda_functions", "lambda_versions"):
        op.add_column(table, sa.Column("logging", sa.Text(), nullable=True))
    op.add_column(
        "lambda_layers", sa.Column("policy", sa.Text(), server_default="[]", nullable=False)
    )
    op.add_column(
        "lambda_layers", sa.Column("revision", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("lambda_layers", "revision")
    op.drop_column("lambda_layers", "policy")
    for table in ("lambda_functions", "lambda_versions"):
        op.drop_column(table, "logging")
