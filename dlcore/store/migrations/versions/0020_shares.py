"""What is shared: links, and which things they or everybody may look at."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "links",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
    )
    op.create_table(
        "shares",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column(
            "link_id",
            sa.String(32),
            sa.ForeignKey("links.id", name="fk_shares_link", ondelete="CASCADE"),
            nullable=True,
        ),
        sa.Column(
            "run_id",
            sa.String(32),
            sa.ForeignKey("runs.id", name="fk_shares_run", ondelete="CASCADE"),
            nullable=True,
        ),
        sa.Column(
            "study_id",
            sa.String(32),
            sa.ForeignKey("studies.id", name="fk_shares_study", ondelete="CASCADE"),
            nullable=True,
        ),
        sa.Column("dataset", sa.String(200), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
    )
    op.create_index("ix_shares_link", "shares", ["link_id"])
    op.create_index("ix_shares_run", "shares", ["run_id"])
    op.create_index("ix_shares_study", "shares", ["study_id"])
    op.create_index("ix_shares_dataset", "shares", ["dataset"])
