"""Which of 50 kinds of models that people bring come in, and which can be trained for their purpose."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcore.design.keras_import import ImportedModel
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.weights import load_weights
from dlcore.errors import SpecError
from dlcore.models.keras_file import read_model_file
from dlcore.models.weights import read_weights
from dlcore.spec.data import Task
from dlcore.spec.training import TrainingSpec
from tests.acceptance.models import EXAMPLES, Example

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(1800)]

EXPRESSIBLE, TRAINABLE = 44, 29
"""How many of them at least."""


def drawn(tensors: dict[str, Any]) -> dict[str, Any]:
    """Samples for inputs of Keras, by the names they are to have."""
    generator = np.random.default_rng(0)
    return {
        name: generator.integers(0, 5, (4, *one.shape[1:]))
        if "int" in one.dtype
        else generator.random((4, *one.shape[1:]), np.float32)
        for name, one in tensors.items()
    }


def only(x: dict[str, Any]) -> Any:
    return x if len(x) > 1 else next(iter(x.values()))


def brought_in(network: Any, path: Path) -> ImportedModel:
    """Saves and imports a model; it must predict the same, with as many parameters."""
    network.save(path)
    imported = read_model_file(path)
    assert imported.signature is not None
    assert imported.report is not None
    again = build_model(imported.model, imported.signature)
    load_weights(again, imported.model, read_weights(path, imported))
    tables = sum(len(rows) * len(rows[0]) for rows in imported.tables.values())
    assert imported.report.parameters.total == network.count_params() + tables
    theirs = drawn({one.name: one for one in network.inputs})
    ours = dict(zip(imported.inputs, theirs.values(), strict=True))
    expected = network.predict([*theirs.values()] if len(theirs) > 1 else only(theirs), verbose=0)
    np.testing.assert_allclose(again.predict(only(ours), verbose=0), expected, rtol=1e-4, atol=1e-5)
    return imported


def trained(imported: ImportedModel, task: Task) -> None:
    """Takes a step on random samples of the task; what is reconstructed is compared in one row."""
    assert imported.signature is not None
    last = ("Flatten",) if task is Task.RECONSTRUCTION else ()
    model = imported.model.updated(layers=(*imported.model.layers, *last))
    network = build_model(model, imported.signature)
    assert len(network.output_shape) == 2
    training = TrainingSpec(metrics=())
    compile_model(network, model, training, task=task, steps_per_epoch=1, epochs=1)
    x = drawn({one.name: one for one in network.inputs})
    y = np.zeros(4 if task is Task.MULTICLASS else (4, network.output_shape[1]))
    assert np.isfinite(network.train_on_batch(only(x), y)).all()


def outcome(example: Example, path: Path) -> tuple[bool, bool, str]:
    """Whether an example comes in, whether it can be trained, and what is in the way."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    try:
        imported = brought_in(example.build(), path)
    except SpecError as error:
        return False, False, str(error)
    if example.task is None:
        return True, False, example.lacks
    trained(imported, example.task)
    return True, True, ""


def test_most_models_that_people_bring_come_in_and_can_be_trained(tmp_path: Path) -> None:
    outcomes = {one.name: outcome(one, tmp_path / "model.keras") for one in EXAMPLES}

    print()
    for name, (comes_in, learns, reason) in outcomes.items():
        print(f"{name:36} {'yes' if comes_in else 'no':4} {'yes' if learns else 'no':4} {reason}")
    expressible = sum(comes_in for comes_in, _, _ in outcomes.values())
    trainable = sum(learns for _, learns, _ in outcomes.values())
    print(f"{len(outcomes)} models: {expressible} expressible, {trainable} trainable")
    assert len(outcomes) == 50
    assert all(reason.endswith(".") for comes_in, _, reason in outcomes.values() if not comes_in)
    assert expressible >= EXPRESSIBLE
    assert trainable >= TRAINABLE
