"""The table of what people say of single samples, until a new version of the dataset is made of it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Integer, String, Table

from dlcore.store.tables import metadata

# No reference to the dataset, which is a folder.
corrections = Table(
    "corrections",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("dataset", String(200), primary_key=True),
    # Empty of a built-in one.
    Column("version", String(64), primary_key=True),
    Column("sample", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    # What the dataset says, what it should say, and the part that the sample was in.
    Column("content", JSON, nullable=False),
    Column("made_at", Float, nullable=False),
)
