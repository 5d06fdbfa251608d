"""What every backbone must agree on with Keras' own network."""

from __future__ import annotations

import sys
import warnings
from math import prod
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.applications import efficientnet

from dlcore.design.keras_import import import_json
from dlcore.engine.backbones import core_of, load_imagenet
from dlcore.engine.build import build_model
from dlcore.spec.graph import infer
from dlcore.spec.layers import Application, Shape
from dlcore.spec.model import ModelSpec
from dlcore.spec.remote import RemoteFile
from tests.engine.applications import images, with_random_weights


class Asked(Exception):
    """Raised in place of a download."""


def odd_shape(kind: type[Application]) -> Shape:
    """Returns a shape of images whose halves are odd now and then."""
    return (kind.smallest + 13, kind.smallest + 38, 3)


def keras_network(kind: type[Application], shape: Shape, **arguments: Any) -> Any:
    """Returns Keras' own network without a head."""
    make = getattr(keras.applications, kind.__name__)
    with warnings.catch_warnings():
        # MobileNet and MobileNetV2 say that there are no weights for images of just this size.
        warnings.simplefilter("ignore", UserWarning)
        return make(include_top=False, input_shape=shape, **arguments)


def outline(kind: type[Application], shape: Shape) -> Any:
    """Returns the same without any numbers in it."""
    with keras.StatelessScope(initialize_variables=False):
        return keras_network(kind, shape, weights=None)


def file_of_keras(kind: type[Application], shape: Shape, monkeypatch: pytest.MonkeyPatch) -> RemoteFile:
    """Returns the file that Keras would download for images of that shape."""

    def asked(name: str, url: str, *, cache_subdir: str, file_hash: str = "") -> None:
        assert cache_subdir == "models"
        long = len(file_hash) == 64
        raise Asked(RemoteFile(name, url, 0, file_hash if long else "", "" if long else file_hash))

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", asked)
    with keras.StatelessScope(initialize_variables=False), pytest.raises(Asked) as caught:
        keras_network(kind, shape, weights="imagenet")
    return caught.value.args[0]


def check_facts(kind: type[Application]) -> None:
    """Holds what a backbone says of itself against what its layers add up to."""
    side = kind.facts.side
    network = outline(kind, (side, side, 3))
    report = import_json(network.to_json()).report
    inferred = infer(ModelSpec(layers=(kind(pooling=None),)), (side, side, 3))

    assert inferred.parameters.trainable == sum(prod(weight.shape) for weight in network.trainable_weights)
    assert inferred.parameters.fixed == sum(prod(weight.shape) for weight in network.non_trainable_weights)
    assert kind.facts.depth == len(network.layers)
    assert (None, *inferred.output_shape) == network.output_shape
    assert inferred.flops == report.flops
    assert inferred.activations == report.activations


def check_small_images(kind: type[Application]) -> None:
    """Holds the work and the memory of small images, which follow from those of large ones, against its layers."""
    shape = (96, 96, 3)
    report = import_json(outline(kind, shape).to_json()).report
    inferred = infer(ModelSpec(layers=(kind(pooling=None),)), shape)

    assert inferred.flops == pytest.approx(report.flops, rel=0.15)
    assert inferred.activations == pytest.approx(report.activations, rel=0.15)


def check_sides(kind: type[Application], *shapes: Shape) -> None:
    """Holds the shape that a backbone gives for images of some sizes against Keras' own."""
    for shape in shapes:
        expected = outline(kind, shape).output_shape
        assert (None, *kind(pooling=None).output_shape([shape])) == expected, shape
    with pytest.raises(ValueError, match="at least"):
        outline(kind, (kind.smallest - 1, kind.smallest, 3))


def _save_as_file_of_keras(core: Any, path: Path) -> None:
    """Saves weights as Keras offers them: EfficientNet's have deviations where variances belong."""
    for layer in core.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            layer.adapt_variance.assign(layer.adapt_variance / efficientnet.IMAGENET_STDDEV_RGB)
    core.save(path)


def check_predictions(kind: type[Application], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives a backbone and Keras' own network the same file of weights, and the same images."""
    shape, model = odd_shape(kind), ModelSpec(layers=(kind(name="body", pooling=None),))
    network = build_model(model, shape)
    path = folder / kind.file.name
    _save_as_file_of_keras(core_of(with_random_weights(network).get_layer("body")), path)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(path))
    theirs = keras_network(kind, shape, weights="imagenet")

    assert load_imagenet(network, model, folder, log=print) == ("body",)

    pixels = images(network, 2)
    module = sys.modules[getattr(keras.applications, kind.__name__).__module__]
    scaled = module.preprocess_input(pixels.copy())
    expected = theirs(scaled, training=False).numpy()
    # A deep network makes much of how its scaled pixels are rounded.
    rounding = np.linalg.norm(theirs(np.nextafter(scaled, np.float32(1000)), training=False) - expected)
    difference = np.linalg.norm(network(pixels, training=False) - expected)
    between_images = np.linalg.norm(expected[0] - expected[1])
    assert rounding < 1e-3 * between_images
    assert difference <= 1e-4 * between_images + 2 * rounding
