"""Remedies in the model: its size, its regularisation, its activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dlcore.design.edits import insert_layer, remove_layer, replace_layer
from dlcore.diagnosis.remedies.base import Remedy, register
from dlcore.errors import N_
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Activation, BatchNormalization, Dense, Dropout, Layer, ReLU
from dlcore.spec.layers.base import NORMALIZATION
from dlcore.spec.layers.convolution import Conv1D, Conv2D, Conv3D
from dlcore.spec.layers.recurrent import GRU, LSTM, SimpleRNN
from dlcore.spec.regularizers import L2

SIZED = (Dense, Conv1D, Conv2D, Conv3D, LSTM, GRU, SimpleRNN)
"""Layers whose size is a number of their own."""
PENALTY = 1e-4
FEWEST_UNITS, MOST_UNITS = 4, 4_096


def hidden(spec: ExperimentSpec) -> list[int]:
    """Returns the places of the layers that have weights of their own and give no answer.

    A layer whose output is called again, or which is frozen, keeps its form.
    """
    answering = spec.model.answering
    return [
        place
        for place, layer in enumerate(spec.model.layers)
        if isinstance(layer, SIZED) and layer.name not in answering and layer.trainable
    ]


def each_hidden(spec: ExperimentSpec, change: Callable[[Any], dict[str, Any]]) -> ExperimentSpec:
    """Returns a model each of whose hidden layers has some fields changed."""
    for place in hidden(spec):
        layer: Layer = spec.model.layers[place]
        spec = replace_layer(spec, place, layer.updated(**change(layer)))
    return spec


def is_pretrained(spec: ExperimentSpec) -> bool:
    """Returns whether weights from elsewhere fit only the layers as they are."""
    return spec.fine_tuning is not None and spec.fine_tuning.source is not None


@register
class AddDropout(Remedy):
    """Srivastava et al., Dropout, 2014."""

    name = "dropout"
    title = N_("Add dropout, or more of it")
    reason = N_("No unit can rely on another one being there, so each has to be of use alone.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Raises the rates there are by 0.2, up to 0.6; else puts a layer before the last one."""
        places = [at for at, layer in enumerate(spec.model.layers) if isinstance(layer, Dropout)]
        for place in places:
            layer = spec.model.layers[place]
            assert isinstance(layer, Dropout), "of that kind"
            spec = replace_layer(
                spec, place, layer.updated(rate=max(layer.rate, min(0.6, round(layer.rate + 0.2, 2))))
            )
        last = spec.model.layers[-1:]
        if places or not last or not isinstance(last[0], Dense) or len(spec.model.layers) < 2:
            return spec
        place = len(spec.model.layers) - 1
        spec = insert_layer(spec, place, Dropout.__name__)
        layer = spec.model.layers[place]
        return replace_layer(spec, place, layer.updated(rate=0.3))


@register
class PenalizeWeights(Remedy):
    """Weight decay (Krogh and Hertz, A Simple Weight Decay Can Improve Generalization, 1991)."""

    name = "l2"
    title = N_("Penalize large weights (L2)")
    reason = N_("Small weights make smooth answers, which follow single samples less.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Penalises the hidden layers that have no penalty yet."""

        def change(layer: Any) -> dict[str, Any]:
            return {} if layer.kernel_regularizer else {"kernel_regularizer": L2(l2=PENALTY)}

        return each_hidden(spec, change)


@register
class LessRegularization(Remedy):
    """Fewer obstacles for a model that does not even do well on what it sees."""

    name = "less_regularization"
    title = N_("Regularize less")
    reason = N_("Dropout, penalties and random changes hold back a model that has not learned enough.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Halves the rates of dropout, and takes penalties and augmentation away."""
        for place, layer in enumerate(spec.model.layers):
            if isinstance(layer, Dropout):
                spec = replace_layer(spec, place, layer.updated(rate=round(layer.rate / 2, 3)))
        spec = each_hidden(spec, lambda layer: {"kernel_regularizer": None})
        return spec.updated(augmentation=())


class _Size(Remedy):
    """Other sizes of the hidden layers."""

    factor: ClassVar[float]

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Multiplies units and filters of the hidden layers, unless other weights are put into them."""
        if is_pretrained(spec):
            return None

        def change(layer: Any) -> dict[str, Any]:
            name = "filters" if hasattr(layer, "filters") else "units"
            size = getattr(layer, name)
            if size is None:
                return {}
            low, high = min(size, FEWEST_UNITS), max(size, MOST_UNITS)
            return {name: int(min(max(round(size * self.factor), low), high))}

        return each_hidden(spec, change)


@register
class SmallerModel(_Size):
    """Half the units."""

    name, factor = "smaller_model", 0.5
    title = N_("Halve the size of the hidden layers")
    reason = N_("A smaller model has no room for single samples.")


@register
class LargerModel(_Size):
    """Twice the units."""

    name, factor = "larger_model", 2.0
    title = N_("Double the size of the hidden layers")
    reason = N_("A larger model can follow what a smaller one is too simple for.")


@register
class SmallerDepth(Remedy):
    """Fewer layers to get lost on."""

    name = "smaller_depth"
    title = N_("Take half of the hidden layers of one size away")
    reason = N_("A shorter way leaves more of the gradient.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Takes every second one of hidden Dense layers away that follow each other and have one size."""
        layers = spec.model.layers
        places = [
            place
            for place in hidden(spec)
            if isinstance(layer := layers[place], Dense)
            and place
            and isinstance(before := layers[place - 1], Dense)
            and before.units == layer.units
            and layer.inputs in ((), (before.name,))
        ]
        for place in reversed(places[::2]):
            spec = remove_layer(spec, place)
        return None if is_pretrained(spec) else spec


@register
class NormalizeBatches(Remedy):
    """Ioffe and Szegedy, Batch Normalization, 2015."""

    name = "batch_normalization"
    title = N_("Add batch normalization")
    reason = N_("What reaches a layer keeps its size, however the layers before it change.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Normalises what each hidden dense or convolutional layer gives, where nothing does so yet."""
        if is_pretrained(spec) or any(layer.group == NORMALIZATION for layer in spec.model.layers):
            return None
        for place in reversed(hidden(spec)):
            if not isinstance(spec.model.layers[place], (LSTM, GRU, SimpleRNN)):
                spec = insert_layer(spec, place + 1, BatchNormalization.__name__)
        return spec


class _Activations(Remedy):
    """Other activations."""

    replaced: ClassVar[frozenset[str]]
    by: ClassVar[str]
    initializer: ClassVar[str | None] = None

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Replaces activations of hidden layers and of layers that are one; recurrent layers keep theirs."""
        for place, layer in enumerate(spec.model.layers):
            own = isinstance(layer, (Activation, ReLU)) or place in hidden(spec)
            if not own or isinstance(layer, (LSTM, GRU, SimpleRNN)):
                continue
            if isinstance(layer, ReLU):
                if "relu" in self.replaced and not getattr(layer, "negative_slope", 0):
                    spec = replace_layer(spec, place, layer.updated(negative_slope=0.1))
                continue
            if getattr(layer, "activation", None) in self.replaced:
                values: dict[str, Any] = {"activation": self.by}
                if self.initializer and hasattr(layer, "kernel_initializer"):
                    values["kernel_initializer"] = self.initializer
                spec = replace_layer(spec, place, layer.updated(**values))
        return spec


@register
class LeakyUnits(_Activations):
    """Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013."""

    name, replaced, by = "leaky_units", frozenset({"relu", "relu6"}), "leaky_relu"
    title = N_("Use leaky ReLU")
    reason = N_("It has a slope for negative values, too, so that a unit that gives nothing can come back.")


@register
class Rectifiers(_Activations):
    """Glorot, Bordes and Bengio, Deep Sparse Rectifier Neural Networks, 2011."""

    name, replaced, by, initializer = (
        "rectifiers",
        frozenset({"sigmoid", "tanh", "hard_sigmoid", "softsign"}),
        "relu",
        "he_normal",
    )
    title = N_("Use ReLU instead of sigmoid and tanh")
    reason = N_(
        "Its slope is 1 where it is active, so that the gradient does not shrink from layer to layer."
    )


@register
class InitializeForRelu(Remedy):
    """He et al., Delving Deep into Rectifiers, 2015."""

    name = "he_initialization"
    title = N_("Initialize the weights as suits ReLU")
    reason = N_("With He's initialization, activations and gradients keep their size through layers of ReLU.")

    def changed(self, spec: ExperimentSpec, facts: DatasetFacts | None) -> ExperimentSpec | None:
        """Sets the initialisation of the hidden dense and convolutional layers."""
        if is_pretrained(spec):
            return None

        def change(layer: Any) -> dict[str, Any]:
            recurrent = isinstance(layer, (LSTM, GRU, SimpleRNN))
            return {} if recurrent else {"kernel_initializer": "he_normal"}

        return each_hidden(spec, change)
