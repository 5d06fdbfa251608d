"""The study driver: all searches of a store, in a thread of the supervisor."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

import optuna
from optuna.storages import BaseStorage
from sqlalchemy.exc import SQLAlchemyError

from dlcore.errors import N_, DlcoreError, LeaseLostError, Message, StoreError
from dlcore.records import Origin, RunState, Study, StudyAction, StudyRequest, StudyState, TrialState
from dlcore.records.studies import PAUSED_BY_HAND
from dlcore.store import Store
from dlcore.worker.studies.limits import Machine
from dlcore.worker.studies.optuna_storage import (
    DamagedStorageError,
    delete_study,
    explain,
    fold_storage,
    open_storage,
    optuna_name,
)
from dlcore.worker.studies.study_loop import StudyAtWork

OPTUNA_FAILURES = (optuna.exceptions.StorageInternalError, SQLAlchemyError)
"""What Optuna passes on of its database."""
REST_SECONDS = 1.0
"""How long it waits after the store could not be read or written."""

PASSING = (LeaseLostError, StoreError, *OPTUNA_FAILURES)
"""What is no trouble of one study: the same step is tried again, by this supervisor or the next."""

ASKED = {
    StudyAction.PAUSE: N_("pause"),
    StudyAction.RESUME: N_("resume"),
    StudyAction.STOP: N_("stop"),
    StudyAction.SET: N_("change its limits"),
    StudyAction.ADD: N_("add a trial"),
    StudyAction.PRUNE: N_("prune a trial"),
    StudyAction.RETRY: N_("try failed trials again"),
    StudyAction.MARK: N_("mark a trial"),
}


class StudyDriver:
    """Drives all studies of a store; the only writer of Optuna's storage.

    It works in a thread of its own: Optuna may need seconds to choose, and a study of thousands of trials
    half a minute to be read after a restart; meanwhile runs must be placed.

    Args:
        store: where studies are.
        machine: what there is room for.
        log: takes a line of the log.
    """

    def __init__(self, store: Store, machine: Machine, *, log: Callable[[str], None]) -> None:
        self._store, self._machine, self._log = store, machine, log
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._storage: BaseStorage | None = None
        self._at_work: dict[str, StudyAtWork] = {}
        self._broken: set[str] = set()
        self._trouble: Message | None = None

    @property
    def alive(self) -> bool:
        """Whether its thread works."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def trouble(self) -> Message | None:
        """What went wrong in its last round, if anything did."""
        return self._trouble

    def start(self, worker_id: str) -> None:
        """Begins to drive, as that supervisor; with nothing in mind of what it did before, if it did."""
        self._storage = None
        self._at_work.clear()
        self._broken.clear()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._thread = threading.Thread(target=self._run, args=(worker_id,), name="studies", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends after the step it is in."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        fold_storage(self._store.settings)

    def _run(self, worker_id: str) -> None:
        try:
            while not self._over.is_set():
                self._round(worker_id)
                self._over.wait(self._store.settings.poll_seconds)
        except LeaseLostError as error:
            self._log(str(error))
        except Exception as error:  # noqa: BLE001 - the edge of the thread: it is started again
            self._log(traceback.format_exc())
            self._trouble = _unexpected(error)

    def _round(self, worker_id: str) -> None:
        try:
            self.tick(worker_id)
            self._trouble = None
        except StoreError as error:
            # A full disk or a locked store passes.
            if self._trouble != error.message:
                self._log(str(error))
            self._trouble = error.message
            self._over.wait(REST_SECONDS)

    def tick(self, worker_id: str) -> None:
        """Drives every study one step; a failure of one does not affect the others.

        Raises:
            LeaseLostError: another supervisor has taken over.
            StoreError: the store cannot be read or written now, at least for one of them.
        """
        alive = self._store.studies.alive()
        for gone in set(self._at_work) - {study.id for study in alive}:
            del self._at_work[gone]
        troubles = [self._step(study, worker_id) for study in alive if not self._over.is_set()]
        for trouble in troubles:
            if trouble is not None:
                raise trouble

    def _step(self, study: Study, worker_id: str) -> StoreError | None:
        """Returns one step of a study; returns what may pass by itself, so that it is tried again."""
        try:
            why = self._why_not_driven(study, worker_id)
            if why is not None:
                self._give_up(study, worker_id, why)
        except StoreError as error:
            return error
        except OPTUNA_FAILURES as error:
            failure = explain(error, study.name)
            if isinstance(failure, StoreError):
                return failure
            self._storage = None
            self._give_up(study, worker_id, failure.message)
        return None

    def _why_not_driven(self, study: Study, worker_id: str) -> Message | None:
        """Drives a study one step further; returns why it cannot be driven, if it cannot."""
        try:
            self._drive(study, worker_id)
        except PASSING:
            raise
        except DlcoreError as error:
            return error.message
        except Exception as error:  # noqa: BLE001 - the edge of a study: the others must go on
            self._log(traceback.format_exc())
            return _unexpected(error)
        return None

    def _drive(self, study: Study, worker_id: str) -> None:
        requests = self._store.studies.requests(study.id)
        if any(request.action is StudyAction.DELETE for request in requests):
            self._delete(study, worker_id)
            return
        if study.id in self._broken:
            if not any(request.action is StudyAction.RESUME for request in requests):
                return
            self._broken.discard(study.id)
        if study.id not in self._at_work:
            self._at_work[study.id] = StudyAtWork(
                self._store, study, self._opened(), worker_id, self._machine, log=self._log
            )
        at_work = self._at_work[study.id]
        for request in requests:
            self._answer(request, at_work)
        at_work.tick(self._store.studies.get(study.id))

    def _opened(self) -> BaseStorage:
        if self._storage is None:
            self._storage = open_storage(self._store.settings)
        return self._storage

    def _delete(self, study: Study, worker_id: str) -> None:
        """Removes a study: first from Optuna's storage, last the row that still asks for it."""
        self._at_work.pop(study.id, None)
        self._broken.discard(study.id)
        with self._store.studies.driving(study.id, worker_id):
            try:
                self._forget(study)
            except DamagedStorageError as error:  # what is left of the study there is lost anyway
                self._log(str(error))
        self._store.studies.delete(study.id)
        self._store.removals.sweep()

    def _forget(self, study: Study) -> None:
        try:
            delete_study(self._opened(), optuna_name(self._opened(), study))
        except OPTUNA_FAILURES as error:
            raise explain(error, study.name) from error

    def _give_up(self, study: Study, worker_id: str, why: Message) -> None:
        """Pauses a study that cannot be driven until the user resumes it."""
        self._at_work.pop(study.id, None)
        with self._store.studies.driving(study.id, worker_id) as write:
            write.set_study(state=StudyState.PAUSED, reason=why)
            for request in self._store.studies.requests(study.id):
                if request.action is StudyAction.RESUME:
                    write.done(request.id)
        self._broken.add(study.id)
        self._log(f"study {study.id} is paused: {why.text()}")

    def _answer(self, request: StudyRequest, at_work: StudyAtWork) -> None:
        """Carries out a request; if that fails, the study says why and continues."""
        try:
            self._do(request, self._store.studies.get(request.study_id), at_work)
            return
        except PASSING:
            raise
        except DlcoreError as error:
            why = error.message
        except Exception as error:  # noqa: BLE001 - the edge of a request: the study must go on
            self._log(traceback.format_exc())
            why = _unexpected(error)
        asked = Message(ASKED[request.action])
        said = Message(N_("it could not {action}: {why}"), params={"action": asked, "why": why})
        self._log(f"study {request.study_id}: {said.text()}")
        with at_work.driving() as write:
            write.set_study(reason=said)
            write.done(request.id)

    def _do(self, request: StudyRequest, study: Study, at_work: StudyAtWork) -> None:
        """Carries out a request; what Optuna stores is safe to repeat."""
        match request.action:
            case StudyAction.RESUME:
                at_work.forget_failures()
                at_work.resume_stopped()
            case StudyAction.ADD:
                params = dict(request.arguments["params"])
                at_work.enqueue(params, Origin.MANUAL, f"request-{request.id}")
            case StudyAction.RETRY:
                for number in request.arguments["numbers"]:
                    params = self._store.studies.trial(study.id, number).params
                    at_work.enqueue(params, Origin.RETRY, f"request-{request.id}-{number}")
            case StudyAction.MARK:
                at_work.set_bad(request.arguments["number"], request.arguments["bad"])
            case StudyAction.PRUNE:
                self._stop_runs(study, [request.arguments["number"]], Message(N_("it was pruned by hand.")))
            case StudyAction.STOP:
                running = self._store.studies.trials(study.id, state=TrialState.RUNNING)
                self._stop_runs(study, [trial.number for trial in running], None)
            case StudyAction.PAUSE | StudyAction.SET:
                pass
        with at_work.driving() as write:
            values = _columns(request, study)
            if values:
                write.set_study(**values)
            write.done(request.id)

    def _stop_runs(self, study: Study, numbers: list[int], why: Message | None) -> None:
        for number in numbers:
            for run in self._store.runs.of_trial(study.id, number):
                if run.state not in (RunState.COMPLETED, RunState.STOPPED):
                    self._store.runs.request_stop(run.id, prune_reason=why)


def _unexpected(error: Exception) -> Message:
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Message(
        N_("an unexpected error: {error}."),
        N_("The worker's log has the details."),
        params={"error": text},
    )


def _columns(request: StudyRequest, study: Study) -> dict[str, object]:
    """Returns what a request changes in the row of its study."""
    match request.action:
        case StudyAction.PAUSE:
            return {"state": StudyState.PAUSED, "reason": Message(PAUSED_BY_HAND)}
        case StudyAction.STOP:
            return {"state": StudyState.STOPPED, "reason": Message(N_("it was stopped by hand."))}
        case StudyAction.RESUME:
            return {"state": StudyState.RUNNING, "reason": None}
        case StudyAction.SET:
            return dict(request.arguments)
        case StudyAction.ADD | StudyAction.RETRY if study.state is StudyState.COMPLETED:
            return {"state": StudyState.RUNNING, "reason": None}
        case _:
            return {}
