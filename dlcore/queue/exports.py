"""Requests to take a run away in a format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlcore.access.permissions import Kind, Verb
from dlcore.errors import N_, NotFoundError
from dlcore.exports import EXPORTS, Export
from dlcore.languages import Language
from dlcore.queue.budgets import check_room
from dlcore.queue.checks import check_actor
from dlcore.queue.jobs import request_job
from dlcore.queue.library import Library
from dlcore.records import Job, Run
from dlcore.store import Store

_WHAT, _ALL = "export", "belongings"


@dataclass(frozen=True)
class ExportedFile:
    """A file that a job has written.

    Attributes:
        export: how it was made and checked.
        path: where it is, until it is swept away.
    """

    export: Export
    path: Path


def request_export(
    store: Store,
    run: Run,
    name: str,
    *,
    owner: str,
    language: str = Language.ENGLISH,
    holds_model: bool = False,
    again: bool = False,
) -> Job:
    """Requests a run in a format; `exported_file` has the answer.

    Args:
        store: where the run is.
        run: it.
        name: of the format.
        owner: whose job it will be.
        language: of the texts for people.
        holds_model: whether a report holds the model to try.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: there is no such format, or the run was added from an archive that names somebody else's data.
        DlcoreError: something it needs is not installed; says the line that installs it.
    """
    EXPORTS.usable(name)
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    Library.of(store).check_data(run.spec)
    about = {"run": run.id, "format": name, "language": language, "try": holds_model}
    key = _key(run, name, owner, language, holds_model)
    return request_job(store, _WHAT, about, owner=owner, key=key, again=again)


def find_export(
    store: Store,
    run: Run,
    name: str,
    *,
    owner: str,
    language: str = Language.ENGLISH,
    holds_model: bool = False,
) -> Job | None:
    """Returns the export of a run as it is now in a format, if it was requested and not swept away."""
    return store.jobs.find_like(_WHAT, _key(run, name, owner, language, holds_model))


def exported_file(store: Store, job: Job) -> ExportedFile:
    """Returns what a finished job has written.

    Raises:
        NotFoundError: that has been swept away, or the job is none of these; request it again.
    """
    if job.what not in (_WHAT, _ALL):
        raise _gone(job)
    made = Export.from_dict(store.jobs.result(job))
    path = store.jobs.folder(job.id) / made.file
    if not path.is_file():
        raise _gone(job)
    return ExportedFile(made, path)


def request_belongings(store: Store, *, owner: str) -> Job:
    """Requests all that somebody has in one zip; `exported_file` has the answer.

    It may take room that they do not have: else who has used all of theirs could not take it away.

    Raises:
        BudgetError: the disk is nearly full.
    """
    check_room(store.settings)
    return store.jobs.request(_ALL, {"owner": owner}, owner=owner, again=True)


def find_belongings(store: Store, *, owner: str) -> Job | None:
    """Returns the last request for all that somebody has, if it is still known."""
    return store.jobs.find_like(_ALL, {"owner": owner})


def _key(run: Run, name: str, owner: str, language: str, holds_model: bool) -> dict[str, object]:
    made = EXPORTS[name]
    return {
        # A resumed run is another model.
        "run": run.id,
        "attempt": run.attempt,
        "epoch": run.epoch,
        "format": name,
        "owner": owner,
        "language": language if made.speaks else "",
        "try": holds_model and made.can_hold_model,
    }


def _gone(job: Job) -> NotFoundError:
    return NotFoundError(N_("this export is no longer kept."), hint=N_("Export it again."), where=job.id)
