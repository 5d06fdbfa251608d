"""Requests for a check of the labels that a run has learned from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlcore.access.permissions import Kind, Verb
from dlcore.analysis.answers import PartAnswers
from dlcore.analysis.label_check import CheckedSamples, check_labels
from dlcore.datasets.samples import TEST, VALIDATION
from dlcore.errors import N_, DatasetError, StateError
from dlcore.queue.checks import check_actor
from dlcore.queue.explanations import model_key
from dlcore.queue.jobs import request_job
from dlcore.queue.library import Library
from dlcore.records import Evaluation, Job, Run
from dlcore.records.label_check import FOLDS, LabelCheck
from dlcore.spec.data import Task
from dlcore.store import Store
from dlcore.store.run_files import read_answers, read_evaluation

_WHAT = "label_check"
MOST_FOLDS = 10
_PARTS = (VALIDATION, TEST)
"""Those that a run answers for."""


def request_label_check(
    store: Store, run: Run, *, owner: str, folds: int = FOLDS, again: bool = False
) -> Job:
    """Requests a check of the whole dataset of a run; `label_check_of` has the answer.

    Args:
        store: where the run is.
        run: whose experiment is trained once for each fold, without it.
        owner: whose job it will be.
        folds: how many.
        again: whether one that has ended is done once more.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        SpecError: the run was added from an archive that names somebody else's data.
        DatasetError: so many folds make no sense.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    Library.of(store).check_data(run.spec)
    check_folds(folds)
    key = _key(run, owner, folds)
    return request_job(store, _WHAT, {"run": run.id, "folds": folds}, owner=owner, key=key, again=again)


def find_label_check(store: Store, run: Run, *, owner: str, folds: int = FOLDS) -> Job | None:
    """Returns the check of a run as it is now, if it was requested and not swept away."""
    return store.jobs.find_like(_WHAT, _key(run, owner, folds))


def label_check_of(store: Store, job: Job) -> LabelCheck:
    """Returns what a finished check has found.

    Raises:
        NotFoundError: that has been swept away; request it again.
    """
    return LabelCheck.from_dict(store.jobs.result(job))


def check_folds(folds: int) -> None:
    """Checks a number of folds.

    Raises:
        DatasetError: it is too low or too high.
    """
    if not 2 <= folds <= MOST_FOLDS:
        raise DatasetError(
            N_("expected from {least} to {most} folds, got {got}."),
            hint=N_("Three are enough for most datasets."),
            where="folds",
            least=2,
            most=MOST_FOLDS,
            got=folds,
        )


def quick_label_check(store: Store, run: Run) -> LabelCheck:
    """Returns what the run's own answers for its validation and test part say of their labels; at once.

    Raises:
        PermissionDeniedError: the run is only shown to whom the store is open to.
        StateError: the run has no answers yet.
        DatasetError: there are no labels to check.
        DlcoreError: a file of the run is damaged.
    """
    check_actor(store, Verb.READ, Kind.RUN, run.id, run.owner, actor=store.reader)
    folder = store.artifacts.folder(run.id)
    evaluation = read_evaluation(folder)
    found = [] if evaluation is None else [read_answers(folder, evaluation, part) for part in _PARTS]
    there = {part: answers for part, answers in zip(_PARTS, found, strict=False) if answers is not None}
    if not there or evaluation is None:
        raise StateError(
            N_("the run has no answers to check labels by yet."),
            hint=N_("Wait until it has finished an epoch, and ended."),
            where=run.id,
        )
    return check_labels(_checked(evaluation, there), folds=0)


def _checked(evaluation: Evaluation, there: Mapping[str, PartAnswers]) -> CheckedSamples:
    parts = there.values()
    return CheckedSamples(
        Task(evaluation.task),
        evaluation.classes,
        np.concatenate([one.answers for one in parts]),
        np.concatenate([one.targets for one in parts]),
        np.concatenate([one.rows for one in parts]),
        np.repeat(list(there), [len(one.rows) for one in parts]),
    )


def _key(run: Run, owner: str, folds: int) -> dict[str, object]:
    # A resumed run has other features by which outliers are found.
    return model_key(run, owner) | {"folds": folds}
