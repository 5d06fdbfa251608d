"""Steps of optimizers, as Keras takes them, and the paths that they lead along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.analysis.learning.surfaces import Surface
from dlcore.errors import N_

Values = npt.NDArray[np.float64]
Step = Callable[[Values], Values]
"""Takes the gradient, and returns what is added to the weights; remembers what came before."""

_EPSILON = 1e-7
_FAR = 1e6
"""Beyond that loss a descent has left for good."""


@dataclass(frozen=True)
class Method:
    """A way of descending.

    Attributes:
        name: as people call it.
        formula: of one step, in LaTeX: w are the weights, g the gradient, η the rate, μ the momentum.
        summary: what it adds, translatable.
        begin: takes the rate and the momentum, and returns its steps.
        adapts: whether it divides by the size of the gradients.
        has_momentum: whether it heeds the momentum that it is given.
    """

    name: str
    formula: str
    summary: str
    begin: Callable[[float, float], Step]
    adapts: bool = False
    has_momentum: bool = False


def _plain(rate: float, _momentum: float) -> Step:
    return lambda gradient: -rate * gradient


def _with_momentum(rate: float, momentum: float) -> Step:
    speed: Values = np.zeros(1)

    def step(gradient: Values) -> Values:
        nonlocal speed
        speed = momentum * speed - rate * gradient
        return speed

    return step


def _nesterov(rate: float, momentum: float) -> Step:
    heavy = _with_momentum(rate, momentum)
    return lambda gradient: momentum * heavy(gradient) - rate * gradient


def _adagrad(rate: float, _momentum: float) -> Step:
    size: Values = np.full(1, 0.1)

    def step(gradient: Values) -> Values:
        nonlocal size
        size = size + gradient**2
        return -rate * gradient / np.sqrt(size + _EPSILON)

    return step


def _rmsprop(rate: float, _momentum: float) -> Step:
    size: Values = np.zeros(1)

    def step(gradient: Values) -> Values:
        nonlocal size
        size = 0.9 * size + 0.1 * gradient**2
        return -rate * gradient / np.sqrt(size + _EPSILON)

    return step


def _adam(rate: float, _momentum: float) -> Step:
    mean, size, time = np.zeros(1), np.zeros(1), 0

    def step(gradient: Values) -> Values:
        nonlocal mean, size, time
        time += 1
        mean = 0.9 * mean + 0.1 * gradient
        size = 0.999 * size + 0.001 * gradient**2
        scale = np.sqrt(1 - 0.999**time) / (1 - 0.9**time)
        change: Values = -rate * scale * mean / (np.sqrt(size) + _EPSILON)
        return change

    return step


def _lion(rate: float, _momentum: float) -> Step:
    mean: Values = np.zeros(1)

    def step(gradient: Values) -> Values:
        nonlocal mean
        change: Values = -rate * np.sign(0.9 * mean + 0.1 * gradient)
        mean = 0.99 * mean + 0.01 * gradient
        return change

    return step


_ALL = (
    Method(
        "SGD", r"w \leftarrow w - \eta\,g", N_("Plain gradient descent: one step downhill."), _plain,
    ),
    Method(
        "Momentum", r"v \leftarrow \mu\,v - \eta\,g,\quad w \leftarrow w + v",
        N_("Keeps a share of its speed, as a ball does: it passes small hollows and gains speed along a valley."),
        _with_momentum, has_momentum=True,
    ),
    Method(
        "Nesterov", r"v \leftarrow \mu\,v - \eta\,g,\quad w \leftarrow w + \mu\,v - \eta\,g",
        N_("Momentum that looks ahead: it brakes before it has gone too far."),
        _nesterov, has_momentum=True,
    ),
    Method(
        "Adagrad", r"s \leftarrow s + g^2,\quad w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \epsilon}}",
        N_("Divides by all gradients so far: steep directions get smaller steps, and all steps shrink."),
        _adagrad, adapts=True,
    ),
    Method(
        "RMSprop", r"s \leftarrow 0.9\,s + 0.1\,g^2,\quad w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \epsilon}}",
        N_("Divides by the latest gradients: steps are about equally long in all directions."),
        _rmsprop, adapts=True,
    ),
    Method(
        "Adam",
        r"m \leftarrow 0.9\,m + 0.1\,g,\quad s \leftarrow 0.999\,s + 0.001\,g^2,\quad "
        r"w \leftarrow w - \eta\,\frac{\sqrt{1 - 0.999^t}}{1 - 0.9^t}\cdot\frac{m}{\sqrt{s} + \epsilon}",
        N_("Momentum and RMSprop together, corrected for the first steps: the usual choice."),
        _adam, adapts=True,
    ),
    Method(
        "Lion",
        r"w \leftarrow w - \eta\,\mathrm{sign}(0.9\,m + 0.1\,g),\quad m \leftarrow 0.99\,m + 0.01\,g",
        N_("Only the direction of each weight counts: every step is equally long."),
        _lion, adapts=True,
    ),
)  # fmt: skip

METHODS: Mapping[str, Method] = {one.name: one for one in _ALL}
"""The optimizers that a descent can be tried with."""


@dataclass(frozen=True, eq=False)
class Descent:
    """A path over a surface.

    Attributes:
        points: (steps + 1, 2) from the start on.
        gradients: (steps + 1, 2) at each.
        losses: (steps + 1,) at each.
        left: whether it went so far away that it was ended.
    """

    points: Values
    gradients: Values
    losses: Values
    left: bool


def descend(
    surface: Surface, method: Method, start: tuple[float, float], *, rate: float, momentum: float, steps: int
) -> Descent:
    """Returns the path of a method from a start.

    Args:
        surface: what it descends.
        method: how.
        start: where it begins.
        rate: η.
        momentum: μ, where the method has one.
        steps: how many it takes, unless it leaves the surface for good.
    """
    step = method.begin(rate, momentum)
    points, gradients = [np.asarray(start, np.float64)], [surface.gradient(np.asarray(start, np.float64))]
    left = False
    for _turn in range(steps):
        point = points[-1] + step(gradients[-1])
        left = bool(np.abs(point).max() > _FAR or surface.loss(point) > _FAR)
        if left:
            break
        points.append(point)
        gradients.append(surface.gradient(point))
    losses = np.array([surface.loss(point) for point in points])
    return Descent(np.array(points), np.array(gradients), losses, left)
