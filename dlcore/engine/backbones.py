"""Backbones: networks of `keras.applications` as one layer, and the weights they bring."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import keras

from dlcore.datasets.builtin.downloads import download
from dlcore.durable import is_damage
from dlcore.engine.composites import follow
from dlcore.errors import N_, DatasetError
from dlcore.spec.layers import Application, Shape
from dlcore.spec.layers.applications.base import TORCH_DEVIATIONS
from dlcore.spec.model import ModelSpec
from dlcore.spec.remote import RemoteFile


def backbone(layer: Application, shape: Shape) -> Any:
    """Returns the network of a backbone for images of one shape, with random weights."""
    call = layer.network_call(shape, weights=None)
    core = getattr(keras.applications, layer.kind)(**call.arguments)
    # Within a model of its own, for one of Keras' networks cannot be made under another name.
    pixels = keras.Input(shape)
    network = keras.Model(pixels, core(follow(layer.scaling_parts(), pixels)), name=layer.name)
    network.trainable = layer.trainable
    return network


def core_of(made: Any) -> Any:
    """Returns Keras' own network within what `backbone` gave."""
    (core,) = (part for part in made.layers if isinstance(part, keras.Model))
    return core


def load_imagenet(
    network: Any,
    model: ModelSpec,
    folder: Path,
    *,
    but: Collection[str] = (),
    log: Callable[[str], None],
) -> tuple[str, ...]:
    """Gives each backbone the weights that its spec names, downloaded where they are absent.

    Args:
        network: what `build_model` made of `model`.
        model: its layers.
        folder: Keras' folder of weights.
        but: backbones that have theirs from elsewhere.
        log: is told how a download goes.

    Returns:
        The names of the layers that took some.

    Raises:
        DatasetError: there are none, or they are damaged; random ones are never left in their place.
    """
    wanted = [
        layer
        for layer in model.layers
        if isinstance(layer, Application) and layer.weights and layer.name not in but
    ]
    for layer in wanted:
        core = core_of(network.get_layer(layer.name))
        file = layer.weights_for(core.input_shape[1:])
        if not (folder / file.name).exists():
            log(f"downloading {file.url}")
        path = download(file, folder)
        try:
            core.load_weights(path)
        except OSError as error:
            if not is_damage(error):
                raise
            raise _damaged(layer, file, path) from error
        except (ValueError, KeyError, RuntimeError) as error:  # where the file is damaged decides which
            raise _damaged(layer, file, path) from error
        _correct_variances(core)
    return tuple(layer.name for layer in wanted)


def _correct_variances(core: Any) -> None:
    """Makes EfficientNet normalise pixels as Keras' own does with weights learned on ImageNet.

    Its file has deviations where the layer expects variances. With `weights="imagenet"`, and only then, Keras
    therefore puts another layer behind it, which divides by their roots; here the weights themselves become right,
    so that the network is the same however its weights came.
    """
    for layer in core.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            layer.adapt_variance.assign(layer.adapt_variance * TORCH_DEVIATIONS)
            layer.finalize_state()


def _damaged(layer: Application, file: RemoteFile, path: Path) -> DatasetError:
    return DatasetError(
        N_("the weights of {backbone} cannot be read: the file is damaged, or of another network."),
        hint=N_("Remove it, so that it is downloaded again from {url}."),
        where=str(path),
        backbone=layer.kind,
        url=file.url,
    )
