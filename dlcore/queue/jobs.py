"""Requests for jobs: the arguments and results of each kind, as values instead of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcore.access.permissions import check_owner
from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.ingest.keras_sets import keras_set
from dlcore.datasets.ingest.proposal import Choices, Proposal
from dlcore.datasets.ingest.writing import check_name
from dlcore.datasets.stored import StoredDataset, open_stored
from dlcore.errors import N_, DatasetError, StateError
from dlcore.records import Job
from dlcore.store import Store


@dataclass(frozen=True)
class SourceFile:
    """A user's file or folder, as a job reads it.

    Attributes:
        path: where it is.
        origin: what the user calls it.
        state: tells its content from another one under the same path; jobs are kept by it.
    """

    path: Path
    origin: str
    state: str

    @classmethod
    def at(cls, path: Path, origin: str, state: str = "") -> SourceFile:
        """Returns the file as it is now.

        Args:
            path: where it is.
            origin: what the user calls it.
            state: of a folder, whose changes cannot be told from outside.

        Raises:
            DatasetError: there is none.
        """
        try:
            about = path.stat()
        except OSError as error:
            raise DatasetError(
                N_("there is no such file or folder."), hint=N_("Check the path."), where=str(path)
            ) from error
        return cls(path, origin, f"{about.st_size} {about.st_mtime_ns} {state}")

    def arguments(self) -> dict[str, str]:
        """Returns what tells a job about it."""
        return {"path": str(self.path), "origin": self.origin, "state": self.state}


def request_inspection(
    store: Store, file: SourceFile, choices: Choices, *, owner: str, again: bool = False
) -> Job:
    """Asks what a file seems to be; `proposal_of` has the answer."""
    arguments = {**file.arguments(), "choices": choices.to_dict()}
    return store.jobs.request("inspection", arguments, owner=owner, again=again)


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
    arguments = {**file.arguments(), "choices": choices.to_dict(), "owner": owner}
    return store.jobs.request("ingestion", arguments, owner=owner, again=True)


def dataset_of(store: Store, job: Job) -> StoredDataset:
    """Returns what an ingestion that is done has stored.

    Raises:
        NotFoundError: the answer has been swept away.
        DatasetError: the dataset has been removed since.
    """
    result = store.jobs.result(job)
    return open_stored(result["name"], store.settings, result["version"])


def request_download(store: Store, name: str, *, owner: str) -> Job:
    """Asks for the files of a dataset: a built-in one, or `keras:NAME`.

    Raises:
        SpecError: there is no such name.
    """
    if keras_set(name) is None:
        CATALOGUE.get(name)
    return store.jobs.request("download", _download(name), owner=owner, again=True)


def find_download(store: Store, name: str) -> Job | None:
    """Returns the last download of a dataset that someone has asked for, if it is still known."""
    return store.jobs.find_like("download", _download(name))


def _download(name: str) -> dict[str, Any]:
    return {"name": name}


def request_preview(store: Store, arguments: Mapping[str, Any], *, owner: str, again: bool = False) -> Job:
    """Asks what augmentation makes of some samples; the job's folder gets `PREVIEW_FILE`."""
    return store.jobs.request("augmentation_preview", arguments, owner=owner, again=again)


def cancel_job(store: Store, job_id: str, *, actor: str) -> None:
    """Asks a job to end; one that waits ends immediately.

    Raises:
        NotFoundError: there is no such job.
        PermissionDeniedError: it is someone else's.
        StateError: it has ended already.
    """
    check_owner(store.jobs.get(job_id).owner, actor, where=job_id)
    if not store.jobs.request_cancel(job_id):
        raise StateError(N_("the job has ended already."), where=job_id)
