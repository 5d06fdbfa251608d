"""Moving an experiment to another dataset: what fits stays, and what changed can be reported."""

from __future__ import annotations

import re
from typing import Any

from dlcore.design.templates import proposal
from dlcore.design.transplant import keep_image_size
from dlcore.errors import N_, SpecError
from dlcore.spec.checks import check
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec

PARTS: dict[str, str] = {
    "dataset.cleaning": N_("Cleaning"),
    "dataset.split": N_("Split"),
    "preprocessing": N_("Preprocessing"),
    "augmentation": N_("Augmentation"),
    "model": N_("Model"),
    "fine_tuning": N_("Fine tuning"),
    "training.loss": N_("Loss"),
    "training.metrics": N_("Metrics"),
    "training.class_weight": N_("Class weight"),
    "training.early_stopping": N_("Early stopping"),
    "training.schedule": N_("Schedule"),
    "training": N_("Training"),
}
"""What of an experiment a dataset decides about, by path, the narrower ones first: the title of each."""

_LISTS = ("dataset.cleaning", "augmentation")
"""Lists whose parts stand alone, so that only those that do not fit need to go."""

_OTHERS = ("preprocessing", "model", "augmentation", "training", "fine_tuning")
"""What is replaced, in this order, where the part with the problem is already that of the proposal."""

_INDEX = re.compile(r"\[(\d+)\]")


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
    for path in ("dataset.cleaning", "preprocessing", "augmentation", "model", "training"):
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
        wrong = next((path for path in left if problem.path.startswith(path)), None)
        path = wrong or next((path for path in _OTHERS if path in left), None)
        if path is None:  # the parts do not fit each other: those of the proposal do
            return fresh.updated(name=spec.name, seed=spec.seed)
        left.remove(path)
        spec = _with(spec, path, _at(fresh, path))
        if path == "model":
            spec = spec.updated(fine_tuning=None)  # other layers have no use for the old weights
    return spec


def _without_step(spec: ExperimentSpec, problem: SpecError) -> ExperimentSpec:
    """Removes the invalid step of a list, if the problem is one."""
    for path in _LISTS:
        index = _INDEX.match(problem.path.removeprefix(path)) if problem.path.startswith(path) else None
        if index:
            steps = list(_at(spec, path))
            del steps[int(index[1])]
            return _with(spec, path, tuple(steps))
    return spec


def _at(spec: ExperimentSpec, path: str) -> Any:
    value: Any = spec
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _with(spec: ExperimentSpec, path: str, value: Any) -> ExperimentSpec:
    """Returns a checked copy with another value of a part, at most two steps from the root."""
    outer, _dot, inner = path.partition(".")
    return spec.updated(**{outer: getattr(spec, outer).updated(**{inner: value}) if inner else value})
