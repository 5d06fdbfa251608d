import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlcore.plots.curves import Curve, curves_figure, curves_info, smooth, thin

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def test_smoothing_is_a_weighted_mean_of_the_past():
    # 4: (0.5·1 + 1·4) / 1.5; 7: (0.25·1 + 0.5·4 + 1·7) / 1.75
    assert smooth([1, 4, 7], 0.5).tolist() == pytest.approx([1, 3, 37 / 7])


def test_no_smoothing_changes_nothing():
    assert smooth([3.0, 1.0], 0).tolist() == [3.0, 1.0]


def test_a_gap_stays_a_gap_and_does_not_spread():
    values = smooth([2.0, np.nan, np.inf, 2.0], 0.9)
    assert values[0] == values[3] == pytest.approx(2.0)
    assert np.isnan(values[1]) and np.isinf(values[2])


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_a_weight_out_of_range_is_an_error(weight):
    with pytest.raises(ValueError, match="weight"):
        smooth([1.0], weight)


@given(hnp.arrays(np.float64, st.integers(1, 50), elements=NUMBERS), st.floats(0, 0.999))
def test_a_smoothed_curve_stays_between_its_lowest_and_highest(values, weight):
    result = smooth(values, weight)
    slack = 1e-6 * (1 + np.abs(values).max())
    assert values.min() - slack <= result.min() and result.max() <= values.max() + slack


def test_a_short_curve_is_not_thinned():
    x, y = thin([0, 1, 2, 3], [5, 6, 7, 8], 4)
    assert x.tolist() == [0, 1, 2, 3] and y.tolist() == [5, 6, 7, 8]


def test_a_spike_of_one_point_in_a_hundred_thousand_is_kept():
    values = np.zeros(100_000)
    values[54_321], values[7] = 9.0, -3.0
    x, y = thin(np.arange(100_000), values, 200)
    assert len(x) <= 200
    assert (54_321, 9.0) in zip(x, y, strict=True) and (7, -3.0) in zip(x, y, strict=True)


@given(hnp.arrays(np.float64, st.integers(0, 400), elements=NUMBERS), st.integers(4, 60))
def test_thinning_keeps_the_ends_the_lowest_and_the_highest(values, most):
    x, y = thin(np.arange(len(values)), values, most)
    assert len(x) == len(y) <= max(most, 0)
    assert np.all(np.diff(x) > 0)
    assert y.tolist() == values[x.astype(int)].tolist()
    if len(values):
        assert (x[0], x[-1]) == (0, len(values) - 1)
        assert (y.min(), y.max()) == (values.min(), values.max())


def test_points_that_are_not_numbers_do_not_hide_the_others():
    values = np.full(1000, np.nan)
    values[500] = 3.0
    _, y = thin(np.arange(1000), values, 20)
    assert np.nanmax(y) == 3.0


def test_fewer_than_four_points_are_refused():
    with pytest.raises(ValueError, match="at least 4"):
        thin([0], [0], 3)


def curve(name="loss", length=3):
    return Curve(name, np.arange(length, dtype=float), np.arange(length, dtype=float))


def test_the_curves_as_they_were_stand_behind_the_smoothed_ones():
    info = curves_info([curve()], smoothing=0.5)
    assert info.lines[0].y.tolist() == pytest.approx([0, 2 / 3, 10 / 7])
    assert info.raw[0].y.tolist() == [0, 1, 2]
    assert curves_info([curve()]).raw == ()


def test_a_figure_never_has_more_points_than_a_browser_can_take():
    drawn = curves_figure(curves_info([curve(length=100_000)], smoothing=0.6), log=True, x_title="Batch")
    assert [len(trace.x) <= 2000 for trace in drawn.data] == [True, True]
    assert isinstance(drawn.data[0].y, np.ndarray)
    assert drawn.layout.yaxis.type == "log"


def test_a_single_point_is_visible():
    drawn = curves_figure(curves_info([curve(length=1), curve("accuracy", 5)]))
    assert [trace.mode for trace in drawn.data] == ["lines+markers", "lines"]
    assert drawn.layout.showlegend
