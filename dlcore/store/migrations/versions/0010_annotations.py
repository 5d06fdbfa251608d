"""Names that count, notes, tags, stars and an archive, of runs and of studies."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = ("runs", "studies")


def upgrade() -> None:
    """Applies it; what is there is numbered in the order of its beginning, and keeps its name."""
    for table in TABLES:
        for column in (
            sa.Column("template", sa.String(length=64), nullable=False, server_default=""),
            sa.Column("number", sa.Integer(), nullable=True),
            sa.Column("notes", sa.Text(), nullable=False, server_default=""),
            sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("favorite", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
        ):
            op.add_column(table, column)
        op.create_index(f"ix_{table}_number", table, ["owner", "dataset", "template", "number"])
    _number()


def _number() -> None:
    connection = op.get_bind()
    found = [
        (row.created_at, row.id, table, (row.owner, row.dataset))
        for table, own in (("runs", "WHERE study_id IS NULL"), ("studies", ""))
        for row in connection.execute(sa.text(f"SELECT id, owner, dataset, created_at FROM {table} {own}"))
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for _created, row_id, table, of in sorted(found):
        counts[of] += 1
        connection.execute(
            sa.text(f"UPDATE {table} SET number = :number WHERE id = :id"),
            {"number": counts[of], "id": row_id},
        )
