"""Views of the table of runs that people keep by a name."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "views",
        sa.Column("owner", sa.String(length=200), primary_key=True),
        sa.Column("name", sa.String(length=100), primary_key=True),
        sa.Column("query", sa.JSON(), nullable=False),
    )
