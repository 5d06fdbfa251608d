"""Ranges: the extremes of long curves at coarser levels, so that what a look at one costs does not grow."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

WIDTH, LEVELS = 16, 5


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "ranges",
        sa.Column(
            "run_id",
            sa.String(length=32),
            sa.ForeignKey("runs.id", name="fk_ranges_run", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("axis", sa.String(length=8), primary_key=True),
        sa.Column("name", sa.String(length=64), primary_key=True),
        sa.Column("scope", sa.String(length=12), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("step", sa.Float(), primary_key=True, autoincrement=False),
        sa.Column("first", sa.Float(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    for level in range(1, LEVELS + 1):
        connection.execute(sa.text(_collection(level)), {"level": level})


def _collection(level: int) -> str:
    """Returns the statement that makes the ranges of a level, of all curves that no process writes.

    A process that trains meanwhile is of an older program, which knows no ranges: it may still rewind.
    """
    curve = "run_id, axis, name, scope"
    if level == 1:
        source = f"""
            SELECT {curve}, step, step - count + 1 AS first, coalesce(low, value) AS low,
                coalesce(high, value) AS high, value, CASE WHEN value IS NULL THEN 0 ELSE count END AS count
            FROM points
            WHERE run_id IN (SELECT id FROM runs WHERE state NOT IN ('starting', 'running'))"""
    else:
        source = f"SELECT {curve}, step, first, low, high, value, count FROM ranges WHERE level = :level - 1"
    return f"""
        INSERT INTO ranges ({curve}, level, step, first, count, value, low, high)
        SELECT {curve}, :level, max(step), min(first), sum(count), sum(value * count) / nullif(sum(count), 0),
            min(low), max(high)
        FROM (
            SELECT source.*, (dense_rank() OVER (PARTITION BY {curve} ORDER BY step) - 1) / {WIDTH} AS part
            FROM ({source}) AS source
        ) AS parts
        GROUP BY {curve}, part HAVING count(DISTINCT step) = {WIDTH}"""
