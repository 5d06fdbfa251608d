"""A trained model converted: what runtimes must agree on, and what they cannot hold."""

import importlib

import keras
import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.prepare.values import Logarithm
from dlcore.design.templates import proposal
from dlcore.durable import write_json
from dlcore.engine.trained import TrainedModel
from dlcore.errors import ConversionError
from dlcore.records.artifacts import PREPARATION_FILE
from dlcore.settings import Settings

pytestmark = pytest.mark.keras
L = keras.layers


@pytest.mark.parametrize(
    ("layer", "loops"),
    [
        (L.LSTM(2), True),
        (L.Bidirectional(L.GRU(2)), True),
        (L.ConvLSTM1D(2, 2), True),
        (L.TimeDistributed(L.Dense(2)), False),
        (L.Conv1D(2, 2), False),
    ],
    ids=lambda one: getattr(one, "name", str(one)),
)
def test_a_network_that_goes_step_by_step_is_known(tmp_path, layer, loops):
    """TensorFlow's calibrator for int8 ends its process, without a word, at the state of such a layer."""
    shape = (4, 3, 1) if isinstance(layer, L.ConvLSTM1D) else (4, 3)
    inner = keras.Sequential([keras.Input(shape), layer])
    # Also within another model, as a backbone is.
    keras.Sequential([keras.Input(shape), inner, L.Flatten()]).save(tmp_path / "model.keras")
    found = TrainedModel(tmp_path, Settings(home=tmp_path), lambda *told: None)
    assert found.has_loops is loops


X = np.random.default_rng(0).normal(size=(3, 4, 3)).astype(np.float32)


def trained(folder, *layers, policy="float32", values=None):
    """A model of these layers as a run leaves it, and what it answers for `X`."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    given = keras.Input((4, 3), name="input")
    last = given
    for layer in (*(make() for make in layers), L.Flatten()):
        last = layer(last)
    network = keras.Model(given, L.Dense(10, dtype="float32")(last))
    keras.config.set_dtype_policy("float32")
    network.save(folder / "model.keras")
    settings = Settings(home=folder)
    known = facts("digits", settings)
    how = Preparation(proposal(known), known, {}, {"cleaning": []}, values or {})
    write_json(folder / PREPARATION_FILE, how.to_dict())
    return TrainedModel(folder, settings, lambda *told: None), keras.ops.softmax(network(X)).numpy()


def of_onnx(path):
    (answers,) = importlib.import_module("onnxruntime").InferenceSession(path).run(None, {"input": X})
    return answers


def of_litert(path):
    run = importlib.import_module("ai_edge_litert.interpreter").Interpreter(str(path)).get_signature_runner()
    return np.concatenate([run(input=X[place : place + 1])["output"] for place in range(len(X))])


@pytest.mark.parametrize(
    ("layer", "policy", "allowed"),
    [
        (lambda: L.Dense(5, activation="gelu"), "float32", 1e-5),
        (lambda: L.Normalization(mean=[1, 2, 3], variance=[1, 4, 9]), "float32", 1e-5),
        # What is trained in half precision is converted in full: runtimes have no such convolutions.
        (lambda: L.Conv1D(5, 2), "mixed_bfloat16", 1e-2),
        (lambda: L.Conv1D(5, 2), "mixed_float16", 1e-2),
    ],
    ids=["gelu", "normalization", "bfloat16", "float16"],
)
def test_what_converters_do_not_know_by_themselves_is_converted(tmp_path, layer, policy, allowed):
    found, expected = trained(tmp_path, layer, policy=policy)
    found.save_onnx(tmp_path / "m.onnx")
    np.testing.assert_allclose(of_onnx(tmp_path / "m.onnx"), expected, atol=allowed)
    found.save_litert(tmp_path / "m.tflite", "float32", {})
    np.testing.assert_allclose(of_litert(tmp_path / "m.tflite"), expected, atol=allowed)


def test_what_a_format_has_no_operator_for_is_named(tmp_path):
    found, _ = trained(tmp_path, lambda: L.Reshape((2, 2, 3, 1)), lambda: L.MaxPooling3D(2))
    with pytest.raises(ConversionError, match=r"cannot be written in this format: MaxPool3D\. Take another"):
        found.save_litert(tmp_path / "m.tflite", "float32", {})
    assert not (tmp_path / "m.tflite").exists()


def test_what_onnx_has_no_operator_for_is_named(tmp_path):
    found, _ = trained(tmp_path, lambda: L.Discretization(bin_boundaries=[0.0, 1.0]))
    with pytest.raises(ConversionError, match=r"cannot be written in this format: .*Bucketize"):
        found.save_onnx(tmp_path / "m.onnx")


def test_logarithms_before_the_network_are_in_the_file(tmp_path):
    found, _ = trained(tmp_path, lambda: L.Dense(5), values={"input": (Logarithm(),)})
    found.save_onnx(tmp_path / "m.onnx")
    np.testing.assert_allclose(of_onnx(tmp_path / "m.onnx"), found.answers({"input": X}), atol=1e-5)
