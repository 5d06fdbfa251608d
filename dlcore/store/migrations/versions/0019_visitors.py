"""Visitors of a demo: who they are, and from when on their cookies count."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("first_seen", sa.Float(), nullable=False),
        sa.Column("last_seen", sa.Float(), nullable=False),
        sa.Column("not_before", sa.Float(), nullable=False),
    )
    op.create_index("ix_visitors_last_seen", "visitors", ["last_seen"])
