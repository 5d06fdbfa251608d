"""The study driver: all searches of a store, in a thread of the supervisor."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable

import optuna
from optuna.storages import BaseStorage
from sqlalchemy.exc import SQLAlchemyError

from dlcore.errors import N_, DlcoreError, Message, StateError, StoreError
from dlcore.queue import resume
from dlcore.records import Origin, RunState, Study, StudyAction, StudyRequest, StudyState, TrialState
from dlcore.store import Store
from dlcore.worker.studies.limits import Machine
from dlcore.worker.studies.optuna_storage import delete_study, fold_storage, open_storage, optuna_name
from dlcore.worker.studies.study_loop import StudyAtWork

REST_SECONDS = 1.0
"""How long it waits after the store could not be read or written."""


class StudyDriver:
    """Drives all studies of a store; the only writer of Optuna's storage.

    It works in a thread of its own: Optuna may need seconds to choose, and a study of thousands of trials
    half a minute to be read after a restart; meanwhile runs must be placed.

    Args:
        store: where studies are.
        machine: what there is room for.
        log: takes a line for people.
    """

    def __init__(self, store: Store, machine: Machine, *, log: Callable[[str], None]) -> None:
        self._store, self._machine, self._log = store, machine, log
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._storage: BaseStorage | None = None
        self._at_work: dict[str, StudyAtWork] = {}
        self._broken: set[str] = set()

    def start(self, worker_id: str) -> None:
        """Begins to drive, as that supervisor."""
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
        trouble = ""
        while not self._over.is_set():
            try:
                self.tick(worker_id)
                trouble = ""
            except StateError as error:
                self._log(str(error))
                return
            except StoreError as error:
                # A full disk or a locked store passes.
                if trouble != str(error):
                    self._log(str(error))
                trouble = str(error)
                self._over.wait(REST_SECONDS)
            self._over.wait(self._store.settings.poll_seconds)

    def tick(self, worker_id: str) -> None:
        """One step of every study.

        Raises:
            StateError: another supervisor has taken over.
            StoreError: the store cannot be read or written now.
        """
        alive = self._store.studies.alive()
        for gone in set(self._at_work) - {study.id for study in alive}:
            del self._at_work[gone]
        for study in alive:
            try:
                self._drive(study, worker_id)
            except (StateError, StoreError):
                raise
            except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
                raise StoreError(
                    N_("Optuna's storage cannot be read or written: {reason}."),
                    hint=N_("Make room on the disk, or close programs that have it open."),
                    where=study.name,
                    reason=str(error).splitlines()[0][:300],
                ) from error
            except DlcoreError as error:
                self._give_up(study, worker_id, error.message)
            except Exception as error:  # noqa: BLE001 - the edge of a study: the others must go on
                self._log(traceback.format_exc())
                text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
                why = Message(
                    N_("an unexpected error: {error}."),
                    N_("The worker's log has the details."),
                    params={"error": text},
                )
                self._give_up(study, worker_id, why)

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
            self._do(request, self._store.studies.get(study.id), at_work)
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
            delete_study(self._opened(), optuna_name(study))
        self._store.studies.delete(study.id)
        self._store.removals.sweep()

    def _give_up(self, study: Study, worker_id: str, why: Message) -> None:
        """Pauses a study that cannot be driven until somebody looks at it."""
        self._at_work.pop(study.id, None)
        self._broken.add(study.id)
        self._log(f"study {study.id} is paused: {why.text()}")
        with self._store.studies.driving(study.id, worker_id) as write:
            write.set_study(state=StudyState.PAUSED, reason=why)

    def _do(self, request: StudyRequest, study: Study, at_work: StudyAtWork) -> None:
        """Does what somebody has asked for; what Optuna must keep is safe to be done twice."""
        match request.action:
            case StudyAction.RESUME:
                at_work.forget_failures()
                for run in at_work.stopped_runs():
                    resume(self._store, run.id, actor=run.owner)
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
                self._stop_runs(study, [request.arguments["number"]], Message(N_("it was given up by hand.")))
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


def _columns(request: StudyRequest, study: Study) -> dict[str, object]:
    """What a request changes in the row of its study."""
    match request.action:
        case StudyAction.PAUSE:
            return {"state": StudyState.PAUSED, "reason": Message(N_("it was paused by hand."))}
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
