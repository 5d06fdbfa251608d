"""A process is told by its start whatever the clock says; a lease says which program holds it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Applies it.

    Not in batch mode: runs of an older program may be in training, and read the columns of their row by
    name. How they were told apart is no longer known; such a run counts as lost only by its silence.
    """
    op.add_column("runs", sa.Column("start", sa.String(length=80), nullable=True))
    op.drop_column("runs", "pid_started")
    op.alter_column("runs", "start", new_column_name="pid_started")
    op.drop_table("workers")
    op.create_table(
        "workers",
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("heartbeat_at", sa.Float(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("role"),
    )
