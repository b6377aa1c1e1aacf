"""access points and public access blocks"""

import sqlalchemy as sa
from alembic import op

revision = "7c1e04ab92d5"
down_revision = None
branch_labels = ("s3control",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "s3control_access_points",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("object_lambda", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=True),
        sa.Column("bucket_account", sa.Text(), nullable=True),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("configuration", sa.Text(), nullable=True),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "region", "object_lambda", "name", name=op.f("pk_s3control_access_points")
        ),
    )
    op.create_index(
        "ix_s3control_access_points_alias", "s3control_access_points", ["alias"], unique=True
    )
    op.create_index(
        "ix_s3control_access_points_bucket",
        "s3control_access_points",
        ["account", "region", "bucket", "name"],
        unique=False,
    )
    op.create_table(
        "s3control_public_access_blocks",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_s3control_public_access_blocks")),
    )


def downgrade() -> None:
    op.drop_table("s3control_public_access_blocks")
    op.drop_index("ix_s3control_access_points_bucket", table_name="s3control_access_points")
    op.drop_index("ix_s3control_access_points_alias", table_name="s3control_access_points")
    op.drop_table("s3control_access_points")
