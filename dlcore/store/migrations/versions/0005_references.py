"""Rows go together with the one they belong to, and the folders of deleted runs are remembered."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

REFERENCES: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("runs", "study_id", "studies", "fk_runs_study", {}),
    ("trials", "study_id", "studies", "fk_trials_study", {}),
    ("study_requests", "study_id", "studies", "fk_study_requests_study", {}),
    ("points", "run_id", "runs", "fk_points_run", {"sqlite_with_rowid": False}),
    ("lines", "run_id", "runs", "fk_lines_run", {"sqlite_with_rowid": False}),
)


def upgrade() -> None:
    """Applies it; what belongs to nothing that is there is dropped first."""
    op.create_table(
        "removals",
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    for table, column, owner, name, options in REFERENCES:
        op.execute(
            f"DELETE FROM {table} WHERE {column} IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {owner} WHERE {owner}.id = {table}.{column})"
        )
        # SQLite cannot alter a table: batch mode copies it to one that has the reference.
        with op.batch_alter_table(table, table_kwargs=options) as batch:
            batch.create_foreign_key(name, owner, [column], ["id"], ondelete="CASCADE")
