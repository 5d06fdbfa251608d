"""Runs are found by the run whose weights they began with."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Applies it."""
    op.create_index("ix_runs_parent", "runs", ["parent_id"], unique=False)
