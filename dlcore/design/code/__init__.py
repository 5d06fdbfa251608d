"""The Keras script equivalent to a spec, readable and self-contained."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.arrays import SPEC_FILE, array_lines, export_command, needs_export, splits_in_script
from dlcore.design.code.built_in import built_in_imports
from dlcore.design.code.network import model_lines
from dlcore.design.code.rendering import render, text
from dlcore.design.code.training import target_lines, training_lines
from dlcore.design.code.values import value_lines
from dlcore.spec.checks import augmentation_problem, prepared_facts, report
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.text import on_one_line

__all__ = ["export_command", "keras_script", "keras_sections", "needs_export", "render"]


def keras_script(
    spec: ExperimentSpec, facts: DatasetFacts, *, experiment: str = SPEC_FILE, has_new: bool = True
) -> str:
    """Returns a Python script that needs only Keras, NumPy and scikit-learn, not this package.

    Where `needs_export` says so, it reads the file that `export_command` makes.

    Args:
        spec: what it should do.
        facts: of the spec's dataset.
        experiment: its file, or the id of the run that it was.
        has_new: whether some layer starts without weights from elsewhere, where the spec is a fine-tuning: that
            depends on the other model. Such layers first learn alone.

    Raises:
        SpecError: the model does not fit the dataset, or something has no counterpart in Keras.
    """
    return "\n\n".join(keras_sections(spec, facts, experiment=experiment, has_new=has_new)) + "\n"


def keras_sections(
    spec: ExperimentSpec, facts: DatasetFacts, *, experiment: str = SPEC_FILE, has_new: bool = True
) -> list[str]:
    """Returns the parts of the script in order: imports, data, values, targets, model, training.

    Takes what `keras_script` takes.

    Raises:
        SpecError: as `keras_script` does.
    """
    found = report(spec, facts)
    if found.problem is not None:
        raise found.problem
    if (problem := augmentation_problem(spec, facts)) is not None:
        raise problem
    cleaned = prepared_facts(spec, facts)
    # The model's signature comes from the facts before cleaning, which it cleans itself.
    sections = [
        _head(spec, facts),
        array_lines(spec, facts, experiment),
        value_lines(spec, facts),
        target_lines(spec, facts),
        model_lines(spec, facts),
        training_lines(spec, facts, cleaned.classes, has_new=has_new),
    ]
    written = ["\n".join(section) for section in sections]
    return [section for section in written if section]


def _head(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    # Whatever a name holds, no line break of it may end the comment.
    yield f"# {on_one_line(spec.name or spec.dataset.name)}"
    if not needs_export(spec, facts):
        yield from built_in_imports(facts)
    yield "import keras"
    yield "import numpy as np"
    if spec.dataset.name == "digits" and not needs_export(spec, facts):
        yield "from sklearn.datasets import load_digits"
    if splits_in_script(spec, facts):
        yield "from sklearn.model_selection import train_test_split"
    if spec.training.deterministic or spec.augmentation or spec.training.adversarial:
        yield "import tensorflow as tf"
    if spec.training.deterministic:
        yield "tf.config.experimental.enable_op_determinism()"
    if spec.training.precision != "float32":
        yield f"keras.config.set_dtype_policy({text(spec.training.precision)})"
