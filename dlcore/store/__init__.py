"""The store: runs, curves, logs, drafts, files. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.access.actors import Actor, machine_owner
from dlcore.errors import N_, StoreError
from dlcore.settings import Settings
from dlcore.store.alerts import Alerts
from dlcore.store.annotations import Annotations
from dlcore.store.artifacts import Artifacts
from dlcore.store.belongings import Belongings
from dlcore.store.complaints import Complaints
from dlcore.store.corrections import Corrections
from dlcore.store.curves import Curve
from dlcore.store.database import Database
from dlcore.store.departures import Departures
from dlcore.store.drafts import Drafts
from dlcore.store.experiments import Experiments
from dlcore.store.ids import Ids
from dlcore.store.jobs import Jobs
from dlcore.store.lessons import Lessons
from dlcore.store.logs import Logs
from dlcore.store.members import Members
from dlcore.store.metrics import Metrics, News
from dlcore.store.own_budgets import OwnBudgets
from dlcore.store.queue import Queue
from dlcore.store.registry import Registry
from dlcore.store.removals import Removals
from dlcore.store.reports import Reports
from dlcore.store.runs import Runs
from dlcore.store.schema import PROGRAM, migrate, refuse_newer
from dlcore.store.sendings import Sendings
from dlcore.store.shares import Shares
from dlcore.store.sqlite_file import fold_log
from dlcore.store.studies import Studies
from dlcore.store.study_writer import StudyWriter
from dlcore.store.trends import Trends
from dlcore.store.turns import Turns
from dlcore.store.views import Views
from dlcore.store.visitors import Visitors
from dlcore.store.workers import Identity, Workers

__all__ = ["PROGRAM", "Curve", "Identity", "Metrics", "News", "Store", "StudyWriter"]


@dataclass(frozen=True)
class Store:
    """One store, opened; safe to share between threads, to be opened again in each process."""

    database: Database
    runs: Runs
    queue: Queue
    turns: Turns
    sendings: Sendings
    metrics: Metrics
    trends: Trends
    logs: Logs
    reports: Reports
    drafts: Drafts
    experiments: Experiments
    ids: Ids
    workers: Workers
    artifacts: Artifacts
    removals: Removals
    jobs: Jobs
    studies: Studies
    annotations: Annotations
    views: Views
    registry: Registry
    alerts: Alerts
    visitors: Visitors
    shares: Shares
    complaints: Complaints
    members: Members
    departures: Departures
    belongings: Belongings
    own_budgets: OwnBudgets
    corrections: Corrections
    lessons: Lessons
    settings: Settings

    @classmethod
    def open(cls, settings: Settings) -> Store:
        """Returns the store that the settings name, made or brought up to date if need be.

        Raises:
            StoreError: it cannot be opened, or a newer version wrote it.
        """
        _make_home(settings)
        database = Database(settings.store_url)
        try:
            migrate(database)
        except StoreError:
            database.close()
            raise
        artifacts = Artifacts(settings.runs_dir)
        return cls(
            database,
            Runs(database, settings.member_share),
            Queue(database, settings.member_share),
            Turns(database),
            Sendings(database),
            Metrics(database),
            Trends(database),
            Logs(database),
            Reports(database),
            Drafts(database),
            Experiments(database),
            Ids(database),
            Workers(database),
            artifacts,
            Removals(database, artifacts),
            Jobs(database, settings.jobs_dir),
            Studies(database),
            Annotations(database),
            Views(database),
            Registry(database),
            Alerts(database),
            Visitors(database),
            Shares(database),
            Complaints(database),
            Members(database),
            Departures(database),
            Belongings(database),
            OwnBudgets(database),
            Corrections(database),
            Lessons(database),
            settings,
        )

    @property
    def whole(self) -> Store:
        """All of it, also where it is open to one actor alone (see `gate`): for what concerns all of them."""
        return self

    @property
    def reader(self) -> Actor:
        """To whom it is open."""
        return machine_owner(self.settings)

    def refuse_newer(self) -> None:
        """Makes sure that no newer program has changed the schema since the store was opened.

        Raises:
            StoreError: one has.
        """
        refuse_newer(self.database)

    def close(self) -> None:
        """Closes the connections."""
        self.database.close()

    def fold(self) -> None:
        """Closes the connections and leaves the store in one file, also where others still read it."""
        self.close()
        if self.database.file is not None:
            fold_log(self.database.file)


def _make_home(settings: Settings) -> None:
    try:
        settings.make_home()
    except OSError as error:
        raise StoreError(
            N_("the folder cannot be made: {reason}."),
            hint=N_("Set DLCORE_HOME to a folder that you may write to."),
            where=str(settings.home_dir),
            reason=error.strerror or str(error),
        ) from error
