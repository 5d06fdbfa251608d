"""Which values a dimension may give to a field."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.errors import SpecError
from dlcore.search.dimensions import Range
from dlcore.search.spec import check_search
from tests.search.runs import search

FACTS = CATALOGUE.get("digits").facts


@pytest.mark.parametrize(
    ("path", "choices", "says"),
    [
        ("training.epochs", [4, 3.5], "expected a whole number, got 3.5"),
        ("training.epochs", [4, "many"], "expected a whole number, got 'many'"),
        ("training.epochs", [4, True], "expected a whole number, got True"),
        ("training.optimizer.learning_rate", [0.1, "high"], "expected a number, got 'high'"),
        ("training.optimizer.amsgrad", [True, 1], "expected true or false, got 1"),
    ],
)
def test_a_choice_that_its_field_cannot_be_is_refused(path, choices, says):
    with pytest.raises(SpecError, match=says):
        check_search(search(space={path: {"choices": choices}}), FACTS)


@pytest.mark.parametrize(
    ("path", "choices"),
    [
        ("training.epochs", [4, 8.0]),
        ("training.optimizer.learning_rate", [1, 0.1]),
        ("training.optimizer.weight_decay", [None, 0.1]),
        ("training.optimizer.amsgrad", [True, False]),
    ],
)
def test_a_choice_that_its_field_can_be_is_taken(path, choices):
    check_search(search(space={path: {"choices": choices}}), FACTS)


@pytest.mark.parametrize(
    ("given", "high"),
    [
        ((0.0, 1.0, 0.3), 0.9),
        ((0.5, 2.0, 0.5), 2.0),
        ((1.0, 10.0, 4.0), 9.0),
        # Three tenths are a little less than three times a tenth in binary.
        ((0.0, 0.3, 0.1), 0.3),
    ],
)
def test_a_range_with_steps_ends_at_its_last_step(given, high):
    low, end, step = given
    found = Range(low=low, high=end, step=step).distribution(whole=False)

    assert (found.low, found.high, found.step) == (low, high, step)


def test_whole_numbers_end_at_their_last_step_too():
    found = Range(low=1.5, high=10, step=4).distribution(whole=True)

    assert (found.low, found.high, found.step) == (2, 10, 4)
