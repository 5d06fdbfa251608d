"""Segments: a row of a curve can hold many consecutive points."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Applies it."""
    op.add_column("points", sa.Column("count", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("points", sa.Column("low", sa.Float(), nullable=True))
    op.add_column("points", sa.Column("high", sa.Float(), nullable=True))
    op.add_column("points", sa.Column("block", sa.LargeBinary(), nullable=True))
    op.drop_index("ix_points_curve", "points")
    op.create_index(
        "ix_points_curve",
        "points",
        ["run_id", "axis", "name", "scope", "step", "value", "count", "low", "high"],
        unique=False,
    )
