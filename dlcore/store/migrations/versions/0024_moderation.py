"""What was reported and hidden, and which runs an admin has put before or behind the others in the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def _thing(table: str) -> list[sa.Column]:  # type: ignore[type-arg]
    run, study = (
        sa.ForeignKey(f"{of}.id", name=f"fk_{table}_{name}", ondelete="CASCADE")
        for of, name in (("runs", "run"), ("studies", "study"))
    )
    return [
        sa.Column("run_id", sa.String(32), run, nullable=True),
        sa.Column("study_id", sa.String(32), study, nullable=True),
        sa.Column("dataset", sa.String(200), nullable=True),
        sa.Column("owner", sa.String(200), nullable=False),
    ]


def upgrade() -> None:
    """Applies it."""
    op.add_column("runs", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "complaints",
        sa.Column("id", sa.String(32), primary_key=True),
        *_thing("complaints"),
        sa.Column("reporter", sa.String(200), nullable=False),
        sa.Column("ground", sa.String(16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("resolution", sa.String(16), nullable=True),
        sa.Column("resolved_at", sa.Float(), nullable=True),
        sa.Column("resolved_by", sa.String(200), nullable=True),
    )
    op.create_index("ix_complaints_open", "complaints", ["resolution", "created_at"])
    op.create_table(
        "hidden",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        *_thing("hidden"),
        sa.Column("hidden_at", sa.Float(), nullable=False),
        sa.Column("hidden_by", sa.String(200), nullable=False),
    )
    for table in ("complaints", "hidden"):
        for name, column in (("run", "run_id"), ("study", "study_id"), ("dataset", "dataset")):
            op.create_index(f"ix_{table}_{name}", table, [column])
