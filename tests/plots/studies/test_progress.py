"""The best so far of several studies, against each other."""

from dlcore.plots.studies.goals import keep_best, score_trials
from dlcore.plots.studies.history import Marks
from dlcore.plots.studies.progress import progress_figure, progress_info
from tests.plots.studies.making import ACCURACY, FAIL, LOSS, trial

STUDIES = {
    "<b>slow": [
        trial(0, 0.9, start=0, end=60),
        trial(1, 0.5, start=0, end=240),
        trial(2, 0.7, start=0, end=300),
    ],
    "fast": [trial(0, 0.4, start=0, end=30), trial(4, 0.3, start=0, end=90)],
    "none": [trial(0, state=FAIL), trial(1, 0.1, bad=True)],
}


def test_each_study_has_the_best_of_its_trials_until_then():
    found = progress_info(STUDIES, LOSS)
    assert found == {
        "<b>slow": Marks((0, 1, 1), (0.0, 1.0, 2.0), (0.9, 0.5, 0.5)),
        "fast": Marks((0, 4), (0.0, 4.0), (0.4, 0.3)),
    }
    assert progress_info(STUDIES, ACCURACY)["fast"].y == (0.4, 0.4)


def test_lines_are_drawn_over_trials_or_over_time_in_a_unit_that_fits():
    drawn = progress_figure(progress_info(STUDIES, LOSS), LOSS)
    assert [line.name for line in drawn.data] == ["&lt;b&gt;slow", "fast"]
    assert drawn.data[0].customdata.tolist() == [[0], [1], [1]]
    assert drawn.data[0].x.tolist() == [0, 1, 2]
    assert drawn.data[0].y.tolist() == [0.9, 0.5, 0.5]
    assert drawn.layout.xaxis.title.text == "Trial"
    timed = progress_figure(progress_info(STUDIES, LOSS, by_time=True), LOSS, by_time=True)
    assert timed.layout.xaxis.title.text == "Minutes since the beginning"
    assert [line.x.tolist() for line in timed.data] == [[1, 4, 5], [0.5, 1.5]]
    assert len(progress_figure({}, LOSS).data) == 0


def test_of_too_many_trials_the_best_quarter_and_the_worst_are_kept_and_what_does_not_count_is_last():
    trials = [trial(0, 0.0, bad=True), *(trial(n, float(n)) for n in range(1, 10))]
    # In order: 1 … 9, then 0. The best two, and six of the other eight, evenly from the third to the last.
    assert keep_best(score_trials(trials, LOSS), LOSS, most=8).tolist() == [0, 1, 2, 3, 4, 5, 7, 8]
    assert keep_best(score_trials(trials[:8], LOSS), LOSS, most=8).tolist() == list(range(8))
    # The other way round: 9 … 1, then 0; the best, and the second, the sixth and the last.
    assert keep_best(score_trials(trials, ACCURACY), ACCURACY, most=4).tolist() == [0, 4, 8, 9]
