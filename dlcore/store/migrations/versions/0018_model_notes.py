"""Notes on models that people keep, beside those on their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Applies it."""
    op.add_column("registered_models", sa.Column("notes", sa.Text(), nullable=False, server_default=""))
