"""The part of a script that loads the arrays."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.built_in import built_in_lines
from dlcore.design.code.rendering import text
from dlcore.spec.checks import model_data
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.preprocessing import ValueStep

SPEC_FILE = "SPEC.yaml"
"""Stands for the file of an experiment."""


def export_command(experiment: str = SPEC_FILE) -> str:
    """Returns the command that makes the file a script reads where Keras alone cannot make its arrays.

    Args:
        experiment: its file, or the id of a run.
    """
    return f"python -m dlcore data export {experiment} --out data.npz"


def needs_export(spec: ExperimentSpec, facts: DatasetFacts) -> bool:
    """Returns whether the script reads arrays that `export_command` has written."""
    return (
        bool(facts.version or spec.dataset.cleaning)
        or spec.dataset.split is not None
        or any(not isinstance(step, ValueStep) for step in spec.preprocessing)
        or (spec.fine_tuning is not None and spec.fine_tuning.source is not None)
    )


def part_names(spec: ExperimentSpec, facts: DatasetFacts) -> list[str]:
    """Returns the names of the parts that there are."""
    held_back = ["validation"] if spec.dataset.division(facts).validation else []
    return ["train", *held_back, "test"]


def splits_in_script(spec: ExperimentSpec, facts: DatasetFacts) -> bool:
    """Returns whether the script itself divides the samples."""
    dataset = spec.dataset
    wanted = dataset.name == "digits" or dataset.train_samples or dataset.validation_fraction
    return bool(wanted) and not needs_export(spec, facts)


def array_lines(spec: ExperimentSpec, facts: DatasetFacts, experiment: str) -> Iterator[str]:
    """Makes `x_train`, `y_train` and those of the other parts; `experiment` is as `export_command` takes it."""
    yield from _read(spec, facts, experiment) if needs_export(spec, facts) else _built_in(spec, facts)
    if facts.task is Task.BINARY:
        for part in part_names(spec, facts):
            yield f'y_{part} = y_{part}.astype("float32")[:, None]'


def _read(spec: ExperimentSpec, facts: DatasetFacts, experiment: str) -> Iterator[str]:
    seen, names = model_data(spec, facts).inputs, spec.model.inputs

    def array(part: str, name: str) -> str:
        key = f"x_{part}" if len(seen) == 1 else f"x_{part}_{name}"
        return f"data[{text(key)}]" + ("" if seen[name].dtype == "int32" else '.astype("float32")')

    yield f"# Data, made by: {export_command(experiment)}"
    yield 'data = np.load("data.npz")'
    for part in part_names(spec, facts):
        if len(names) == 1:
            yield f"x_{part} = {array(part, names[0])}"
        else:
            yield f"x_{part} = {{"
            for name in names:
                yield f"    {text(name)}: {array(part, name)},"
            yield "}"
        yield f'y_{part} = data["y_{part}"]'


def _built_in(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    yield "# Data"
    yield from built_in_lines(facts)
    yield 'x_train, x_test = x_train.astype("float32"), x_test.astype("float32")'
    if spec.dataset.validation_fraction:
        fraction = spec.dataset.validation_fraction
        yield "x_train, x_validation, y_train, y_validation = train_test_split("
        yield f"    x_train, y_train, test_size={fraction}, stratify=y_train, random_state={spec.seed}"
        yield ")"
    samples, division = spec.dataset.train_samples, spec.dataset.division(facts)
    if samples is not None and samples < facts.train_size - division.validation:
        yield "x_train, _, y_train, _ = train_test_split("
        yield f"    x_train, y_train, train_size={samples}, stratify=y_train, random_state={spec.seed}"
        yield ")"
