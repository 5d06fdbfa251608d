"""The Keras script equivalent to a spec, readable and self-contained."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.arrays import EXPORT, array_lines, needs_export, splits_in_script
from dlcore.design.code.built_in import built_in_imports
from dlcore.design.code.network import model_lines
from dlcore.design.code.rendering import render, text
from dlcore.design.code.training import target_lines, training_lines
from dlcore.design.code.values import value_lines
from dlcore.errors import N_, SpecError
from dlcore.spec.checks import augmentation_problem, prepared_facts, report
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Application

__all__ = ["EXPORT", "keras_script", "keras_sections", "needs_export", "render"]


def keras_script(spec: ExperimentSpec, facts: DatasetFacts) -> str:
    """Returns a Python script that needs only Keras, NumPy and scikit-learn, not this package.

    Where `needs_export` says so, it reads the file that the command `EXPORT` writes.

    Args:
        spec: what it should do.
        facts: of the spec's dataset.

    Raises:
        SpecError: the model does not fit the dataset, or something has no counterpart in Keras.
    """
    return "\n\n".join(keras_sections(spec, facts)) + "\n"


def keras_sections(spec: ExperimentSpec, facts: DatasetFacts) -> list[str]:
    """Returns the parts of the script in order: imports, data, values, targets, model, training.

    Raises:
        SpecError: as `keras_script` does.
    """
    found = report(spec, facts)
    if found.problem is not None:
        raise found.problem
    _check(spec, facts)
    cleaned = prepared_facts(spec, facts)
    # The model's signature comes from the facts before cleaning, which it cleans itself.
    sections = [
        _head(spec, facts),
        array_lines(spec, facts),
        value_lines(spec, facts),
        target_lines(spec, facts),
        model_lines(spec, facts),
        training_lines(spec, facts, cleaned.classes),
    ]
    written = ["\n".join(section) for section in sections]
    return [section for section in written if section]


def _check(spec: ExperimentSpec, facts: DatasetFacts) -> None:
    if spec.fine_tuning is not None or any(isinstance(layer, Application) for layer in spec.model.layers):
        raise SpecError(
            N_("a script cannot be written for a model that starts with weights from another model."),
            hint=N_("Train it here; its model file loads in Keras."),
            where="fine_tuning",
        )
    problem = augmentation_problem(spec, facts)
    if problem is not None:
        raise problem


def _head(spec: ExperimentSpec, facts: DatasetFacts) -> Iterator[str]:
    # Whatever a name holds, no line break of it may end the comment.
    yield f"# {' '.join((spec.name or spec.dataset.name).split())}"
    if not needs_export(spec, facts):
        yield from built_in_imports(facts)
    yield "import keras"
    yield "import numpy as np"
    if spec.dataset.name == "digits" and not needs_export(spec, facts):
        yield "from sklearn.datasets import load_digits"
    if splits_in_script(spec, facts):
        yield "from sklearn.model_selection import train_test_split"
    if spec.training.deterministic or spec.augmentation:
        yield "import tensorflow as tf"
    if spec.training.deterministic:
        yield "tf.config.experimental.enable_op_determinism()"
    if spec.training.precision != "float32":
        yield f"keras.config.set_dtype_policy({text(spec.training.precision)})"
