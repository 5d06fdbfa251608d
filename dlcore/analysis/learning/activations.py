"""Activation functions and their derivatives, as Keras computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_

Values = npt.NDArray[np.float64]
Function = Callable[[Values], Values]

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""Klambauer et al., Self-normalizing neural networks, 2017, appendix A3.1."""
_LEAK = 0.2
"""Keras' `negative_slope` of leaky_relu as an activation; that of the layer is 0.3."""


@dataclass(frozen=True)
class Activation:
    """A function of one number.

    Attributes:
        name: as Keras has it.
        formula, derivative: in LaTeX, of x.
        summary: what it is for, translatable.
        value: the function.
        slope: its derivative; where there is none, at a corner, the one that TensorFlow takes.
    """

    name: str
    formula: str
    derivative: str
    summary: str
    value: Function
    slope: Function


def sigmoid(x: Values) -> Values:
    """Returns 1 / (1 + e⁻ˣ), without an overflow.

    Example:
        >>> float(sigmoid(np.array(0.0)))
        0.5
    """
    small = np.exp(-np.abs(x))
    found: Values = np.where(x >= 0, 1, small) / (1 + small)
    return found


def softplus(x: Values) -> Values:
    """Returns ln(1 + eˣ), without an overflow."""
    found: Values = np.logaddexp(0, x)
    return found


def softmax(x: Values, axis: int = -1) -> Values:
    """Returns eˣ over the sum of all of them: positive shares that add up to 1.

    The largest is taken away first, which changes nothing but the size of the numbers between.

    Example:
        >>> softmax(np.array([1000.0, 1000.0])).tolist()
        [0.5, 0.5]
    """
    raised = np.exp(x - x.max(axis=axis, keepdims=True))
    found: Values = raised / raised.sum(axis=axis, keepdims=True)
    return found


def _normal(x: Values) -> Values:
    """Returns the share of a standard normal distribution below each value."""
    found: Values = np.vectorize(lambda one: 0.5 * (1 + erf(one / sqrt(2))), otypes=[np.float64])(x)
    return found


def _gelu_slope(x: Values) -> Values:
    return _normal(x) + x * np.exp(-x * x / 2) / sqrt(2 * np.pi)


def _mish_slope(x: Values) -> Values:
    inner = np.tanh(softplus(x))
    found: Values = inner + x * sigmoid(x) * (1 - inner**2)
    return found


def _selu(x: Values) -> Values:
    found: Values = _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0)))
    return found


def _selu_slope(x: Values) -> Values:
    found: Values = _SELU_SCALE * np.where(x >= 0, 1, _SELU_ALPHA * np.exp(np.minimum(x, 0)))
    return found


def _elu(x: Values) -> Values:
    found: Values = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
    return found


def _elu_slope(x: Values) -> Values:
    found: Values = np.where(x > 0, 1, np.exp(np.minimum(x, 0)))
    return found


def _inside(x: Values, low: float, high: float) -> Values:
    """Returns 1 strictly between two bounds, else 0."""
    return ((x > low) & (x < high)).astype(np.float64)


def _hard_sigmoid(x: Values) -> Values:
    found: Values = np.clip(x + 3, 0, 6) / 6
    return found


def _above(x: Values, low: Values | float, high: Values | float) -> Values:
    """Returns `high` where x is above 0, else `low`."""
    found: Values = np.where(x > 0, high, low)
    return found


_COMMON = (
    Activation(
        "linear", r"x", r"1", N_("Changes nothing: for numbers as answers (regression)."),
        lambda x: x, np.ones_like,
    ),
    Activation(
        "relu", r"\max(0, x)", r"\begin{cases}1 & x > 0\\ 0 & x \le 0\end{cases}",
        N_("Cuts off what is negative. Fast, and its slope never fades for positive values: the usual choice."),
        lambda x: np.maximum(x, 0), lambda x: _above(x, 0, 1),
    ),
    Activation(
        "sigmoid", r"\frac{1}{1 + e^{-x}}", r"\sigma(x)\,(1 - \sigma(x))",
        N_("Squeezes any number between 0 and 1: a probability. Far from 0 its slope is almost 0, and learning stalls."),
        sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)),
    ),
    Activation(
        "tanh", r"\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}", r"1 - \tanh^2(x)",
        N_("Like sigmoid, but between −1 and 1 and centred on 0: for recurrent layers."),
        np.tanh, lambda x: 1 - np.tanh(x) ** 2,
    ),
    Activation(
        "leaky_relu", r"\begin{cases}x & x > 0\\ 0.2\,x & x \le 0\end{cases}",
        r"\begin{cases}1 & x > 0\\ 0.2 & x \le 0\end{cases}",
        N_("Like relu, but lets a little through below 0, so that no unit can die."),
        lambda x: _above(x, _LEAK * x, x), lambda x: _above(x, _LEAK, 1),
    ),
    Activation(
        "elu", r"\begin{cases}x & x > 0\\ e^{x} - 1 & x \le 0\end{cases}",
        r"\begin{cases}1 & x > 0\\ e^{x} & x \le 0\end{cases}",
        N_("Smooth below 0, down to −1: its mean stays nearer to 0 than that of relu."),
        _elu, _elu_slope,
    ),
    Activation(
        "selu", r"\lambda\begin{cases}x & x > 0\\ \alpha\,(e^{x} - 1) & x \le 0\end{cases}\quad \lambda \approx 1.0507,\ \alpha \approx 1.6733",
        r"\lambda\begin{cases}1 & x > 0\\ \alpha\,e^{x} & x \le 0\end{cases}",
        N_("Elu with constants that keep mean and variance the same from layer to layer."),
        _selu, _selu_slope,
    ),
    Activation(
        "gelu", r"x\,\Phi(x)", r"\Phi(x) + x\,\frac{e^{-x^2/2}}{\sqrt{2\pi}}",
        N_("A smooth relu, weighted by the normal distribution Φ: used in transformers."),
        lambda x: x * _normal(x), _gelu_slope,
    ),
    Activation(
        "silu", r"x\,\sigma(x)", r"\sigma(x)\,\bigl(1 + x\,(1 - \sigma(x))\bigr)",
        N_("A smooth relu, weighted by sigmoid; also called swish."),
        lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    ),
    Activation(
        "mish", r"x\,\tanh(\ln(1 + e^{x}))",
        r"\tanh(s) + x\,\sigma(x)\,(1 - \tanh^2(s)),\quad s = \ln(1 + e^{x})",
        N_("Another smooth relu, close to silu."),
        lambda x: x * np.tanh(softplus(x)), _mish_slope,
    ),
    Activation(
        "softplus", r"\ln(1 + e^{x})", r"\sigma(x)", N_("A smooth relu that is never 0: for what must be positive."),
        softplus, sigmoid,
    ),
    Activation(
        "exponential", r"e^{x}", r"e^{x}", N_("Grows without limit: for counts and rates as answers."),
        np.exp, np.exp,
    ),
)  # fmt: skip

_RARE = (
    Activation(
        "relu6", r"\min(\max(0, x), 6)", r"\begin{cases}1 & 0 < x < 6\\ 0 & \text{else}\end{cases}",
        N_("Relu that stops at 6: for small devices that compute with few bits."),
        lambda x: np.clip(x, 0, 6), lambda x: _inside(x, 0, 6),
    ),
    Activation(
        "hard_sigmoid", r"\frac{\min(\max(0, x + 3), 6)}{6}",
        r"\begin{cases}\frac{1}{6} & -3 < x < 3\\ 0 & \text{else}\end{cases}",
        N_("Sigmoid of straight lines, which is faster."),
        _hard_sigmoid, lambda x: _inside(x, -3, 3) / 6,
    ),
    Activation(
        "hard_silu", r"x\,\frac{\min(\max(0, x + 3), 6)}{6}",
        r"\begin{cases}0 & x \le -3\\ \frac{2x + 3}{6} & -3 < x < 3\\ 1 & x \ge 3\end{cases}",
        N_("Silu of simple pieces, which is faster: used in MobileNet."),
        lambda x: x * _hard_sigmoid(x), lambda x: _hard_sigmoid(x) + x * _inside(x, -3, 3) / 6,
    ),
    Activation(
        "hard_tanh", r"\min(\max(-1, x), 1)", r"\begin{cases}1 & -1 < x < 1\\ 0 & \text{else}\end{cases}",
        N_("Tanh of straight lines."),
        lambda x: np.clip(x, -1, 1), lambda x: _inside(x, -1, 1),
    ),
    Activation(
        "softsign", r"\frac{x}{1 + |x|}", r"\frac{1}{(1 + |x|)^2}",
        N_("Like tanh, but nears its limits more slowly."),
        lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2,
    ),
    Activation(
        "log_sigmoid", r"-\ln(1 + e^{-x})", r"1 - \sigma(x)", N_("The logarithm of a probability: for losses."),
        lambda x: -softplus(-x), lambda x: sigmoid(-x),
    ),
    Activation(
        "squareplus", r"\frac{x + \sqrt{x^2 + 4}}{2}", r"\frac{1}{2}\Bigl(1 + \frac{x}{\sqrt{x^2 + 4}}\Bigr)",
        N_("A smooth relu without exponentials."),
        lambda x: (x + np.sqrt(x * x + 4)) / 2, lambda x: (1 + x / np.sqrt(x * x + 4)) / 2,
    ),
    Activation(
        "tanh_shrink", r"x - \tanh(x)", r"\tanh^2(x)", N_("Makes small values smaller still."),
        lambda x: x - np.tanh(x), lambda x: np.tanh(x) ** 2,
    ),
    Activation(
        "soft_shrink", r"\begin{cases}x - 0.5 & x > 0.5\\ x + 0.5 & x < -0.5\\ 0 & \text{else}\end{cases}",
        r"\begin{cases}1 & |x| > 0.5\\ 0 & \text{else}\end{cases}",
        N_("Makes small values 0, and moves the others towards it."),
        lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), lambda x: (np.abs(x) > 0.5).astype(np.float64),
    ),
    Activation(
        "hard_shrink", r"\begin{cases}x & |x| > 0.5\\ 0 & \text{else}\end{cases}",
        r"\begin{cases}1 & |x| > 0.5\\ 0 & \text{else}\end{cases}",
        N_("Makes small values 0, and leaves the others."),
        lambda x: x * (np.abs(x) > 0.5), lambda x: (np.abs(x) > 0.5).astype(np.float64),
    ),
)  # fmt: skip

ACTIVATIONS: Mapping[str, Activation] = {one.name: one for one in (*_COMMON, *_RARE)}
"""Those of Keras that work on each number by itself; softmax, which compares several, is a function of its own."""
