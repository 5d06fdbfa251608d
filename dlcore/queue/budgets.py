"""What somebody has left of their budget, and the one place that refuses what goes beyond it.

The owner of the machine has no limits, nor has anybody in the mode `local`: for them nothing is looked up.
"""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence

from dlcore.access.actors import Role
from dlcore.budgets import FREE, Budget, Limit, member_budget, read_budget, visitor_budget
from dlcore.design.estimate import training_memory
from dlcore.errors import N_, BudgetError, Message, NoRoomError
from dlcore.queue.disk import DiskUse, disk_use
from dlcore.queue.refusals import Left, as_number, refusal
from dlcore.records import RunState
from dlcore.settings import Mode, Settings
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.data import DatasetFacts
from dlcore.store import Store
from dlcore.store.turns import Stretch

DAY_SECONDS = 24 * 3600.0
"""Minutes and uploads are counted over the day that ends now."""


def budget_of(settings: Settings, role: Role | None) -> Budget:
    """Returns the budget of a role; of None, which is the owner of the machine, none."""
    if settings.mode is Mode.LOCAL or role is None or role is Role.ADMIN:
        return FREE
    if role is Role.VISITOR:
        return visitor_budget(settings.visitor_limits)
    return member_budget(settings.member_limits)


def budget_for(store: Store, owner: str, role: Role | None) -> Budget:
    """Returns the budget of an owner: that of their role, but for what an admin has set for them alone.

    Args:
        store: the whole of it.
        owner: whose.
        role: what they are; None for the owner of the machine.
    """
    usual = budget_of(store.settings, role)
    if store.settings.mode is Mode.LOCAL or role is None or role is Role.ADMIN:
        return usual
    return read_budget(store.own_budgets.get(owner), usual)


class Account:
    """What one owner may use of the machine, and has used.

    Args:
        store: the whole of it.
        owner: whose account it is.
        budget: how much of each limit they have.
        clock: the seconds since 1970.
    """

    def __init__(
        self, store: Store, owner: str, budget: Budget, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self.owner, self.budget, self._clock = store, owner, budget, clock

    @classmethod
    def of(cls, store: Store) -> Account:
        """Returns the account of whom a store is open to."""
        actor = store.reader
        return cls(store.whole, actor.id, budget_for(store.whole, actor.id, actor.role))

    @classmethod
    def of_owner(cls, store: Store, owner: str) -> Account:
        """Returns the account of an owner, for what works on in the background.

        Args:
            store: the whole of it.
            owner: of a run or a search.
        """
        return cls(store, owner, budget_for(store, owner, _role_of(store, owner)))

    def left(self) -> Sequence[Left]:
        """Returns what is left of each limit."""
        return [self.left_of(limit) for limit in Limit if limit in self.budget]

    def left_of(self, limit: Limit) -> Left:
        """Returns what is left of a limit; all of it where there is none."""
        most = self.budget.get(limit, math.inf)
        if most == math.inf:
            return Left(limit, most)
        match limit:
            case Limit.MINUTES:
                return self._minutes(most)
            case Limit.UPLOADS:
                return self._uploads(most)
            case _:
                return Left(limit, most, self._used(limit))

    def _used(self, limit: Limit) -> float:
        """Returns how much of a limit is taken that is free again as soon as something ends or goes."""
        runs = self._store.runs
        match limit:
            case Limit.AT_ONCE:
                active = (RunState.STARTING, RunState.RUNNING)
                return runs.count(owner=self.owner, states=active, trials=True)
            case Limit.QUEUED:
                return runs.count(owner=self.owner, states=(RunState.QUEUED, RunState.LOST))
            case Limit.DRAFTS:
                return len(self._store.drafts.unstarted(owner=self.owner))
            case Limit.JOBS:
                return self._store.jobs.count_unfinished(owner=self.owner)
            case Limit.DISK:
                return self.disk().total / 1e6
            case _:
                return 0.0

    def _minutes(self, most: float) -> Left:
        at = self._clock()
        found = self._store.turns.stretches(owner=self.owner, since=at - DAY_SECONDS)
        used = sum(one.ended - one.began for one in found) / 60
        free_in = free_again(found, most * 60, at) - at if most and used >= most else None
        return Left(Limit.MINUTES, most, used, free_in)

    def _uploads(self, most: float) -> Left:
        at = self._clock()
        found = self._store.sendings.moments(owner=self.owner, since=at - DAY_SECONDS)
        beyond = len(found) - int(most)
        free_in = found[beyond] + DAY_SECONDS - at if 0 <= beyond < len(found) else None
        return Left(Limit.UPLOADS, most, len(found), free_in)

    def check_run(self, spec: ExperimentSpec, facts: DatasetFacts, report: GraphReport) -> None:
        """Checks that a run of a spec may be queued.

        Args:
            spec: what it trains; its epochs are those that it should have in the end.
            facts: of its dataset.
            report: its model as inferred.

        Raises:
            BudgetError: that is too much, or there is no room on the disk.
        """
        self.check_minutes()
        self._check_size(spec, facts, report)
        self.check_places(1)
        self.check_disk()

    def check_places(self, count: int) -> None:
        """Checks that so many more runs may wait.

        Raises:
            BudgetError: too many do.
        """
        self._take(Limit.QUEUED, count)

    def check_trial(self, spec: ExperimentSpec, facts: DatasetFacts, report: GraphReport) -> None:
        """Checks that a trial of a search may be made of this spec.

        Raises:
            BudgetError: it is too much for one run.
        """
        self._check_size(spec, facts, report)

    def check_search(self, experiment: ExperimentSpec, trials: float) -> None:
        """Checks that a search may be started, resumed or made longer.

        Args:
            experiment: what its trials vary.
            trials: how many runs it makes at most.

        Raises:
            BudgetError: that is too much, or there is no room on the disk.
        """
        self.check_minutes()
        self._hold(Limit.EPOCHS, experiment.training.epochs, where="training.epochs")
        self._hold(Limit.TRIALS, trials, where="search.max_trials")
        self.check_disk()

    def check_job(self) -> None:
        """Checks that another job may be asked for.

        Raises:
            BudgetError: too many are at work, or there is no room on the disk.
        """
        self._take(Limit.JOBS, 1)
        self.check_disk()

    def check_draft(self) -> None:
        """Checks that another draft may be begun.

        Raises:
            BudgetError: there are too many.
        """
        self._take(Limit.DRAFTS, 1)

    def check_upload(self, size: int) -> None:
        """Checks that a file may be sent.

        Args:
            size: of the file, in bytes.

        Raises:
            BudgetError: it is too large, there were too many, or there is no room on the disk.
        """
        self._hold(Limit.DATASET, size / 1e6)
        self._take(Limit.UPLOADS, 1)
        self.check_disk(size)

    def begin_upload(self, size: int) -> None:
        """Counts a file that begins to be sent, where they are counted; see `check_upload`."""
        self.check_upload(size)
        if Limit.UPLOADS in self.budget:
            self._store.sendings.note(owner=self.owner)

    def check_disk(self, size: int = 0) -> None:
        """Checks that there is room for new work: on the machine, which all need, and in the budget.

        Args:
            size: what is to come, in bytes, if that is known.

        Raises:
            BudgetError: there is none.
        """
        check_room(self._store.settings, size)
        if Limit.DISK in self.budget:
            self._take(Limit.DISK, size / 1e6)

    def disk(self) -> DiskUse:
        """Returns what the owner's things take of the disk."""
        return disk_use(self._store, self.owner)

    def check_minutes(self) -> None:
        """Checks that there are minutes of training left.

        Raises:
            BudgetError: all of them are used.
        """
        if Limit.MINUTES in self.budget and not (found := self.left_of(Limit.MINUTES)).left:
            raise refusal(found, 0)

    def _check_size(self, spec: ExperimentSpec, facts: DatasetFacts, report: GraphReport) -> None:
        if not self.budget:
            return
        samples = spec.dataset.division(facts).train
        memory = training_memory(report, spec.training, samples) / 1e6
        self._hold(Limit.EPOCHS, spec.training.epochs, where="training.epochs")
        self._hold(Limit.PARAMETERS, report.parameters.total, where="model")
        self._hold(Limit.MEMORY, memory, where="training.batch_size")

    def _hold(self, limit: Limit, asked: float, *, where: str = "") -> None:
        """Refuses one thing that is larger than the limit."""
        if asked > self.budget.get(limit, math.inf):
            raise refusal(Left(limit, self.budget[limit]), asked, where)

    def _take(self, limit: Limit, asked: float) -> None:
        """Refuses more than is left."""
        if limit not in self.budget:
            return
        found = self.left_of(limit)
        if asked > found.left or not found.left:
            raise refusal(found, asked)


def _role_of(store: Store, owner: str) -> Role | None:
    """Returns the role of an owner; None of the owner of the machine, and in the mode `local` of everybody."""
    if store.settings.mode is Mode.LOCAL or owner == store.settings.owner:
        return None
    known = store.visitors.find(owner) or store.members.get(owner)
    return known.actor.role if known else None


def check_room(settings: Settings, size: int = 0) -> None:
    """Checks that the disk has room for new work, whoever asks.

    Args:
        settings: whose home it is about, and how much is to be left free.
        size: what is to come, in bytes.

    Raises:
        NoRoomError: it has none.
    """
    free = shutil.disk_usage(settings.home_dir).free
    if free - size < settings.least_free_mb * 10**6:
        raise NoRoomError(
            N_(
                "the disk is nearly full: {left} MB are free, and {most} MB are kept free for what is at work."
            ),
            hint=N_("Nothing new is taken until there is room again. Delete what you no longer need."),
            left=as_number(free / 1e6),
            most=as_number(settings.least_free_mb),
        )


def free_again(stretches: Sequence[Stretch], most: float, at: float) -> float:
    """Returns when a minute of a day's training is free again, if nothing more is trained until then.

    Args:
        stretches: of training within the day that ends now, the earliest first.
        most: how many seconds a day has.
        at: the moment it is, in seconds since 1970.

    Example:
        >>> free_again([Stretch(0.0, 600.0), Stretch(900.0, 1200.0)], 900.0, at=1500.0)
        86460.0
    """
    excess = sum(one.ended - one.began for one in stretches) - most + min(60.0, most)
    for one in stretches:
        length = one.ended - one.began
        if excess <= length:
            return max(at, one.began + excess + DAY_SECONDS)
        excess -= length
    return at


def used_up(account: Account) -> Message | None:
    """Returns why nothing of an owner's may train now, if their minutes are used."""
    try:
        account.check_minutes()
    except BudgetError as error:
        return error.message
    return None
