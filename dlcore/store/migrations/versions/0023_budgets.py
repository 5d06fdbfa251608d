"""Budgets: the files that owners have sent, and of whom all is being removed."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "sendings",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("ix_sendings_owner", "sendings", ["owner", "at"])
    op.create_index("ix_sendings_at", "sendings", ["at"])
    op.create_table(
        "departures",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("began_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
    )
