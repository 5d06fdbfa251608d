"""Which samples of a run's dataset have a label that is likely to be wrong, by models that have not learned from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.analysis.duplicates import Pairs, alike_arrays, alike_texts, equal_rows
from dlcore.analysis.label_check import CheckedSamples, check_labels
from dlcore.analysis.outliers import neighbour_distances
from dlcore.datasets.parts import Array, Indices, Part
from dlcore.processes.kinds import JOBS, Arguments, JobHandle
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import reach_run, store_side
from dlcore.records import JobUnit
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.label_check import LabelCheck
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.signature import INPUT

_ANSWERS = "folds.npz"
"""What the folds have answered that are done: of a large dataset each takes an hour."""
_SHARE = 0.95
"""Of the whole work, what the trainings are."""


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=store_side(LabelCheck.read),
    progress_file=_ANSWERS,
)
def label_check(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Trains the run's experiment once for each fold, without it; returns `LabelCheck.to_dict`.

    Args:
        arguments: the id of the `run`, and of the store its `spec` and its `folder`; the number of `folds`.
        handle: its settings, and its folder, which keeps what is done; told the progress in batches.
    """
    import numpy as np

    from dlcore.datasets.prepare.preparation import prepare
    from dlcore.engine.folds import answers_out_of_fold, fold_epochs, unmixed, whole_data

    folds: int = arguments["folds"]
    spec = unmixed(ExperimentSpec.from_dict(arguments["spec"]))

    def tell(_what: str, done: int, total: int) -> None:
        handle.progress(0, total, JobUnit.NOTHING)

    def tell_batches(done: int, total: int) -> None:
        handle.progress(done, int(total / _SHARE), JobUnit.NOTHING)

    found = whole_data(spec, prepare(spec, handle.settings, tell), handle.settings, folds=folds)
    epochs = fold_epochs(spec, len(found.whole))
    kept = handle.folder / _ANSWERS
    answers = answers_out_of_fold(spec, found, handle.settings, tell_batches, epochs=epochs, kept=kept)
    kept.unlink()
    facts = found.data.facts
    checked = CheckedSamples(
        facts.task,
        facts.classes if facts.task.classifies else (),
        answers,
        found.whole.labels,
        found.whole.own_rows,
        found.parts,
    )
    numbers = np.unique(found.parts, return_inverse=True)[1]
    pairs = _near_duplicates(found.whole, numbers, facts)
    features = _features(Path(arguments["folder"]), found.whole)
    distances = None if features is None else neighbour_distances(features)
    return check_labels(checked, folds=folds, pairs=pairs, distances=distances).to_dict()


def _near_duplicates(whole: Part, part: Indices, facts: DatasetFacts) -> Pairs:
    """Returns the samples of different parts that are nearly the same, as it is meant for their kind."""
    import numpy as np

    first = whole.inputs.get(INPUT)
    if first is not None and first.dtype == np.int32 and facts.kind is DataKind.TEXT:
        return alike_texts(first[whole.indices], part)
    if first is not None and first.ndim > 2:

        def read(places: Indices) -> Array:
            values: Array = first[whole.indices[places]]
            return values

        return alike_arrays(read, part)
    rows = [array[whole.indices].reshape(len(whole), -1) for array in whole.inputs.values()]
    return equal_rows(np.concatenate(rows, axis=1), part)


def _features(folder: Path, whole: Part) -> Array | None:
    """Returns what the run's own model has learned to see in each sample, if it has one."""
    if not (folder / MODEL_FILE).is_file():
        return None
    from dlcore.datasets.prepare.saved import read_preparation
    from dlcore.engine.features import last_features
    from dlcore.engine.files import load_trained

    return last_features(load_trained(folder), whole, read_preparation(folder))
