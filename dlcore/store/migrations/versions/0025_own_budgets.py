"""Budgets of single owners, which differ from what others of their role have."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "own_budgets",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Float(), nullable=False),
        sa.Column("set_by", sa.String(200), nullable=False),
    )
