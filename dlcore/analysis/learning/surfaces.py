"""Losses of two weights: small enough to be seen whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.errors import N_

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Surface:
    """A loss of two weights.

    Attributes:
        name: of it in the address.
        title, summary: translatable.
        formula: in LaTeX, of x and y.
        value: the loss.
        slope: its two partial derivatives.
        x, y: what is shown of it.
        start: where a descent begins, unless somebody wants another place.
        minima: where it is lowest.
        rate, adaptive_rate: what suits plain descent, and methods that divide by the size of the gradients.
    """

    name: str
    title: str
    summary: str
    formula: str
    value: Callable[[Values, Values], Values]
    slope: Callable[[Values, Values], tuple[Values, Values]]
    x: tuple[float, float]
    y: tuple[float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    rate: float
    adaptive_rate: float

    def gradient(self, point: Values) -> Values:
        """(2,) the gradient at a point."""
        return np.stack(self.slope(point[0], point[1])).astype(np.float64)

    def loss(self, point: Values) -> float:
        """Returns the loss at a point (2,)."""
        return float(self.value(point[0], point[1]))


def _himmelblau(x: Values, y: Values) -> Values:
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_slope(x: Values, y: Values) -> tuple[Values, Values]:
    first, second = x**2 + y - 11, x + y**2 - 7
    return 4 * x * first + 2 * second, 2 * first + 4 * y * second


def _bumps(x: Values, y: Values) -> Values:
    found: Values = (x**2 + y**2) / 10 + 2 - np.cos(2 * x) - np.cos(2 * y)
    return found


_ALL = (
    Surface(
        "bowl", N_("Bowl"), N_("Equally steep on all sides: every method finds the bottom."),
        r"L = \tfrac{1}{2}(x^2 + y^2)",
        lambda x, y: (x**2 + y**2) / 2, lambda x, y: (x, y),
        (-3, 3), (-3, 3), (-2.5, 2.0), ((0.0, 0.0),), 0.1, 0.1,
    ),
    Surface(
        "ravine", N_("Ravine"),
        N_("Twenty times steeper across than along: plain descent swings from side to side and hardly advances."),
        r"L = \tfrac{1}{2}(x^2 + 20\,y^2)",
        lambda x, y: (x**2 + 20 * y**2) / 2, lambda x, y: (x, 20 * y),
        (-4, 2), (-2, 2), (-3.5, 1.0), ((0.0, 0.0),), 0.09, 0.1,
    ),
    Surface(
        "rosenbrock", "Rosenbrock",
        N_("A bent, almost flat valley: easily reached, and slow to follow to its lowest point."),
        r"L = (1 - x)^2 + 100\,(y - x^2)^2",
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
        (-2, 2), (-1, 3), (-1.5, 2.5), ((1.0, 1.0),), 0.001, 0.05,
    ),
    Surface(
        "saddle", N_("Saddle"),
        N_("Flat in the middle, where the gradient is almost 0 and yet nothing is lowest: plain descent lingers there."),
        r"L = \tfrac{1}{2}x^2 - \tfrac{1}{2}y^2 + \tfrac{1}{4}y^4",
        lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4, lambda x, y: (x, y**3 - y),
        (-2, 2), (-1.6, 1.6), (-1.7, 0.01), ((0.0, 1.0), (0.0, -1.0)), 0.1, 0.05,
    ),
    Surface(
        "minima", N_("Several minima"),
        N_("Four equally deep places: which of them is found depends on where one begins."),
        r"L = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        _himmelblau, _himmelblau_slope,
        (-5, 5), (-5, 5), (-0.5, -1.0),
        ((3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)), 0.01, 0.2,
    ),
    Surface(
        "bumps", N_("Bumps"),
        N_("Many hollows, only one of them the deepest: momentum carries over the small ones."),
        r"L = \tfrac{1}{10}(x^2 + y^2) + 2 - \cos 2x - \cos 2y",
        _bumps, lambda x, y: (x / 5 + 2 * np.sin(2 * x), y / 5 + 2 * np.sin(2 * y)),
        (-5, 5), (-5, 5), (-4.0, 3.6), ((0.0, 0.0),), 0.1, 0.2,
    ),
)  # fmt: skip

SURFACES: Mapping[str, Surface] = {one.name: one for one in _ALL}
"""What a descent can be tried on."""
