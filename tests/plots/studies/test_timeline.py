from datetime import timedelta

from dlcore.plots.studies import Span, TimelineInfo, timeline_figure, timeline_info
from dlcore.records import TrialState
from tests.plots.studies.making import COMPLETE, FAIL, PRUNED, RUNNING, START, trial

NOW = START + timedelta(seconds=200)


def test_a_trial_has_the_first_lane_that_is_free():
    trials = [
        trial(0, 0.5, start=0, end=100),
        trial(1, 0.5, state=PRUNED, start=10, end=40),
        trial(2, 0.5, start=50, end=120),
        trial(3, state=RUNNING, start=150),
        trial(4, state=TrialState.WAITING),
    ]

    assert timeline_info(trials, now=NOW) == TimelineInfo(
        spans=(
            Span(0, 0, 1, COMPLETE, 0, 0.0, 100.0),
            Span(3, 3, 1, RUNNING, 0, 150.0, 200.0),
            Span(1, 1, 1, PRUNED, 1, 10.0, 40.0),
            Span(2, 2, 1, COMPLETE, 1, 50.0, 120.0),
        ),
        lanes=2,
        seconds=200.0,
        busy=250.0 / 400.0,
        never=1,
    )


def test_what_begins_a_moment_before_its_place_is_free_stands_in_it():
    info = timeline_info([trial(0, 0.5, start=0, end=100.4), trial(1, 0.5, start=100, end=200)], now=NOW)
    assert info.lanes == 1


def test_what_begins_long_before_its_place_is_free_stands_in_another():
    # A tenth of its length is overlooked, and a second at most.
    short = timeline_info([trial(0, 0.5, start=0, end=2), trial(1, 0.5, start=1.7, end=3.7)], now=NOW)
    long = timeline_info([trial(0, 0.5, start=0, end=100), trial(1, 0.5, start=98, end=200)], now=NOW)
    assert (short.lanes, long.lanes) == (2, 2)


def test_long_searches_are_drawn_in_minutes_or_hours():
    def bars(seconds):
        trials = [
            trial(0, 0.5, start=0, end=seconds / 2),
            trial(1, state=FAIL, start=seconds / 2, end=seconds),
        ]
        drawn = timeline_figure(timeline_info(trials, now=NOW))
        return {bar.name: (bar.base[0], bar.x[0]) for bar in drawn.data}, drawn.layout.xaxis.title.text

    assert bars(100) == ({"Complete": (0, 50), "Failed": (50, 50)}, "Seconds since the beginning")
    assert bars(600) == ({"Complete": (0, 5), "Failed": (5, 5)}, "Minutes since the beginning")
    assert bars(36_000) == ({"Complete": (0, 5), "Failed": (5, 5)}, "Hours since the beginning")


def test_of_many_short_trials_neighbours_are_drawn_as_one_and_gaps_stay():
    trials = [trial(n, 0.5, start=n, end=n + 1) for n in range(3_000)]
    trials += [trial(3_000 + n, 0.5, start=10_000 + n, end=10_001 + n) for n in range(3_000)]

    info = timeline_info(trials, now=NOW)

    assert len(info.spans) <= 2_000
    assert sum(span.count for span in info.spans) == 6_000
    assert (3_000.0, 10_000.0) in [
        (before.end, after.start) for before, after in zip(info.spans, info.spans[1:], strict=False)
    ]


def test_a_failure_is_not_hidden_among_others():
    trials = [trial(n, 0.5, start=n, end=n + 1) for n in range(6_000)]
    trials[3_000] = trial(3_000, state=FAIL, start=3_000, end=3_001)
    failed = [span for span in timeline_info(trials, now=NOW).spans if span.state is FAIL]
    assert [(span.first, span.count) for span in failed] == [(3_000, 1)]


def test_failures_that_alternate_with_others_are_drawn_all_the_same():
    trials = [trial(n, state=FAIL if n % 2 else COMPLETE, start=n, end=n + 1) for n in range(5_000)]
    assert len(timeline_info(trials, now=NOW).spans) <= 2_000


def test_a_study_without_trials_or_with_one_is_drawn():
    assert timeline_info([], now=NOW) == TimelineInfo((), 0, 0.0, 0.0, 0)
    assert len(timeline_figure(timeline_info([], now=NOW)).data) == 0
    one = timeline_figure(timeline_info([trial(7, 0.5, start=0, end=60)], now=NOW))
    assert one.data[0].customdata.tolist() == [[7, 7, 1]]
    assert one.data[0].text == ("7<br>0:01:00",)
