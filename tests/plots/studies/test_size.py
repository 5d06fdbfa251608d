"""Figures of large studies stay small: what a browser draws, and what travels to it."""

import numpy as np
import pytest

from dlcore.plots.studies import (
    contour_figure,
    contour_info,
    history_figure,
    history_info,
    importance_figure,
    importance_info,
    pareto_figure,
    pareto_info,
    rank_figure,
    rank_info,
    slice_figure,
    slice_info,
    timeline_figure,
    timeline_info,
)
from tests.plots.studies.making import (
    FAIL,
    FILTERS,
    LOSS,
    MOMENTUM,
    PRUNED,
    RATE,
    SPACE,
    START,
    conditional,
    trial,
)
from tests.plots.studies.test_pareto import SIZE


@pytest.fixture(scope="module")
def trials():
    chance = np.random.default_rng(0)
    found = []
    for number in range(6_000):
        rate = 10 ** chance.uniform(-4, -1)
        one = conditional(
            number,
            float(chance.normal() + abs(np.log10(rate) + 2)),
            rate=float(rate),
            momentum=float(chance.uniform()) if number % 3 else None,
            filters=int(chance.integers(8, 65)),
            start=number * 10,
            end=number * 10 + 25,
        )
        state = PRUNED if number % 5 == 0 else FAIL if number % 31 == 0 else one.state
        values = () if state is FAIL else (*one.values, float(chance.normal()))
        found.append(
            trial(number, *values, state=state, params=one.params, start=number * 10, end=number * 10 + 25)
        )
    return found


FIGURES = {
    "history": lambda trials: history_figure(history_info(trials, LOSS), LOSS),
    "importance": lambda trials: importance_figure(importance_info(trials, LOSS, SPACE)),
    "slice": lambda trials: slice_figure(slice_info(trials, LOSS, SPACE), LOSS),
    "contour": lambda trials: contour_figure(contour_info(trials, LOSS, SPACE, x=RATE, y=MOMENTUM), LOSS),
    "rank": lambda trials: rank_figure(rank_info(trials, LOSS, SPACE, x=RATE, y=FILTERS), LOSS),
    "timeline": lambda trials: timeline_figure(timeline_info(trials, now=START)),
    "pareto": lambda trials: pareto_figure(pareto_info(trials, (LOSS, SIZE)), (LOSS, SIZE)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_six_thousand_trials_are_a_figure_of_at_most_two_thousand_points_a_trace(name, trials):
    drawn = FIGURES[name](trials)

    assert len(drawn.to_json()) < 1_500_000
    assert all(len(trace.x) <= 2_000 for trace in drawn.data if trace.type != "parcoords")
    assert drawn.layout.paper_bgcolor == drawn.layout.plot_bgcolor == "rgba(0,0,0,0)"
