"""The figures of the textbook: what they show is what they were given, and they draw it."""

import numpy as np
import pytest

from dlcore.analysis.learning.descent import METHODS, descend
from dlcore.analysis.learning.landscape import SIDE, Landscape
from dlcore.analysis.learning.perceptron import moons, new_layers
from dlcore.analysis.learning.surfaces import SURFACES
from dlcore.plots.learn.descents import descents_info, losses_figure, surface_figure
from dlcore.plots.learn.grids import grid_figure, grid_info
from dlcore.plots.learn.landscapes import landscape_contour, landscape_surface
from dlcore.plots.learn.regions import regions_figure
from dlcore.plots.learn.steps import steps_figure


def test_a_surface_is_lowest_where_its_minimum_is():
    surface = SURFACES["rosenbrock"]

    info = descents_info(surface, {})

    row, column = np.unravel_index(info.heights.argmin(), info.heights.shape)
    assert (info.x[column], info.y[row]) == pytest.approx((1.0, 1.0), abs=0.06)
    assert info.lowest == 0


def test_each_step_says_where_the_next_one_leads():
    bowl = SURFACES["bowl"]
    path = descend(bowl, METHODS["SGD"], (1.0, -2.0), rate=0.5, momentum=0, steps=1)

    drawn = surface_figure(descents_info(bowl, {"SGD": path}), translate=str)

    first, last = drawn.data[2].customdata
    assert (
        first
        == "t = 0<br>w = (1.0000, -2.0000)<br>L = 2.5<br>∇L = (1.0000, -2.0000)<br>Δw = (-0.5000, +1.0000)"
    )
    assert "Δw" not in last
    assert losses_figure(descents_info(bowl, {"SGD": path}), translate=str).data[0].y.tolist() == [2.5, 0.625]


def test_cells_are_drawn_from_the_deepest_of_either_sign():
    info = grid_info(np.array([[1.0, -4.0], [np.nan, 2.0]]), marks=[(0, 1)])
    drawn = grid_figure(info)

    assert info.most == 4
    assert (drawn.data[0].zmin, drawn.data[0].zmax) == (-4, 4)
    assert drawn.data[0].text == (["1.00", "-4.00"], ["", "2.00"])
    (mark,) = drawn.layout.shapes
    assert (mark.x0, mark.x1, mark.y0, mark.y1) == (0.5, 1.5, -0.5, 0.5)


def test_a_landscape_is_drawn_by_its_logarithm_and_told_by_its_loss():
    losses = [[1.0] * SIDE for _row in range(SIDE)]
    losses[0][0], losses[3][4] = None, 100.0
    info = Landscape(tuple(np.linspace(-1, 1, SIDE)), tuple(map(tuple, losses)), 7)

    for drawn in (landscape_contour(info, translate=str), landscape_surface(info)):
        assert drawn.data[0].z[3][4] == 2
        assert np.isnan(drawn.data[0].z[0][0])
        assert drawn.data[0].text[3][4] == "100"


def test_the_other_figures_can_be_drawn():
    assert len(regions_figure(new_layers((2, 4, 2), 0), *moons(20, 0.1, 0)).data) == 3
    assert steps_figure([0.1, 1.0], [2.0, 3.0], before=2.5, at=1.0, translate=str).data[0].marker.size == (
        7,
        13,
    )
