"""The table of how far people are with lessons; see `lessons`."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from dlcore.store.tables import metadata

lessons = Table(
    "lessons",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("name", String(64), primary_key=True),
    # The experiment that it began with. No reference: a lesson goes on when that is deleted.
    Column("draft_id", String(32), nullable=False),
    Column("step", Integer, nullable=False),
    # The numbers of the steps whose checks have held.
    Column("done", JSON, nullable=False),
    Column("began_at", Float, nullable=False),
    # Empty while its guide is not shown.
    Column("opened_at", Float, nullable=True),
)
