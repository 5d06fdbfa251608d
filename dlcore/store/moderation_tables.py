"""The tables of what was reported, and of what may not be shared any more; see `complaints`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from dlcore.store.tables import metadata


def _thing(table: str) -> tuple[Column[Any], ...]:
    """Returns which thing a row is about, one of the three; it ends with the thing."""
    return (
        Column("run_id", String(32), ForeignKey("runs.id", name=f"fk_{table}_run", ondelete="CASCADE")),
        Column(
            "study_id", String(32), ForeignKey("studies.id", name=f"fk_{table}_study", ondelete="CASCADE")
        ),
        Column("dataset", String(200)),
        Column("owner", String(200), nullable=False),
    )


complaints = Table(
    "complaints",
    metadata,
    Column("id", String(32), primary_key=True),
    *_thing("complaints"),
    Column("reporter", String(200), nullable=False),
    Column("ground", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    # Empty until somebody has decided.
    Column("resolution", String(16), nullable=True),
    Column("resolved_at", Float, nullable=True),
    Column("resolved_by", String(200), nullable=True),
    Index("ix_complaints_open", "resolution", "created_at"),
    Index("ix_complaints_run", "run_id"),
    Index("ix_complaints_study", "study_id"),
    Index("ix_complaints_dataset", "dataset"),
)

# What its owner may not share until it is allowed again.
hidden = Table(
    "hidden",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *_thing("hidden"),
    Column("hidden_at", Float, nullable=False),
    Column("hidden_by", String(200), nullable=False),
    Index("ix_hidden_run", "run_id"),
    Index("ix_hidden_study", "study_id"),
    Index("ix_hidden_dataset", "dataset"),
)
