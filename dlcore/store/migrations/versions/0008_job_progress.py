"""Jobs: progress, the wish that one ends, and how often its process was lost."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Applies it."""
    op.add_column("jobs", sa.Column("done", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("total", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("unit", sa.String(length=8), nullable=False, server_default=""))
    op.add_column(
        "jobs", sa.Column("cancel_requested", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("jobs", sa.Column("lost_count", sa.Integer(), nullable=False, server_default="0"))
