"""How a run compares with its baselines, in words."""

import pytest

from dlcore.errors import Message
from dlcore.records import Baseline, ClassScore, Evaluation
from dlcore.records.verdict import Level, verdicts, worse_than_no_learning

RIDGE, TREES = Message("ridge regression on the same windows"), Message("gradient-boosted trees")
LAST = Message("the last value that is known")


def errors(mine, ridge, last, trees=99.0):
    return Evaluation(
        {"loss": 1.0, "rmse": mine}, (), (), (), (), task="forecasting",
        baselines=(
            Baseline(LAST, {"rmse": last}, fitted=False, samples=9),
            Baseline(RIDGE, {"rmse": ridge}, fitted=True, samples=9),
            Baseline(TREES, {"rmse": trees}, fitted=True, samples=9),
        ),
    )  # fmt: skip


def said(found):
    return [one.sentence.text() for one in verdicts(found)]


def test_errors_are_compared_by_their_ratio_with_the_best_of_each_sort():
    found = errors(1.9, ridge=1.0, last=3.8)
    assert said(found) == [
        "1.9 times worse than ridge regression on the same windows.",
        "2.0 times better than the last value that is known.",
    ]
    assert [one.level for one in verdicts(found)] == [Level.WORSE, Level.BETTER]
    assert not worse_than_no_learning(verdicts(found))


def test_errors_that_are_almost_equal_are_on_a_par():
    assert (
        said(errors(1.01, ridge=1.0, last=1.05))[0] == "On a par with ridge regression on the same windows."
    )
    assert (
        said(errors(1.03, ridge=1.0, last=2.0))[0]
        == "1.03 times worse than ridge regression on the same windows."
    )


def test_whoever_learned_less_than_nothing_is_told():
    assert worse_than_no_learning(verdicts(errors(2.0, ridge=5.0, last=1.0)))


def test_errors_of_zero_are_infinitely_better():
    assert said(errors(0.0, ridge=1.0, last=1.0))[0].startswith("∞ times better")
    assert said(errors(0.0, ridge=0.0, last=1.0))[0].startswith("On a par")


@pytest.mark.parametrize(
    ("mine", "other", "sentence"),
    [
        (0.90, 0.80, "10.0 percentage points better than always the most common class."),
        (0.70, 0.80, "10.0 percentage points worse than always the most common class."),
        # Of 400 samples, the difference of two shares near 0.8 wavers by 2.8 points.
        (0.81, 0.80, "On a par with always the most common class."),
    ],
)
def test_shares_are_compared_by_points_beyond_chance(mine, other, sentence):
    baseline = Baseline(Message("always the most common class"), {"accuracy": other}, fitted=False, samples=9)
    scores = (ClassScore("a", 1, 1, 1, 250), ClassScore("b", 1, 1, 1, 150))
    found = Evaluation({"accuracy": mine}, ("a", "b"), (), scores, (), baselines=(baseline,))
    assert said(found) == [sentence]


def test_without_baselines_nothing_is_said():
    assert verdicts(Evaluation({"accuracy": 1.0}, (), (), (), ())) == ()
