"""Moving an experiment to another dataset: what fits stays, and what changed can be reported."""

from __future__ import annotations

from functools import reduce
from typing import Any

from dlcore.design.templates import proposal
from dlcore.design.transplant import keep_image_size
from dlcore.errors import N_, SpecError
from dlcore.field_path import FieldPath, Item
from dlcore.spec.checks import check
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.paths import AUGMENTATION, DATASET, FINE_TUNING, MODEL, PREPROCESSING, TRAINING

CLEANING = DATASET.child("cleaning")
PARTS: dict[FieldPath, str] = {
    CLEANING: N_("Cleaning"),
    DATASET.child("split"): N_("Split"),
    PREPROCESSING: N_("Preprocessing"),
    AUGMENTATION: N_("Augmentation"),
    MODEL: N_("Model"),
    FINE_TUNING: N_("Fine tuning"),
    TRAINING.child("loss"): N_("Loss"),
    TRAINING.child("metrics"): N_("Metrics"),
    TRAINING.child("class_weight"): N_("Class weight"),
    TRAINING.child("early_stopping"): N_("Early stopping"),
    TRAINING.child("adversarial"): N_("Adversarial training"),
    TRAINING.child("schedule"): N_("Schedule"),
    TRAINING: N_("Training"),
}
"""What of an experiment a dataset decides about, by path, the narrower ones first: the title of each."""

_LISTS = (CLEANING, AUGMENTATION)
"""Lists whose parts stand alone, so that only those that do not fit need to go."""

_OTHERS = (PREPROCESSING, MODEL, AUGMENTATION, TRAINING, FINE_TUNING)
"""What is replaced, in this order, where the part with the problem is already that of the proposal."""


def move_to_dataset(
    spec: ExperimentSpec, facts: DatasetFacts, before: DatasetFacts | None = None
) -> ExperimentSpec:
    """Returns the experiment on another dataset, keeping everything that fits.

    What is wrong is replaced part by part, by what that data starts with; if anything is, the parts that are
    still as proposed for the old dataset follow the new one, too. Images are brought to the size that a
    user's own network takes before the network is replaced.

    Args:
        spec: the experiment.
        facts: of the dataset it is moved to.
        before: of the one it is on.
    """
    moved = spec.updated(dataset=spec.dataset.updated(name=facts.name, version=facts.version))
    if _problem(moved, facts) is None and not spec.fine_tuning:
        return moved
    fresh = proposal(facts)
    if before is not None:
        proposed = proposal(before)
        following = _following(moved, proposed, fresh)
        if spec.fine_tuning or spec.model != proposed.model:
            for one in (keep_image_size(moved, facts, before), following):
                kept = _repaired(one, facts, fresh)
                if kept.model == spec.model:
                    return kept
        moved = following
    return _repaired(moved, facts, fresh)


def changed_parts(before: ExperimentSpec, after: ExperimentSpec) -> tuple[str, ...]:
    """Returns the titles of the parts that differ, the choice of the dataset itself left out."""
    found: list[str] = []
    for path, title in PARTS.items():
        if _at(before, path) != _at(after, path):
            found.append(title)
            # What was told of a part is not told of the whole again.
            before = _with(before, path, _at(after, path))
    return tuple(found)


def _problem(spec: ExperimentSpec, facts: DatasetFacts) -> SpecError | None:
    try:
        check(spec, facts)
    except SpecError as error:
        return error
    return None


def _following(moved: ExperimentSpec, old: ExperimentSpec, fresh: ExperimentSpec) -> ExperimentSpec:
    """Replaces the unchanged parts by the new dataset's proposals."""
    for path in (CLEANING, PREPROCESSING, AUGMENTATION, MODEL, TRAINING):
        if _at(moved, path) == _at(old, path):
            moved = _with(moved, path, _at(fresh, path))
    return moved


def _repaired(spec: ExperimentSpec, facts: DatasetFacts, fresh: ExperimentSpec) -> ExperimentSpec:
    """Replaces invalid parts one by one until none is left."""
    left = [path for path in PARTS if _at(spec, path) != _at(fresh, path)]
    while (problem := _problem(spec, facts)) is not None:
        shorter = _without_step(spec, problem)
        if shorter != spec:
            spec = shorter
            continue
        wrong = next((path for path in left if problem.path.within(path)), None)
        path = wrong or next((path for path in _OTHERS if path in left), None)
        if path is None:  # the parts do not fit each other: those of the proposal do
            return fresh.updated(name=spec.name, seed=spec.seed)
        left.remove(path)
        spec = _with(spec, path, _at(fresh, path))
        if path == MODEL:
            spec = spec.updated(fine_tuning=None)  # other layers have no use for the old weights
    return spec


def _without_step(spec: ExperimentSpec, problem: SpecError) -> ExperimentSpec:
    """Removes the invalid step of a list, if the problem is one."""
    for path in _LISTS:
        step = problem.path.step_in(path)
        if isinstance(step, Item) and step.place is not None:
            steps = list(_at(spec, path))
            del steps[step.place]
            return _with(spec, path, tuple(steps))
    return spec


def _at(spec: ExperimentSpec, path: FieldPath) -> Any:
    return reduce(getattr, path.keys, spec)


def _with(spec: ExperimentSpec, path: FieldPath, value: Any) -> ExperimentSpec:
    """Returns a checked copy with another value of a part."""
    if path.parent:
        return _with(spec, path.parent, _at(spec, path.parent).updated(**{path.name: value}))
    return spec.updated(**{path.name: value})
