"""Layers written out, forward and back, on one sample: what Keras computes, by formulas that a page can show.

A layer that is not here has no working; a page shows what Keras says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from dlcore.analysis.learning.activations import ACTIVATIONS, softmax
from dlcore.analysis.learning.recurrence import RECURRENT, recur
from dlcore.analysis.learning.trace import LayerTrace
from dlcore.analysis.learning.windows import (
    Sliding,
    convolve,
    convolve_back,
    pool_max,
    pool_max_back,
    pool_mean,
    pool_mean_back,
)

Values = npt.NDArray[np.float64]
Weights = Sequence[Values]


@dataclass(frozen=True, eq=False)
class Back:
    """What a layer passes back.

    Attributes:
        before: ∂L/∂z, of what its activation gets; as ∂L/∂y where it has none.
        inputs: ∂L/∂x, for each input.
        weights: ∂L/∂W, for each weight; None for what is not trained.
    """

    before: Values
    inputs: tuple[Values, ...]
    weights: tuple[Values | None, ...] = ()


@dataclass(frozen=True)
class Working:
    """How a kind of layer computes.

    Attributes:
        formula: in LaTeX.
        forward: of the layer, its inputs and its weights.
        back: of the same and ∂L/∂y; None where only the way forward is written out.
    """

    formula: str
    forward: Callable[[LayerTrace, Sequence[Values], Weights], Values]
    back: Callable[[LayerTrace, Sequence[Values], Weights, Values], Back] | None = None


def activate(name: str, z: Values) -> Values:
    """Returns f(z)."""
    return softmax(z) if name == "softmax" else ACTIVATIONS[name].value(z)


def activate_back(name: str, z: Values, slope: Values) -> Values:
    """Returns ∂L/∂z of ∂L/∂y, where y = f(z)."""
    if name == "softmax":
        share = softmax(z)
        found: Values = share * (slope - (slope * share).sum(axis=-1, keepdims=True))
        return found
    return slope * ACTIVATIONS[name].slope(z)


def weighted_sum(layer: LayerTrace, x: Values, weights: Weights) -> Values:
    """Returns z = W·x + b of a dense layer or a convolution: what its activation gets."""
    bias = weights[1] if len(weights) > 1 else None
    if layer.kind == "Dense":
        found: Values = x @ weights[0] + (0.0 if bias is None else bias)
        return found
    z = convolve(as_picture(x), as_kernel(weights[0]), bias, sliding(layer))
    return z.reshape(*layer.output[:-1], z.shape[-1])


def as_picture(x: Values) -> Values:
    """Returns a series as a picture of height 1; a picture as it is."""
    return x[None] if x.ndim == 2 else x


def as_kernel(kernel: Values) -> Values:
    """Returns the kernel of a series as one of height 1."""
    return kernel[None] if kernel.ndim == 3 else kernel


def sliding(layer: LayerTrace) -> Sliding:
    """Returns how the window of a convolution or a pooling slides."""
    config = layer.config
    size = config["pool_size"] if "pool_size" in config else config["kernel_size"]
    return Sliding(
        _two(size), _two(config["strides"] or size), _two(config.get("dilation_rate") or [1] * len(size)),
        str(config["padding"]),
    )  # fmt: skip


def _two(numbers: Sequence[int]) -> tuple[int, int]:
    """Returns rows and columns; a series has one row."""
    return (1, int(numbers[0])) if len(numbers) == 1 else (int(numbers[0]), int(numbers[1]))


def _activation(layer: LayerTrace) -> str:
    return str(layer.config.get("activation", "linear"))


def _weighted(layer: LayerTrace, inputs: Sequence[Values], weights: Weights) -> Values:
    return activate(_activation(layer), weighted_sum(layer, inputs[0], weights))


def _weighted_back(layer: LayerTrace, inputs: Sequence[Values], weights: Weights, slope: Values) -> Back:
    x, kernel = inputs[0], weights[0]
    before = activate_back(_activation(layer), weighted_sum(layer, x, weights), slope)
    if layer.kind == "Dense":
        rows, slopes = x.reshape(-1, x.shape[-1]), before.reshape(-1, before.shape[-1])
        of_x, of_kernel, of_bias = before @ kernel.T, rows.T @ slopes, slopes.sum(axis=0)
    else:
        of_x, of_kernel, of_bias = convolve_back(
            as_picture(x), as_kernel(kernel), as_picture(before), sliding(layer)
        )
    all_weights = (of_kernel.reshape(kernel.shape), of_bias)[: len(weights)]
    return Back(before, (of_x.reshape(x.shape),), all_weights)


def _window(pool: Callable[[Values, Sliding], Values]) -> Callable[..., Values]:
    def forward(layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
        return pool(as_picture(inputs[0]), sliding(layer)).reshape(layer.output)

    return forward


def _window_back(pool: Callable[[Values, Values, Sliding], Values]) -> Callable[..., Back]:
    def back(layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
        x = inputs[0]
        return Back(slope, (pool(as_picture(x), as_picture(slope), sliding(layer)).reshape(x.shape),))

    return back


def _places(x: Values) -> tuple[int, ...]:
    """Returns the axes of a picture or a series that are no channels."""
    return tuple(range(x.ndim - 1))


def _global_mean(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    found: Values = inputs[0].mean(axis=_places(inputs[0]))
    return found


def _global_mean_back(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    x = inputs[0]
    return Back(slope, (np.broadcast_to(slope / prod(x.shape[:-1]), x.shape),))


def _global_max(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    found: Values = inputs[0].max(axis=_places(inputs[0]))
    return found


def _global_max_back(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    # Equal ones share it, as TensorFlow has it.
    x = inputs[0]
    is_most = x == x.max(axis=_places(x))
    return Back(slope, (slope * is_most / is_most.sum(axis=_places(x)),))


def _same(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    return inputs[0]


def _same_back(_layer: LayerTrace, _inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    return Back(slope, (slope,))


def _reshape(layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    return inputs[0].reshape(layer.output)


def _reshape_back(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    return Back(slope, (slope.reshape(inputs[0].shape),))


def _of_values(layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    return activate(_activation(layer), inputs[0])


def _of_values_back(layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    before = activate_back(_activation(layer), inputs[0], slope)
    return Back(before, (before,))


def _normalise(layer: LayerTrace, inputs: Sequence[Values], weights: Weights) -> Values:
    mean, factor, gamma, beta = _normalisation(layer, weights)
    found: Values = (inputs[0] - mean) * factor * gamma + beta
    return found


def _normalise_back(layer: LayerTrace, inputs: Sequence[Values], weights: Weights, slope: Values) -> Back:
    mean, factor, gamma, _beta = _normalisation(layer, weights)
    places = _places(slope)
    learned: list[Values | None] = []
    if layer.config.get("scale", True):
        learned.append((slope * (inputs[0] - mean) * factor).sum(axis=places))
    if layer.config.get("center", True):
        learned.append(slope.sum(axis=places))
    return Back(slope, (slope * factor * gamma,), (*learned, None, None))


def _normalisation(layer: LayerTrace, weights: Weights) -> tuple[Values, Values, Values, Values]:
    *learned, mean, variance = weights
    gamma = learned.pop(0) if layer.config.get("scale", True) else np.ones_like(mean)
    beta = learned.pop(0) if layer.config.get("center", True) else np.zeros_like(mean)
    return mean, 1 / np.sqrt(variance + float(layer.config["epsilon"])), gamma, beta


def _look_up(_layer: LayerTrace, inputs: Sequence[Values], weights: Weights) -> Values:
    return weights[0][inputs[0].astype(np.int64)]


def _look_up_back(_layer: LayerTrace, inputs: Sequence[Values], weights: Weights, slope: Values) -> Back:
    found = np.zeros_like(weights[0])
    np.add.at(found, inputs[0].astype(np.int64), slope)
    return Back(slope, (), (found,))


def _add(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights) -> Values:
    return sum(inputs[1:], inputs[0])


def _add_back(_layer: LayerTrace, inputs: Sequence[Values], _weights: Weights, slope: Values) -> Back:
    return Back(slope, tuple(slope for _one in inputs))


def _over_time(layer: LayerTrace, inputs: Sequence[Values], weights: Weights) -> Values:
    states = recur(layer.kind, layer.config, inputs[0], weights).states
    return states if layer.config.get("return_sequences") else states[-1]


_WEIGHTED = Working(r"y = f(W \cdot x + b)", _weighted, _weighted_back)
_MAX = Working(r"y = \max_{i \in \text{window}} x_i", _window(pool_max), _window_back(pool_max_back))
_MEAN = Working(
    r"y = \frac{1}{n} \sum_{i \in \text{window}} x_i", _window(pool_mean), _window_back(pool_mean_back)
)
_ALL_MEAN = Working(r"y = \frac{1}{n} \sum_i x_i", _global_mean, _global_mean_back)
_ALL_MAX = Working(r"y = \max_i x_i", _global_max, _global_max_back)
_RESHAPED = Working(r"y = x \text{ (reshaped)}", _reshape, _reshape_back)
_IDLE = Working(r"y = x", _same, _same_back)
_FUNCTION = Working(r"y = f(x)", _of_values, _of_values_back)
_CONVOLUTION = Working(r"y = f\Bigl(\sum_{\text{window}} w \cdot x + b\Bigr)", _weighted, _weighted_back)

WORKINGS: Mapping[str, Working] = {
    "Dense": _WEIGHTED,
    "Conv1D": _CONVOLUTION,
    "Conv2D": _CONVOLUTION,
    "MaxPooling1D": _MAX,
    "MaxPooling2D": _MAX,
    "AveragePooling1D": _MEAN,
    "AveragePooling2D": _MEAN,
    "GlobalAveragePooling1D": _ALL_MEAN,
    "GlobalAveragePooling2D": _ALL_MEAN,
    "GlobalMaxPooling1D": _ALL_MAX,
    "GlobalMaxPooling2D": _ALL_MAX,
    "Flatten": _RESHAPED,
    "Reshape": _RESHAPED,
    "Dropout": _IDLE,
    "SpatialDropout1D": _IDLE,
    "SpatialDropout2D": _IDLE,
    "GaussianNoise": _IDLE,
    "Activation": _FUNCTION,
    "BatchNormalization": Working(
        r"y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta", _normalise, _normalise_back
    ),
    "Embedding": Working(r"y_t = W_{x_t}", _look_up, _look_up_back),
    "Add": Working(r"y = \sum_i x_i", _add, _add_back),
    **{kind: Working(r"h_t = f(x_t, h_{t-1})", _over_time) for kind in sorted(RECURRENT)},
}
"""The layers that are written out, by Keras' class."""


def working_of(layer: LayerTrace) -> Working | None:
    """Returns how a layer computes; None where that is not written out, with these settings of it."""
    config = layer.config
    names = [config[key] for key in ("activation", "recurrent_activation") if key in config]
    plain = (
        config.get("groups", 1) == 1
        and config.get("data_format", "channels_last") == "channels_last"
        and config.get("axis", -1) in (-1, len(layer.output) - 1, len(layer.output))
        and not config.get("keepdims", False)
        and all(name in ACTIVATIONS or name == "softmax" for name in names)
    )
    return WORKINGS.get(layer.kind) if plain else None


def entropy(answer: Values, target: Values, *, from_logits: bool) -> tuple[float, Values]:
    """Returns the cross-entropy −Σ t·ln p of one sample, and its gradient.

    Args:
        answer: (classes,) logits, or probabilities.
        target: (classes,) what is right, in shares of 1.
        from_logits: whether they are logits; the gradient is that of the logits, p − t, in both cases.
    """
    shares = softmax(answer) if from_logits else answer / answer.sum()
    loss = float(-(target * np.log(np.maximum(shares, 1e-7))).sum())
    return loss, shares - target
