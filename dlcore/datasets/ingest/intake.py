"""The way of a user's own data in: inspected, corrected, then stored. Only processes with limits import this."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dlcore.datasets.ingest.arrays import ingest_arrays, inspect_arrays, looks_like_arrays
from dlcore.datasets.ingest.folders import ingest_folders, inspect_folders
from dlcore.datasets.ingest.proposal import NOTHING, Choices, Proposal, SourceForm, check_doubts
from dlcore.datasets.ingest.sources import table_sources
from dlcore.datasets.ingest.table_storing import ingest_table
from dlcore.datasets.ingest.tables import inspect_table
from dlcore.datasets.ingest.writing import check_name, writing
from dlcore.datasets.stored import ASSUMED, StoredDataset
from dlcore.errors import N_, DatasetError, Message
from dlcore.records import Progress, no_progress
from dlcore.settings import Settings
from dlcore.spec.data import Task


def inspect(
    path: Path,
    settings: Settings,
    choices: Choices = NOTHING,
    *,
    origin: str = "",
    progress: Progress = no_progress,
) -> Proposal:
    """Returns what a file or a folder seems to be under the user's choices; nothing is stored.

    Args:
        path: where it is.
        settings: limits.
        choices: what should not be guessed.
        origin: the user's name for the file, if it is stored under another.
        progress: is told how many files, or bytes of a table, are looked at.

    Raises:
        DatasetError: it is nothing that is known, damaged, or too large.
        SpecError: a choice names a column that is not there.
    """
    if not path.exists():
        raise DatasetError(
            N_("there is no such file or folder."), hint=N_("Check the path."), where=str(path)
        )
    if looks_like_arrays(path):
        found = inspect_arrays(path, settings, choices, origin, progress)
    elif path.is_file() and (sources := table_sources(path, origin or path.name, settings)):
        found = inspect_table(sources, settings, choices, origin, progress)
    else:
        found = inspect_folders(path, settings, choices, origin, progress)
    return replace(found, about=choices.about, problem=found.problem or _unfitting(found))


def _unfitting(found: Proposal) -> Message | None:
    """Returns why data of that kind is of no use for the task, if so."""
    if found.task is not Task.RECONSTRUCTION or Task.RECONSTRUCTION in found.tasks:
        return None
    return Message(
        N_("{kind} data cannot be used for {task}."),
        N_("Choose among: {fitting}."),
        params={
            "kind": Message(found.kind.value),
            "task": Message(found.task.value),
            "fitting": ", ".join(task.value for task in found.tasks),
        },
    )


def ingest(
    path: Path,
    settings: Settings,
    choices: Choices = NOTHING,
    *,
    owner: str,
    origin: str = "",
    progress: Progress = no_progress,
) -> StoredDataset:
    """Stores a file or a folder as a dataset of your own.

    One bad file never fails the rest: what cannot be used is listed with its reason, unless nothing is left.
    The same content under the same name is stored once.

    Args:
        path: where it is; it is only read.
        settings: limits, and where datasets are stored.
        choices: what should not be guessed.
        owner: whose it will be.
        origin: the user's name for the file, if it is stored under another.
        progress: is told how much of it is read.

    Raises:
        DatasetError: nothing in it can be used, an assumption is in doubt, the name is taken, or there is no
            room.
    """
    proposal = inspect(path, settings, choices, origin=origin)
    if (wrong := proposal.problem) is not None:
        raise DatasetError(wrong.template, hint=wrong.hint, where=wrong.where, **wrong.params)
    check_doubts(proposal.doubts, choices)
    check_name(proposal.name, settings, owner)
    with writing(settings) as draft:
        match proposal.form:
            case SourceForm.ARRAYS:
                facts, statistics = ingest_arrays(path, settings, proposal, draft)
            case SourceForm.TABLE:
                sources = table_sources(path, origin or path.name, settings)
                facts, statistics = ingest_table(sources, settings, proposal, choices, draft, progress)
            case SourceForm.FILES:
                facts, statistics = ingest_folders(path, settings, proposal, draft, progress)
        facts = replace(facts, owner=owner, **vars(proposal.about))
        accepted = [doubt.message for doubt in proposal.doubts]
        assumed = [note.to_dict() for note in (*proposal.notes, *proposal.warnings, *accepted)]
        return draft.finish(facts, {ASSUMED: assumed, **statistics}, origin or path.name)
