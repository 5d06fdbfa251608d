"""The tables of what owners have used of the machine, which nothing that is deleted undoes, and of who has left it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from dlcore.store.tables import metadata

# Each time that a run had a slot. No reference: who deletes a run has used the machine all the same.
turns = Table(
    "turns",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(200), nullable=False),
    # Where it begins in the order of turns; see `fairness.py`.
    Column("start", Float, nullable=False),
    Column("began_at", Float, nullable=False),
    # Empty while it lasts.
    Column("ended_at", Float, nullable=True),
    Index("ix_turns_start", "start"),
    Index("ix_turns_owner", "owner", "start"),
    Index("ix_turns_began", "began_at"),
)

# Each file that a browser began to send.
sendings = Table(
    "sendings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("owner", String(200), nullable=False),
    Column("at", Float, nullable=False),
    Index("ix_sendings_owner", "owner", "at"),
    Index("ix_sendings_at", "at"),
)

# Of whom all is being removed, or was.
departures = Table(
    "departures",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("began_at", Float, nullable=False),
    # Empty until nothing is left.
    Column("ended_at", Float, nullable=True),
)

# What an owner may use beside what all of their role may; written as in settings: `minutes=60,epochs=none`.
own_budgets = Table(
    "own_budgets",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("changes", Text, nullable=False),
    Column("set_at", Float, nullable=False),
    Column("set_by", String(200), nullable=False),
)
