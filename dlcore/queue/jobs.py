"""Requests for jobs: the arguments and results of each kind, as values instead of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb, check
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.ingest.keras_sets import keras_set
from dlcore.datasets.ingest.proposal import Choices, Proposal, checked_name
from dlcore.datasets.ingest.writing import check_name
from dlcore.datasets.stored import StoredDataset, open_stored
from dlcore.datasets.uploads import Upload
from dlcore.datasets.vectors.stored import FoundText, StoredVectors, open_vectors
from dlcore.errors import N_, DatasetError, StateError
from dlcore.models import InspectedModel, StoredModel, stored_model
from dlcore.queue.budgets import Account, check_room
from dlcore.records import Job
from dlcore.records.predictions import Predictions
from dlcore.store import Store


@dataclass(frozen=True)
class SourceFile:
    """A user's file or folder, as a job reads it.

    Attributes:
        path: where it is.
        origin: what the user calls it.
        content: tells what is in it from anything else; jobs are kept by it.
    """

    path: Path
    origin: str
    content: str

    @classmethod
    def at(cls, path: Path, origin: str, visit: str = "") -> SourceFile:
        """Returns the file as it is now.

        Args:
            path: where it is.
            origin: what the user calls it.
            visit: which look at a folder it is; changes in a folder cannot be told from outside.

        Raises:
            DatasetError: there is none.
        """
        try:
            about = path.stat()
        except OSError as error:
            raise DatasetError(
                N_("there is no such file or folder."), hint=N_("Check the path."), where=str(path)
            ) from error
        return cls(path, origin, f"{path} {about.st_size} {about.st_mtime_ns} {visit}")

    @classmethod
    def of(cls, upload: Upload) -> SourceFile:
        """Returns a file that was uploaded; the same one uploaded again is the same.

        Raises:
            DatasetError: it is gone.
        """
        found = cls.at(upload.content, upload.name)
        return replace(found, content=f"sha256 {upload.sha256}") if upload.sha256 else found


def request_inspection(
    store: Store, file: SourceFile, choices: Choices, *, owner: str, again: bool = False
) -> Job:
    """Asks what a file seems to be; `proposal_of` has the answer."""
    about = {"origin": file.origin, "choices": choices.to_dict(), "owner": owner}
    return request_about_file(store, "inspection", file, about, again=again)


def proposal_of(store: Store, job: Job) -> Proposal:
    """Returns what an inspection that is done has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
    """
    return Proposal.from_dict(store.jobs.result(job))


def request_ingestion(store: Store, file: SourceFile, choices: Choices, *, owner: str) -> Job:
    """Asks to store a file as a dataset; `dataset_of` opens it.

    Raises:
        DatasetError: nothing can be stored under that name.
    """
    check_name(choices.name, store.settings, owner)
    about = {"origin": file.origin, "choices": choices.to_dict(), "owner": owner}
    return request_about_file(store, "ingestion", file, about, again=True)


def dataset_of(store: Store, job: Job) -> StoredDataset:
    """Returns what an ingestion that is done has stored.

    Raises:
        NotFoundError: the answer has been swept away.
        DatasetError: the dataset has been removed since.
    """
    result = store.jobs.result(job)
    return open_stored(result["name"], store.settings, result["version"])


def request_model_inspection(store: Store, file: SourceFile, *, owner: str, again: bool = False) -> Job:
    """Requests a look into a `.keras` file or a JSON config; `inspected_model` has the answer."""
    return request_about_file(store, "model_inspection", file, {"owner": owner}, again=again)


def inspected_model(store: Store, job: Job) -> InspectedModel:
    """Returns what a finished inspection of a model has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
    """
    return InspectedModel.from_dict(store.jobs.result(job))


def request_model_storing(store: Store, file: SourceFile, name: str, *, owner: str) -> Job:
    """Requests that a `.keras` file is checked as a whole and kept; `model_of` opens it."""
    return request_about_file(store, "model_storing", file, {"name": name, "owner": owner}, again=True)


def model_of(store: Store, job: Job) -> StoredModel:
    """Returns the model that a finished job has kept.

    Raises:
        NotFoundError: the answer has been swept away, or the model has been removed since.
    """
    return stored_model(store.jobs.result(job)["model"], store.settings)


def request_vectors_inspection(store: Store, file: SourceFile, *, owner: str, again: bool = False) -> Job:
    """Requests a look into a file of word vectors; `found_vectors` has the answer."""
    about = {"origin": file.origin, "owner": owner}
    return request_about_file(store, "vectors_inspection", file, about, again=again)


def found_vectors(store: Store, job: Job) -> tuple[FoundText, ...]:
    """Returns the texts with word vectors that an inspection has found.

    Raises:
        NotFoundError: that has been swept away; ask again.
    """
    found = store.jobs.result(job)["vectors"]
    return tuple(FoundText(**{**one, "words": tuple(one["words"])}) for one in found)


def request_vectors_storing(store: Store, file: SourceFile, text: FoundText, name: str, *, owner: str) -> Job:
    """Requests that word vectors are read as a whole and kept under a name; `vectors_of` opens them.

    Raises:
        DatasetError: nothing can be stored under that name.
    """
    about = {"origin": file.origin, "file": text.file, "name": checked_name(name), "owner": owner}
    return request_about_file(store, "vectors_storing", file, about, again=True)


def vectors_of(store: Store, job: Job) -> StoredVectors:
    """Returns the word vectors that a finished job has kept.

    Raises:
        NotFoundError: the answer has been swept away.
        SpecError: the vectors have been removed since.
    """
    return open_vectors(store.jobs.result(job)["name"], store.settings.vectors_dir)


def request_prediction(
    store: Store, run_id: str, file: SourceFile, *, owner: str, again: bool = False
) -> Job:
    """Requests what a run's model answers for the samples in a file; `predictions_of` has the answers.

    Raises:
        NotFoundError: there is no such run.
    """
    run = store.runs.get(run_id)
    about = {"folder": str(store.artifacts.folder(run.id)), "origin": file.origin, "owner": owner}
    # A run that was resumed answers with another model.
    return request_about_file(
        store, "prediction", file, {**about, "attempt": run.attempt, "epoch": run.epoch}, again=again
    )


def predictions_of(store: Store, job: Job) -> Predictions:
    """Returns the answers of a finished prediction.

    Raises:
        NotFoundError: they have been swept away; ask again.
    """
    return Predictions.from_dict(store.jobs.result(job))


def request_about_file(
    store: Store, what: str, file: SourceFile, about: Mapping[str, Any], *, again: bool
) -> Job:
    """Requests a job about a file; its result is kept by the content, for each user."""
    arguments, key = {"path": str(file.path), **about}, {"content": file.content, **about}
    return request_job(store, what, arguments, owner=about["owner"], key=key, again=again)


def request_job(
    store: Store,
    what: str,
    arguments: Mapping[str, Any],
    *,
    owner: str,
    key: Mapping[str, Any] | None = None,
    again: bool = False,
) -> Job:
    """Requests a job; see `Jobs.request`.

    Raises:
        BudgetError: it is a new one, and more than the owner may use, or the disk is nearly full.
    """
    account = Account.of(store)
    found = store.jobs.find_like(what, arguments if key is None else key) if account.budget else None
    if found is None or (found.state.final and again):
        account.check_job()
    return store.jobs.request(what, arguments, owner=owner, key=key, again=again)


def request_download(store: Store, name: str, *, owner: str) -> Job:
    """Asks for the files of a dataset: a built-in one, or `keras:NAME`.

    Raises:
        SpecError: there is no such name.
    """
    if keras_set(name) is None:
        CATALOGUE.get(name)
    check_room(store.settings)
    return store.whole.jobs.request("download", _download(name), owner=owner, again=True)


def find_download(store: Store, name: str) -> Job | None:
    """Returns the last download of a dataset that someone has asked for, if it is still known."""
    return store.jobs.find_like("download", _download(name))


def _download(name: str) -> dict[str, Any]:
    return {"name": name}


def request_preview(store: Store, arguments: Mapping[str, Any], *, owner: str, again: bool = False) -> Job:
    """Asks what augmentation makes of some samples; the job's folder gets `PREVIEW_FILE`."""
    key = {**arguments, "owner": owner}
    return request_job(store, "augmentation_preview", arguments, owner=owner, key=key, again=again)


def cancel_job(store: Store, job_id: str, *, actor: Actor) -> None:
    """Asks a job to end; one that waits ends immediately.

    Raises:
        NotFoundError: there is no such job.
        PermissionDeniedError: it is someone else's.
        StateError: it has ended already.
    """
    check(actor, Verb.STOP, Kind.JOB, store.jobs.get(job_id).owner, job_id)
    if not store.jobs.request_cancel(job_id):
        raise StateError(N_("the job has ended already."), where=job_id)
