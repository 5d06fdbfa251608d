"""Weights that a run starts with: read, put into its network, and reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from dlcore.datasets.prepare.saved import meanings, read_meanings
from dlcore.engine.backbones import load_imagenet
from dlcore.engine.data import TrainingData
from dlcore.engine.files import load_trained, write_whole
from dlcore.engine.weights import load_weights
from dlcore.errors import N_, DatasetError, SpecError
from dlcore.models.keras_file import read_model_file
from dlcore.models.weights import read_weights
from dlcore.records import Transfer
from dlcore.records.artifacts import TRANSFER_FILE
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FromModel, Source
from dlcore.spec.model import ModelSpec


@dataclass(frozen=True)
class SourceWeights:
    """Weights of another model.

    Attributes:
        arrays: of each layer by name, in the order of Keras' `layer.weights`.
        meanings: which id stood for which word, as `saved.meanings` has it; None where that is not known.
    """

    arrays: Mapping[str, Sequence[npt.NDArray[Any]]]
    meanings: Mapping[str, Any] | None = None


def source_weights(source: Source, path: Path) -> SourceWeights:
    """Returns the weights that a source names.

    Args:
        source: a run, or an uploaded model.
        path: its `.keras` file; that of a run lies in the run's folder.

    Raises:
        SpecError: the model can no longer be read.
        DatasetError: the file is gone.
    """
    return weights_of_file(path) if isinstance(source, FromModel) else weights_of_run(path.parent)


def starting_arrays(
    spec: ExperimentSpec, data: TrainingData, source: SourceWeights
) -> dict[str, Sequence[Any]]:
    """Returns the arrays of the source by layer, without those of ids that stand for something else here."""
    other = _other_ids(spec.model, data, source)
    return {name: arrays for name, arrays in source.arrays.items() if name not in other}


def weights_of_run(folder: Path) -> SourceWeights:
    """Returns those of a run's own model.

    Raises:
        SpecError: the run has left none.
    """
    try:
        network, known = load_trained(folder), read_meanings(folder)
    except DatasetError as error:
        raise SpecError(
            N_("the model of that run can no longer be read."),
            hint=N_("Choose another run, or start without weights from elsewhere."),
            where="fine_tuning.source.run",
        ) from error
    arrays = {layer.name: layer.get_weights() for layer in network.layers if layer.weights}
    return SourceWeights(arrays, known)


def weights_of_file(path: Path) -> SourceWeights:
    """Returns those of an uploaded `.keras` file; nothing in it is run.

    Raises:
        SpecError: the file is damaged.
        DatasetError: it is gone.
    """
    return SourceWeights(read_weights(path, read_model_file(path)))


def transfer(
    network: Any,
    spec: ExperimentSpec,
    data: TrainingData,
    source: SourceWeights | None,
    *,
    folder: Path,
    log: Callable[[str], None],
) -> Transfer | None:
    """Puts weights from elsewhere into a network that was just built.

    Args:
        network: what `build_model` made.
        spec: what it was made of.
        data: what it will be trained on.
        source: weights of another model, if it starts with some.
        folder: Keras' folder of weights, for backbones.
        log: is told what took weights, and what starts over.

    Returns:
        What was done; None where a run starts with nothing from elsewhere.

    Raises:
        SpecError: no layer of the source fits.
        DatasetError: a backbone's weights are absent.
    """
    model, other = spec.model, _other_ids(spec.model, data, source)
    loaded: tuple[str, ...] = ()
    if source is not None:
        fitting = starting_arrays(spec, data, source)
        loaded = load_weights(network, model, fitting, partial=True).loaded
        if not loaded:
            raise SpecError(
                N_("no layer of the source fits a layer of this model, by name and shape."),
                hint=N_("Start from the source's own layers, and keep their names."),
                where="fine_tuning.source",
            )
    pretrained = load_imagenet(network, model, folder, but=loaded, log=log)
    if not loaded and not pretrained:
        return None
    begun = {*loaded, *pretrained, *other}
    kept = [layer.name for layer in model.own_layers if network.get_layer(layer.name).weights]
    kept = [name for name in kept if name not in begun]
    done = Transfer(loaded=loaded, pretrained=pretrained, kept=tuple(kept), other_ids=other)
    _tell(done, log)
    return done


def _tell(done: Transfer, log: Callable[[str], None]) -> None:
    for what, names in (
        ("weights from the source", done.loaded),
        ("weights from ImageNet", done.pretrained),
        ("starts anew", done.kept),
        ("starts anew, for its ids mean something else", done.other_ids),
    ):
        if names:
            log(f"{what}: {', '.join(names)}")


def _other_ids(model: ModelSpec, data: TrainingData, source: SourceWeights | None) -> tuple[str, ...]:
    """Layers that take ids which stood for other words, or no one knows for which, in the source."""
    if source is None or meanings(data.state) == source.meanings:
        return ()
    return tuple(
        layer.name
        for index, layer in enumerate(model.layers)
        if layer.name in source.arrays
        and any(
            name in data.signature.inputs and data.signature.inputs[name].vocabulary is not None
            for name in model.sources(index)
        )
    )


def save(transfer: Transfer, folder: Path) -> None:
    """Writes down what was done, for the page and for a resumed run.

    Raises:
        DlcoreError: the disk is full or refuses.
    """
    text = json.dumps(transfer.to_dict())
    write_whole(folder / TRANSFER_FILE, lambda path: path.write_text(text, encoding="utf-8"))


def load(folder: Path) -> Transfer | None:
    """Returns what was done when the run in `folder` began, if anything was."""
    path = folder / TRANSFER_FILE
    return Transfer.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
