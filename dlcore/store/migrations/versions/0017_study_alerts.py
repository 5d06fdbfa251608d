"""Alerts of studies: each kind once, with how many trials it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Applies it."""
    # SQLite cannot alter a table: batch mode copies it.
    with op.batch_alter_table("alerts", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("run_id", existing_type=sa.String(length=32), nullable=True)
        batch.add_column(sa.Column("study_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("trials", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_alerts_study", "studies", ["study_id"], ["id"], ondelete="CASCADE")
        batch.create_unique_constraint("uq_alerts_study_kind", ["study_id", "kind"])
