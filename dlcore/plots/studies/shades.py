"""Colours of values: the better, the stronger, in the theme's own colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.plots.layout import figure_text
from dlcore.plots.studies.axes import short_number
from dlcore.plots.studies.goals import Floats, Goal, ScoredTrials
from dlcore.text import short_text

OUTLINE = {"width": 0.6, "color": "rgba(128,134,155,0.7)"}
"""Of points that are shaded: the weakest shade is nearly that of the background."""
_WORST = 0.9
"""The share of the trials whose differences are shown; those of a few that diverged would hide all others."""


@dataclass(frozen=True)
class Shades:
    """How values become colours, from 0 (worst) to 1 (best).

    Attributes:
        best, worst: the values at either end; what is worse than `worst` has its colour.
        clipped: whether there is something worse.
    """

    best: float
    worst: float
    clipped: bool

    def of(self, values: Floats) -> Floats:
        """Returns the shade of each value."""
        if self.best == self.worst:
            return np.ones(len(values))
        return np.clip((self.worst - values) / (self.worst - self.best), 0.0, 1.0)


def shades_of(judged: ScoredTrials, goal: Goal) -> Shades:
    """Returns the shades in which the trials that count differ most; without any, of all."""
    values = judged.values[judged.counts] if judged.counts.any() else judged.values
    if not len(values):
        return Shades(0.0, 0.0, False)
    losses = values * goal.sign
    worst = float(np.quantile(losses, _WORST, method="higher"))
    return Shades(float(losses.min()) * goal.sign, worst * goal.sign, bool((losses > worst).any()))


def colour_axis(shades: Shades, goal: Goal) -> dict[str, Any]:
    """Returns the scale beside the plot, of the shades from 0 to 1.

    Args:
        shades: the values behind.
        goal: what they are of.
    """
    places = [0.0, 0.25, 0.5, 0.75, 1.0] if shades.best != shades.worst else [1.0]
    texts = [short_number(shades.worst + place * (shades.best - shades.worst)) for place in places]
    if shades.clipped:
        texts[0] = f"{'≥' if shades.worst > shades.best else '≤'} {texts[0]}"
    return shade_axis(goal.title, dict(zip(places, texts, strict=True)))


def shade_axis(title: str, ticks: dict[float, str]) -> dict[str, Any]:
    """Returns a scale of shades from 0 to 1.

    Args:
        title: above it.
        ticks: shade to text.
    """
    return {
        "cmin": 0.0,
        "cmax": 1.0,
        "colorbar": {
            "title": {"text": figure_text(short_text(title, 24)), "side": "right"},
            "tickvals": list(ticks),
            # Plotly puts the title so close that it would touch them.
            "ticktext": [f"{text}\u00a0\u00a0" for text in ticks.values()],
            "thickness": 10,
            "outlinewidth": 0,
            "len": 1.0,
        },
    }
