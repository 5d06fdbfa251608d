import pytest

from dlcore.plots.studies import EdfLine, edf_figure, edf_info
from tests.plots.studies.making import ACCURACY, LOSS, PRUNED, trial


def test_a_line_rises_from_the_best_value_to_the_worst():
    trials = [
        trial(0, 0.4),
        trial(1, 0.1),
        trial(2, 0.1, bad=True),
        trial(3, 0.3),
        trial(4, 0.2, state=PRUNED),
    ]
    assert edf_info({"Mine": trials, "Empty": []}, LOSS) == (
        EdfLine("Mine", (0.1, 0.3, 0.4), pytest.approx((1 / 3, 2 / 3, 1.0)), 3),
    )


def test_of_what_shall_be_large_it_begins_with_the_largest():
    lines = edf_info({"Mine": [trial(0, 0.5), trial(1, 0.9)]}, ACCURACY)
    assert lines[0].values == (0.9, 0.5)
    assert edf_figure(lines, ACCURACY).layout.xaxis.autorange == "reversed"


def test_long_lines_keep_their_ends():
    (line,) = edf_info({"Mine": [trial(n, float(n)) for n in range(6_000)]}, LOSS)
    assert len(line.values) < 2_000
    assert (line.values[0], line.values[-1], line.shares[-1]) == (0.0, 5_999.0, 1.0)


def test_studies_are_drawn_against_each_other():
    drawn = edf_figure(edf_info({"<b>Mine": [trial(0, 0.5)], "Other": [trial(0, 0.9)]}, LOSS), LOSS)
    assert [trace.name for trace in drawn.data] == ["&lt;b&gt;Mine", "Other"]
    assert len(edf_figure((), LOSS).data) == 0
