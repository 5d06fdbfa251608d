"""Thresholds and what errors cost."""

import numpy as np
import pytest

from dlcore.analysis.decisions import cost_curve

TRUE = np.array([True, False, True, False])
CHANCE = np.array([0.9, 0.6, 0.4, 0.1])


def test_the_costs_of_each_threshold():
    found = cost_curve(TRUE, CHANCE, false_alarm=1, miss=3)
    assert found.thresholds[:5].tolist() == [0.0, 0.1, 0.4, 0.6, 0.9]
    # All are yes: two false alarms; from 0.4 on one; from 0.6 on one miss, too; from 0.9 on a miss; all are no: two.
    assert found.costs.tolist() == [0.5, 0.5, 0.25, 1.0, 0.75, 1.5]
    assert (found.best, found.least) == (0.4, 0.25)


def test_a_costly_false_alarm_raises_the_threshold():
    assert cost_curve(TRUE, CHANCE, false_alarm=10, miss=1).best == 0.9


def test_nothing_is_yes_where_that_costs_least():
    found = cost_curve(np.array([False, False]), np.array([1.0, 0.2]), false_alarm=1, miss=1)
    assert (found.best, found.least) == (1.0, 0.0)


def test_equal_chances_are_decided_together():
    found = cost_curve(np.array([True, False]), np.array([0.5, 0.5]), false_alarm=1, miss=1)
    assert found.costs.tolist() == pytest.approx([0.5, 0.5, 0.5])
