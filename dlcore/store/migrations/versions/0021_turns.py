"""Turns: when each owner's runs had a slot, by which the queue is fair."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "turns",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("attempt", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("began_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
    )
    op.create_index("ix_turns_start", "turns", ["start"])
    op.create_index("ix_turns_owner", "turns", ["owner", "start"])
    op.create_index("ix_turns_began", "turns", ["began_at"])
