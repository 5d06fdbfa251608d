"""The tables; their history stands in `migrations/`."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# Moments are seconds since 1970 (UTC): the same number in SQLite and PostgreSQL.
runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("spec_hash", String(32), nullable=False),
    Column("dataset", String(200), nullable=False),
    # Floating-point operations of one epoch: with `seconds` they tell how fast this machine is.
    Column("work", Float, nullable=False, default=0.0),
    Column("epochs", Integer, nullable=False),
    Column("epoch", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("steps", Integer, nullable=False, default=0),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lost_count", Integer, nullable=False, default=0),
    Column("reason", JSON, nullable=True),
    Column("stop_requested", Boolean, nullable=False, default=False),
    Column("device", String(200), nullable=False, default=""),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("summary", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("queued_at", Float, nullable=False),
    Column("started_at", Float, nullable=True),
    Column("first_batch_at", Float, nullable=True),
    Column("finished_at", Float, nullable=True),
    Column("heartbeat_at", Float, nullable=True),
    Column("parent_id", String(32), nullable=True),
    Column("host", String(200), nullable=False, default=""),
    Column("pid", Integer, nullable=True),
    Column("pid_started", Float, nullable=True),
    Index("ix_runs_owner_created", "owner", "created_at"),
    Index("ix_runs_state_queued", "state", "queued_at"),
    Index("ix_runs_parent", "parent_id"),
)

points = Table(
    "points",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("axis", String(8), nullable=False),
    Column("scope", String(12), nullable=False),
    Column("name", String(64), nullable=False),
    Column("step", Float, nullable=False),
    # Empty where it was not a number: SQLite has no NaN.
    Column("value", Float, nullable=True),
    Index("ix_points_curve", "run_id", "axis", "name", "scope", "step", "value"),
    sqlite_with_rowid=False,
)

lines = Table(
    "lines",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("updated_at", Float, nullable=False),
    Index("ix_drafts_owner_updated", "owner", "updated_at"),
)

jobs = Table(
    "jobs",
    metadata,
    # A hash of what and arguments: who asks for the same gets the same.
    Column("id", String(32), primary_key=True),
    Column("what", String(64), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("reason", JSON, nullable=True),
    Column("owner", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float, nullable=True),
    Index("ix_jobs_state_created", "state", "created_at"),
)

# One row at most, the lease of the one supervisor.
workers = Table(
    "workers",
    metadata,
    Column("role", String(32), primary_key=True),
    Column("id", String(32), nullable=False),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("heartbeat_at", Float, nullable=False),
    Column("ready", Boolean, nullable=False),
    Column("slots", Integer, nullable=False),
)
