"""A forecast as the continuation of what came before it."""

from dlcore.plots.forecast import MOST_BEFORE, ForecastInfo, forecast_figure, forecast_info


def test_the_forecast_starts_at_the_last_known_value_whatever_its_order():
    info = forecast_info("load", [1.0, None, 3.0], [(7, 5.0), (1, 4.0)])
    assert info == ForecastInfo("load", (1.0, None, 3.0), (1, 7), (4.0, 5.0))

    known, ahead = forecast_figure(info, translate=str).data
    assert (list(known.x), list(known.y)) == ([-2, -1, 0], [1.0, None, 3.0])
    assert (list(ahead.x), list(ahead.y)) == ([0, 1, 7], [3.0, 4.0, 5.0])


def test_of_a_long_series_the_last_rows_are_drawn():
    info = forecast_info("load", [float(row) for row in range(1_000)], [(1, 0.0)])
    assert len(info.before) == MOST_BEFORE and info.before[-1] == 999.0


def test_what_came_then_goes_on_where_the_known_values_end():
    info = forecast_info("load", [1.0, 3.0], [(2, 5.0)], [3.5, None, 4.5])
    assert info.after == (3.5, None, 4.5)

    _known, came, ahead = forecast_figure(info, translate=str).data
    assert (list(came.x), list(came.y)) == ([0, 1, 2, 3], [3.0, 3.5, None, 4.5])
    assert (list(ahead.x), list(ahead.y)) == ([0, 2], [3.0, 5.0])
