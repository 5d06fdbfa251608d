"""What runs have to do and where their seconds went, instead of one number for both."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Applies it."""
    op.add_column("runs", sa.Column("workload", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("runs", sa.Column("hardware", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("timing", sa.JSON(), nullable=False, server_default="{}"))
    op.drop_column("runs", "work")
    op.create_index("ix_runs_hardware", "runs", ["hardware", "created_at"], unique=False)
