"""The tables; their history stands in `migrations/`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()


class _Block(LargeBinary):
    """Bytes as the driver gives them: to look at those of each row takes SQLAlchemy longer than SQLite to read it."""

    cache_ok = True

    def result_processor(self, dialect: Any, coltype: Any) -> None:
        """Returns None: nothing is done with them."""


def _part_of(table: str, name: str) -> ForeignKey:
    """Returns a reference of rows that are deleted together with the one they belong to."""
    return ForeignKey(f"{table}.id", name=name, ondelete="CASCADE")


def _annotations() -> tuple[Column[Any], ...]:
    """Returns what a person may say of an experiment, and what it is called as long as nobody does."""
    return (
        # Dataset, template, and a number that counts.
        Column("template", String(64), nullable=False, server_default=""),
        Column("number", Integer, nullable=True),
        Column("notes", Text, nullable=False, server_default=""),
        Column("tags", JSON, nullable=False, server_default="[]"),
        Column("favorite", Boolean, nullable=False, server_default=false()),
        Column("archived", Boolean, nullable=False, server_default=false()),
    )


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
    # What it has to do, where, and where its seconds went: what later runs are estimated from.
    Column("workload", JSON, nullable=False, server_default="{}"),
    Column("hardware", String(300), nullable=False, server_default=""),
    Column("timing", JSON, nullable=False, server_default="{}"),
    Column("epochs", Integer, nullable=False),
    Column("epoch", Integer, nullable=False, default=0),
    Column("step", Integer, nullable=False, default=0),
    Column("steps", Integer, nullable=False, default=0),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lost_count", Integer, nullable=False, default=0),
    Column("reason", JSON, nullable=True),
    Column("stop_requested", Boolean, nullable=False, default=False),
    Column("prune_reason", JSON(none_as_null=True), nullable=True),
    Column("device", String(200), nullable=False, default=""),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("summary", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("queued_at", Float, nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),  # by an admin; see `fairness.py`
    Column("started_at", Float, nullable=True),
    Column("first_batch_at", Float, nullable=True),
    Column("finished_at", Float, nullable=True),
    Column("heartbeat_at", Float, nullable=True),
    # No reference: a run remembers where its weights came from when that run is gone.
    Column("parent_id", String(32), nullable=True),
    Column("host", String(200), nullable=False, default=""),
    Column("pid", Integer, nullable=True),
    Column("pid_started", String(80), nullable=True),
    # A run that is a trial of a study; `repeat` counts the seeds of the trial, from 0.
    Column("study_id", String(32), _part_of("studies", "fk_runs_study"), nullable=True),
    Column("trial", Integer, nullable=True),
    Column("repeat", Integer, nullable=True),
    *_annotations(),
    Index("ix_runs_owner_created", "owner", "created_at"),
    Index("ix_runs_state_queued", "state", "queued_at"),
    Index("ix_runs_parent", "parent_id"),
    Index("ix_runs_hardware", "hardware", "created_at"),
    Index("ix_runs_number", "owner", "dataset", "template", "number"),
    Index("ix_runs_trial", "study_id", "trial", "repeat", unique=True),
)

points = Table(
    "points",
    metadata,
    Column("run_id", String(32), _part_of("runs", "fk_points_run"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("axis", String(8), nullable=False),
    Column("scope", String(12), nullable=False),
    Column("name", String(64), nullable=False),
    # Of a segment: the last step, the mean, the lowest and the highest value, and all as float32.
    Column("step", Float, nullable=False),
    # Empty where it was not a number: SQLite has no NaN.
    Column("value", Float, nullable=True),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("low", Float, nullable=True),
    Column("high", Float, nullable=True),
    Column("block", _Block, nullable=True),
    Index("ix_points_curve", "run_id", "axis", "name", "scope", "step", "value", "count", "low", "high"),
    sqlite_with_rowid=False,
)

# Of long curves: what stands for 16 rows, or for 16 ranges of the level below. See `ranges.py`.
ranges = Table(
    "ranges",
    metadata,
    Column("run_id", String(32), _part_of("runs", "fk_ranges_run"), primary_key=True),
    Column("axis", String(8), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("scope", String(12), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    # The last and the first step; how many points have a value, their mean, the lowest and the highest.
    Column("step", Float, primary_key=True, autoincrement=False),
    Column("first", Float, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("value", Float, nullable=True),
    Column("low", Float, nullable=True),
    Column("high", Float, nullable=True),
    sqlite_with_rowid=False,
)

lines = Table(
    "lines",
    metadata,
    Column("run_id", String(32), _part_of("runs", "fk_lines_run"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Runs that are deleted, and whose folders still have to be removed.
removals = Table("removals", metadata, Column("run_id", String(32), primary_key=True))

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("search", JSON, nullable=False, server_default="{}"),
    # As runs and studies have them: typed, or dataset, template, and a number that counts.
    Column("name", String(200), nullable=False, server_default=""),
    Column("dataset", String(200), nullable=False, server_default=""),
    *_annotations(),
    # The run or study it became last. No reference: the draft is there when that one is gone.
    Column("became_id", String(32), nullable=False, server_default=""),
    Column("started_at", Float, nullable=True),
    Index("ix_drafts_owner_updated", "owner", "updated_at"),
    Index("ix_drafts_number", "owner", "dataset", "template", "number"),
)

# What a person should know of a run or a study, each kind once.
alerts = Table(
    "alerts",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), _part_of("runs", "fk_alerts_run"), nullable=True),
    Column("study_id", String(32), _part_of("studies", "fk_alerts_study"), nullable=True),
    Column("kind", String(16), nullable=False),
    Column("epoch", Integer, nullable=True),
    # Of how many trials a study says it; their own rows are in no list.
    Column("trials", Integer, nullable=True),
    Column("created_at", Float, nullable=False),
    Column("seen", Boolean, nullable=False),
    UniqueConstraint("run_id", "kind", name="uq_alerts_run_kind"),
    UniqueConstraint("study_id", "kind", name="uq_alerts_study_kind"),
    # No number is used twice, whatever is forgotten: a browser tells of those that are higher than the last.
    sqlite_autoincrement=True,
)

views = Table(
    "views",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("query", JSON, nullable=False),
)

# Models that people keep: a name, and the runs that are its versions.
registered_models = Table(
    "registered_models",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("name", String(100), nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    # No number is used twice, whatever was removed.
    Column("last_number", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("ix_registered_models_name", "owner", "name", unique=True),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column(
        "model_id", String(32), _part_of("registered_models", "fk_model_versions_model"), primary_key=True
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # A run whose model is kept cannot be deleted, in whatever way.
    Column(
        "run_id",
        String(32),
        ForeignKey("runs.id", name="fk_model_versions_run", ondelete="RESTRICT"),
        nullable=False,
    ),
    Column("stage", String(16), nullable=False),
    Column("notes", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("ix_model_versions_run", "run_id"),
)

model_uses = Table(
    "model_uses",
    metadata,
    Column("model_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("detail", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Float, nullable=False),
    ForeignKeyConstraint(
        ["model_id", "number"],
        ["model_versions.model_id", "model_versions.number"],
        name="fk_model_uses_version",
        ondelete="CASCADE",
    ),
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
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("unit", String(8), nullable=False, server_default=""),
    Column("cancel_requested", Boolean, nullable=False, server_default=false()),
    Column("lost_count", Integer, nullable=False, server_default="0"),
    Column("reason", JSON, nullable=True),
    Column("owner", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float, nullable=True),
    Index("ix_jobs_state_created", "state", "created_at"),
)

studies = Table(
    "studies",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("dataset", String(200), nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("directions", JSON, nullable=False),
    Column("parallel", Integer, nullable=False),
    Column("max_trials", Integer, nullable=True),
    Column("max_seconds", Float, nullable=True),
    Column("target", Float, nullable=True),
    Column("reason", JSON(none_as_null=True), nullable=True),
    Column("counts", JSON, nullable=False),
    Column("best", Integer, nullable=True),
    Column("best_value", Float, nullable=True),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("revision", Integer, nullable=False, default=0),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float, nullable=True),
    *_annotations(),
    Index("ix_studies_number", "owner", "dataset", "template", "number"),
    Index("ix_studies_owner_created", "owner", "created_at"),
    Index("ix_studies_state", "state"),
)

trials = Table(
    "trials",
    metadata,
    Column("study_id", String(32), _part_of("studies", "fk_trials_study"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("params", JSON, nullable=False),
    Column("values", JSON, nullable=False),
    Column("reason", JSON(none_as_null=True), nullable=True),
    Column("measured", JSON, nullable=False),
    Column("violation", Float, nullable=False, default=0.0),
    Column("run_id", String(32), nullable=False, default=""),
    Column("epoch", Integer, nullable=False, default=0),
    Column("bad", Boolean, nullable=False, default=False),
    Column("origin", String(16), nullable=False),
    Column("retries", Integer, nullable=False, default=0),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float, nullable=True),
    Column("finished_at", Float, nullable=True),
    # Of the study, at the trial's last change: what is new since a cursor is found by it.
    Column("revision", Integer, nullable=False),
    Index("ix_trials_revision", "study_id", "revision"),
    Index("ix_trials_state", "study_id", "state"),
)

study_requests = Table(
    "study_requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("study_id", String(32), _part_of("studies", "fk_study_requests_study"), nullable=False),
    Column("action", String(16), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("ix_study_requests_study", "study_id", "id"),
)

# Browsers that a demo has given a cookie.
visitors = Table(
    "visitors",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    # Cookies that were signed before do not count.
    Column("not_before", Float, nullable=False),
    Index("ix_visitors_last_seen", "last_seen"),
)

# People who have signed in, and the browsers in which they have, by the hash of the secret that each knows.
members = Table(
    "members",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", String(200), nullable=False),
    Column("email", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("not_before", Float, nullable=False),
    Column("blocked", Boolean, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("member_id", String(32), _part_of("members", "fk_sign_ins_member"), nullable=False),
    Column("began_at", Float, nullable=False),
    Column("ends_at", Float, nullable=False),
    Index("ix_sign_ins_member", "member_id"),
    Index("ix_sign_ins_ends", "ends_at"),
)

# One row at most, the lease of the one supervisor.
workers = Table(
    "workers",
    metadata,
    Column("role", String(32), primary_key=True),
    Column("id", String(32), nullable=False),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", String(80), nullable=False),
    # Which program it is; an older one is replaced.
    Column("version", String(64), nullable=False),
    Column("schema", String(32), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("heartbeat_at", Float, nullable=False),
    Column("ready", Boolean, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("trouble", JSON(none_as_null=True), nullable=True),
)
