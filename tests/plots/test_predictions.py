import numpy as np
import pytest

from dlcore.plots.predictions import (
    ChoiceInfo,
    choice_info,
    pairs_figure,
    pairs_info,
    precision_figure,
    roc_figure,
    threshold_info,
)


def test_pairs_keep_their_order_and_know_their_range():
    info = pairs_info(np.array([1.0, 2.0, 5.0]), np.array([1.5, 0.0, 4.0]))
    assert info.true == (1.0, 2.0, 5.0)
    assert info.predicted == (1.5, 0.0, 4.0)
    assert (info.low, info.high) == (0.0, 5.0)


def test_many_pairs_are_thinned_evenly():
    info = pairs_info(np.arange(10_000.0), np.arange(10_000.0))
    assert len(info.true) == 2_000
    assert (info.true[0], info.true[-1]) == (0.0, 9_999.0)


def test_the_curves_of_four_samples_are_those_drawn_by_hand():
    # By chance from high to low: yes, no, yes, no.
    info = threshold_info(np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert info.true_rate == (0.0, 0.5, 0.5, 1.0, 1.0)
    assert info.false_rate == (0.0, 0.0, 0.5, 0.5, 1.0)
    assert info.precision == pytest.approx((1.0, 1.0, 0.5, 2 / 3, 0.5))
    # Of the four pairs of a yes and a no, three are in the right order.
    assert info.area == 0.75


def test_the_curves_of_many_samples_keep_their_ends_and_their_area():
    # All of one half are surer than all of the other, but for one that is last.
    true = np.arange(10_000) < 5_000
    true[[0, 9_999]] = [False, True]
    info = threshold_info(true, np.linspace(1.0, 0.0, 10_000))
    assert 1_000 < len(info.true_rate) <= 2_500
    assert (info.false_rate[0], info.true_rate[0]) == (0.0, 0.0)
    assert (info.false_rate[-1], info.true_rate[-1]) == (1.0, 1.0)
    # Of 5,000 · 5,000 pairs, those of the first no and of the last yes are in the wrong order: 4,999 + 4,999 + 1.
    assert info.area == pytest.approx(1 - 9_999 / 25_000_000)


def test_a_threshold_decides_what_is_found_and_what_is_mistaken():
    true, chance = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])

    assert choice_info(true, chance, 0.5) == ChoiceInfo(0.75, pytest.approx(2 / 3), 1.0, pytest.approx(0.8))
    assert choice_info(true, chance, 0.9) == ChoiceInfo(0.75, 1.0, 0.5, pytest.approx(2 / 3))
    assert choice_info(true, chance, 1.0) == ChoiceInfo(0.5, 0.0, 0.0, 0.0)


def test_equal_chances_count_half():
    info = threshold_info(np.array([True, False]), np.array([0.5, 0.5]))
    assert info.area == 0.5
    assert info.true_rate == (0.0, 1.0)


def test_the_figures_are_drawn():
    info = threshold_info(np.array([True, False]), np.array([0.9, 0.1]))
    assert len(roc_figure(info).data) == 2
    assert len(precision_figure(info).data) == 1
    assert len(pairs_figure(pairs_info(np.ones(2), np.ones(2))).data) == 2
