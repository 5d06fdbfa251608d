"""The losses of one sample, written out: how each follows from what a model gives and from what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.analysis.learning.activations import sigmoid, softmax
from dlcore.analysis.learning.trace import Trace

Values = npt.NDArray[np.float64]

_LEAST = 1e-7
"""The probability from which Keras takes a logarithm, at least (`keras.config.epsilon`)."""
_AGREEMENT = 1e-4
"""Of the written loss with the one that was computed, as a share of it; float32 has seven digits."""
_TERMS = 3
"""Of a long sum are written."""
_ONE_CLASS = frozenset({"SparseCategoricalCrossentropy", "CategoricalCrossentropy"})


@dataclass(frozen=True, eq=False)
class LossWorking:
    """A loss, written out.

    Attributes:
        formulas: of it, in LaTeX: lines that follow from each other.
        numbers: the same with the numbers of the sample.
        slope: ∂L/∂z, or ∂L/∂ŷ where answers are numbers, in LaTeX; of a single answer with its value.
        slopes: (answers,) the values of that.
    """

    formulas: tuple[str, ...]
    numbers: tuple[str, ...]
    slope: str
    slopes: Values


def is_one_class(trace: Trace) -> bool:
    """Returns whether what is right is one class of several, and a loss takes what a model gives for their shares."""
    is_of_classes = "Categorical" in trace.loss_name and "Crossentropy" in trace.loss_name
    return is_of_classes and len(trace.answer) > 1


def chances_of(trace: Trace, answer: Values) -> Values | None:
    """Returns the probabilities for which a loss takes what a model gives; None where it takes it for numbers.

    Args:
        trace: whose loss it is.
        answer: (answers,) of the model, before or after a step.
    """
    if "Crossentropy" not in trace.loss_name:
        return None
    if not trace.from_logits:
        return answer
    return sigmoid(answer) if trace.loss_name.startswith("Binary") else softmax(answer)


def work_out_loss(trace: Trace) -> LossWorking | None:
    """Returns how the loss of a sample came to be.

    None for losses that are not written out here, and for those that a setting makes another one, such as smoothed
    labels: what is written must be what was computed.
    """
    work = _WORKINGS.get(trace.loss_name)
    answer, target = np.array(trace.answer), np.array(trace.target)
    if work is None or not len(answer):
        return None
    if trace.loss_name not in _ONE_CLASS and len(target) != len(answer):
        return None
    value, found = work(trace, answer, target)
    return found if np.isclose(value, trace.loss, rtol=_AGREEMENT, atol=1e-6) else None


def right_class(trace: Trace) -> int:
    """Returns the place of the class that is right, where one of several is."""
    target = np.array(trace.target)
    return int(target[0]) if len(target) == 1 else int(target.argmax())


def _one_class(trace: Trace, answer: Values, _target: Values) -> tuple[float, LossWorking]:
    shares, right = chances_of(trace, answer), right_class(trace)
    assert shares is not None, "a cross-entropy is of probabilities"
    likelihood = float(np.clip(shares[right], _LEAST, 1)) if not trace.from_logits else float(shares[right])
    value = float(np.logaddexp.reduce(answer) - answer[right]) if trace.from_logits else -np.log(likelihood)
    softened = (r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",) if trace.from_logits else ()
    return value, LossWorking(
        formulas=(*softened, r"L = -\ln p_{\text{true}}"),
        numbers=(rf"L = -\ln {as_latex(likelihood)} = {as_latex(value)}",),
        slope=r"\frac{\partial L}{\partial z_i} = p_i - t_i",
        slopes=shares - np.eye(len(shares))[right],
    )


def _yes_or_no(trace: Trace, answer: Values, target: Values) -> tuple[float, LossWorking]:
    chances = chances_of(trace, answer)
    assert chances is not None, "a cross-entropy is of probabilities"
    safe = np.clip(chances, _LEAST, 1 - _LEAST)
    terms = -(target * np.log(safe) + (1 - target) * np.log1p(-safe))
    if trace.from_logits:  # without a detour over a probability that is rounded to 0 or 1
        terms = np.logaddexp(0, answer) - target * answer
    index = "" if len(answer) == 1 else "_i"
    of_logit = (rf"p{index} = \frac{{1}}{{1 + e^{{-z{index}}}}}",) if trace.from_logits else ()
    term = r"t{i} \ln p{i} + (1 - t{i}) \ln (1 - p{i})"
    written = [
        rf"\ln {as_latex(chance)}" if right else rf"\ln (1 - {as_latex(chance)})"
        for chance, right in zip(chances, target >= 0.5, strict=True)
    ]
    of_numbers = (
        [rf"p = \frac{{1}}{{1 + e^{{-{_bracketed(answer[0])}}}}} = {as_latex(chances[0])}"]
        if trace.from_logits and len(answer) == 1
        else []
    )
    slopes = (chances - target) / len(terms)
    return float(terms.mean()), LossWorking(
        formulas=(*of_logit, _averaged(term, len(terms), sign="-")),
        numbers=(*of_numbers, _written(written, float(terms.mean()), len(terms), sign="-")),
        slope=_slope("z", "p{i} - t{i}", slopes),
        slopes=slopes,
    )


def _squares(_trace: Trace, answer: Values, target: Values) -> tuple[float, LossWorking]:
    apart, value = answer - target, float(np.square(answer - target).mean())
    written = [rf"{_apart(one, right)}^2" for one, right in zip(answer, target, strict=True)]
    return value, LossWorking(
        formulas=(_averaged(r"(\hat y{i} - y{i})^2", len(apart)),),
        numbers=(_written(written, value, len(apart)),),
        slope=_slope(r"\hat y", r"2 (\hat y{i} - y{i})", 2 * apart / len(apart)),
        slopes=2 * apart / len(apart),
    )


def _distances(_trace: Trace, answer: Values, target: Values) -> tuple[float, LossWorking]:
    apart, value = answer - target, float(np.abs(answer - target).mean())
    written = [
        rf"\lvert {as_latex(one)} - {_bracketed(right)} \rvert"
        for one, right in zip(answer, target, strict=True)
    ]
    return value, LossWorking(
        formulas=(_averaged(r"\lvert \hat y{i} - y{i} \rvert", len(apart)),),
        numbers=(_written(written, value, len(apart)),),
        slope=_slope(r"\hat y", r"\operatorname{{sign}}(\hat y{i} - y{i})", np.sign(apart) / len(apart)),
        slopes=np.sign(apart) / len(apart),
    )


_WORKINGS: Mapping[str, Callable[[Trace, Values, Values], tuple[float, LossWorking]]] = {
    **dict.fromkeys(_ONE_CLASS, _one_class),
    "BinaryCrossentropy": _yes_or_no,
    "MeanSquaredError": _squares,
    "MeanAbsoluteError": _distances,
}


def _averaged(term: str, count: int, *, sign: str = "") -> str:
    """Returns the formula of a mean of terms; of one term without a sum."""
    if count > 1:
        return rf"L = {sign}\frac{{1}}{{n}} \sum_i \bigl[ {term.format(i='_i')} \bigr]"
    term = term.format(i="")
    return rf"L = {sign}\bigl[ {term} \bigr]" if sign else f"L = {term}"


def _written(terms: Sequence[str], value: float, count: int, *, sign: str = "") -> str:
    """Returns the sum with its numbers, a line for each term: a phone has no room for more."""
    if count == 1:
        return rf"L = {sign}{terms[0]} = {as_latex(value)}"
    first, *others = terms[:_TERMS]
    lines = [rf"L &= {sign}\tfrac{{1}}{{{count}}} \bigl[ {first}", *(rf"&\quad + {one}" for one in others)]
    lines[-1] += (r" + \dots" if count > _TERMS else "") + r" \bigr]"
    return r"\begin{aligned}" + r" \\ ".join([*lines, rf"&= {as_latex(value)}"]) + r"\end{aligned}"


def _slope(of: str, term: str, slopes: Values) -> str:
    """Returns the formula of a slope; of a single answer with its value, of several for each of them."""
    if len(slopes) == 1:
        return rf"\frac{{\partial L}}{{\partial {of}}} = {term.format(i='')} = {as_latex(slopes[0])}"
    term = term.format(i="_i")
    return rf"\frac{{\partial L}}{{\partial {of}_i}} = \tfrac{{1}}{{n}} \bigl( {term} \bigr)"


def _apart(answer: float, target: float) -> str:
    return rf"({as_latex(answer)} - {_bracketed(target)})"


def _bracketed(value: float) -> str:
    return rf"({as_latex(value)})" if value < 0 else as_latex(value)


def as_latex(value: float) -> str:
    r"""Returns a number with six digits, as LaTeX writes it.

    Example:
        >>> as_latex(0.25), as_latex(2.5e-9)
        ('0.25', '2.5 \\cdot 10^{-9}')
    """
    digits, _sign, power = f"{value:.6g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits
