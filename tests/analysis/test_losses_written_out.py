"""Losses written out: their values, their slopes, and silence where a setting makes them another loss."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.analysis.learning.losses import as_latex, chances_of, work_out_loss
from dlcore.analysis.learning.trace import Trace

PLAIN = Trace(
    layers=(),
    loss_name="MeanSquaredError",
    from_logits=False,
    loss=0.0,
    penalty=0.0,
    target=(0.0,),
    answer=(0.0,),
    optimizer="SGD",
    rate=0.01,
    steps=(),
)


def said(name, answer, target, loss, *, from_logits=False):
    return replace(
        PLAIN,
        loss_name=name,
        answer=tuple(answer),
        target=tuple(target),
        loss=loss,
        from_logits=from_logits,
    )


# Logits 0 and ln 3 are the shares 1/4 and 3/4; 0 alone is a probability of 1/2.
CASES = {
    "one class": (
        said("SparseCategoricalCrossentropy", [0, np.log(3)], [0], np.log(4), from_logits=True),
        [-0.75, 0.75],
        r"L = -\ln 0.25 = 1.38629",
    ),
    "one class, of shares": (
        said("CategoricalCrossentropy", [0.25, 0.75], [0, 1], np.log(4 / 3)),
        [0.25, -0.25],
        r"L = -\ln 0.75 = 0.287682",
    ),
    "yes": (
        said("BinaryCrossentropy", [0.0], [1], np.log(2), from_logits=True),
        [-0.5],
        r"L = -\ln 0.5 = 0.693147",
    ),
    "no": (said("BinaryCrossentropy", [0.75], [0], np.log(4)), [0.75], r"L = -\ln (1 - 0.75) = 1.38629"),
    "several of yes and no": (
        said("BinaryCrossentropy", [0.75, 0.25], [1, 1], (np.log(4 / 3) + np.log(4)) / 2),
        [-0.125, -0.375],
        r"\begin{aligned}L &= -\tfrac{1}{2} \bigl[ \ln 0.75 \\ &\quad + \ln 0.25 \bigr] \\ &= 0.836988\end{aligned}",
    ),
    "a square": (said("MeanSquaredError", [1.5], [-0.5], 4.0), [4.0], "L = (1.5 - (-0.5))^2 = 4"),
    "squares": (
        said("MeanSquaredError", [1, 2, 3, 4], [0, 0, 3, 4], 1.25),
        [0.5, 1.0, 0, 0],
        r"\begin{aligned}L &= \tfrac{1}{4} \bigl[ (1 - 0)^2 \\ &\quad + (2 - 0)^2 \\ &\quad + (3 - 3)^2 + \dots \bigr] "
        r"\\ &= 1.25\end{aligned}",
    ),
    "a distance": (
        said("MeanAbsoluteError", [1.5], [2], 0.5),
        [-1.0],
        r"L = \lvert 1.5 - 2 \rvert = 0.5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_loss_is_written_with_the_numbers_of_the_sample(name):
    trace, slopes, written = CASES[name]
    found = work_out_loss(trace)
    assert found.numbers[-1] == written
    assert found.slopes == pytest.approx(slopes)


def test_one_answer_has_no_sum_and_several_have_one():
    one, several = (work_out_loss(CASES[name][0]) for name in ("a square", "squares"))
    assert one.formulas == (r"L = (\hat y - y)^2",)
    assert one.slope == r"\frac{\partial L}{\partial \hat y} = 2 (\hat y - y) = 4"
    assert several.formulas == (r"L = \frac{1}{n} \sum_i \bigl[ (\hat y_i - y_i)^2 \bigr]",)
    assert (
        several.slope
        == r"\frac{\partial L}{\partial \hat y_i} = \tfrac{1}{n} \bigl( 2 (\hat y_i - y_i) \bigr)"
    )


def test_the_way_from_a_logit_to_a_probability_belongs_to_the_formulas():
    of_loss = r"L = -\bigl[ t \ln p + (1 - t) \ln (1 - p) \bigr]"
    assert work_out_loss(CASES["yes"][0]).formulas == (r"p = \frac{1}{1 + e^{-z}}", of_loss)
    assert work_out_loss(CASES["no"][0]).formulas == (of_loss,)


def test_a_probability_is_worked_out_before_the_loss_of_it():
    trace = said("BinaryCrossentropy", [-np.log(3)], [0], np.log(4 / 3), from_logits=True)
    assert work_out_loss(trace).numbers == (
        r"p = \frac{1}{1 + e^{-(-1.09861)}} = 0.25",
        r"L = -\ln (1 - 0.25) = 0.287682",
    )


@pytest.mark.parametrize("logit", [40.0, -40.0, 120.0])
def test_a_sure_answer_loses_no_digits(logit):
    trace = said("BinaryCrossentropy", [logit], [0], max(logit, 0.0), from_logits=True)
    assert work_out_loss(trace) is not None


@pytest.mark.parametrize(
    "trace",
    [
        said("CategoricalCrossentropy", [0.25, 0.75], [0.05, 0.95], 0.34),  # smoothed labels
        said("BinaryFocalCrossentropy", [0.25], [1], 0.7),
        said("MeanSquaredError", [1.0, 2.0], [1.0], 0.5),
        said("MeanSquaredError", [1.0], [2.0], 3.0),
        said("MeanSquaredError", [], [], 0.0),
    ],
)
def test_what_is_not_what_was_computed_is_not_written(trace):
    assert work_out_loss(trace) is None


def test_each_label_of_several_has_a_probability_of_its_own():
    trace = said("BinaryCrossentropy", [0.0, 0.0], [1, 0], np.log(2), from_logits=True)
    assert chances_of(trace, np.zeros(2)).tolist() == [0.5, 0.5]
    of_classes = replace(trace, loss_name="CategoricalCrossentropy")
    assert chances_of(of_classes, np.zeros(4)).tolist() == [0.25] * 4
    assert chances_of(PLAIN, np.zeros(2)) is None


def test_a_small_number_is_written_as_a_power_of_ten():
    assert (as_latex(-1.5e-12), as_latex(1234.5)) == (r"-1.5 \cdot 10^{-12}", "1234.5")
