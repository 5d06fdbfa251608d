"""The tables of what is shared; see `shares`."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table

from dlcore.store.tables import metadata

# A link that was revoked stays, as a memory of it.
links = Table(
    "links",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float, nullable=True),
)

# One thing each, shown to whoever has the link; without a link to everybody. References, so that it ends with the thing.
shares = Table(
    "shares",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(200), nullable=False),
    Column("link_id", String(32), ForeignKey("links.id", name="fk_shares_link", ondelete="CASCADE")),
    Column("run_id", String(32), ForeignKey("runs.id", name="fk_shares_run", ondelete="CASCADE")),
    Column("study_id", String(32), ForeignKey("studies.id", name="fk_shares_study", ondelete="CASCADE")),
    Column("dataset", String(200)),
    Column("created_at", Float, nullable=False),
    Index("ix_shares_link", "link_id"),
    Index("ix_shares_run", "run_id"),
    Index("ix_shares_study", "study_id"),
    Index("ix_shares_dataset", "dataset"),
)
