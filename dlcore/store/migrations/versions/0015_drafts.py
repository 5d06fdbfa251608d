"""Drafts that have a name as runs have, and know what they became."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_DRAFTS = sa.table(
    "drafts",
    sa.column("id", sa.String),
    sa.column("owner", sa.String),
    sa.column("spec", sa.JSON),
    sa.column("updated_at", sa.Float),
    sa.column("name", sa.String),
    sa.column("dataset", sa.String),
    sa.column("number", sa.Integer),
)


def upgrade() -> None:
    """Applies it; the drafts on a dataset are numbered in the order of their last change."""
    for column in (
        sa.Column("name", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("dataset", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("template", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("became_id", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("started_at", sa.Float(), nullable=True),
    ):
        op.add_column("drafts", column)
    op.create_index("ix_drafts_number", "drafts", ["owner", "dataset", "template", "number"])
    _name()


def _name() -> None:
    connection = op.get_bind()
    found = connection.execute(
        sa.select(_DRAFTS.c.id, _DRAFTS.c.owner, _DRAFTS.c.spec).order_by(_DRAFTS.c.updated_at, _DRAFTS.c.id)
    ).all()
    counts: Counter[tuple[str, str]] = Counter()
    for row in found:
        dataset = str((row.spec.get("dataset") or {}).get("name") or "")
        counts[row.owner, dataset] += 1
        number = counts[row.owner, dataset]
        usual = " · ".join(part for part in (dataset, str(number)) if part)
        values = {
            "name": str(row.spec.get("name") or usual)[:200],
            "dataset": dataset[:200],
            "number": number,
        }
        connection.execute(sa.update(_DRAFTS).where(_DRAFTS.c.id == row.id).values(**values))
