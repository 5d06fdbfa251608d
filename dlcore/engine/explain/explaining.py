"""One explanation from the start to the end: asked for, computed, and brought into the form that people look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array
from dlcore.engine.explain.baselines import baseline_of
from dlcore.engine.explain.grad_cam import grad_cam
from dlcore.engine.explain.integrated_gradients import integrated_gradients
from dlcore.engine.explain.occlusion import occlusion
from dlcore.engine.explain.parts_of_samples import ShownParts, shown_parts
from dlcore.engine.explain.subject import Subject
from dlcore.records.explanation_methods import Baseline, GradCAM, IntegratedGradients, checked_method
from dlcore.records.explanations import ATTRIBUTION, SAMPLE, Explanation
from dlcore.settings import Settings

MOST_LAYERS = 500


@dataclass(frozen=True)
class Question:
    """What is asked of a subject.

    Attributes:
        method: its name.
        layer: of Grad-CAM; by default the last convolution.
        baseline: of pictures.
    """

    method: str
    layer: str = ""
    baseline: Baseline = Baseline.BLACK


def explain(
    subject: Subject, part: str, question: Question, settings: Settings
) -> tuple[Explanation, dict[str, Array]]:
    """Returns why the model answers so, with the arrays of `EXPLANATION_FILE`.

    Args:
        subject: the sample and the number that is explained.
        part: which the sample is of, as it was asked for.
        question: how.
        settings: where the dataset is: it tells the words and values as they stand there.

    Raises:
        SpecError: the method does not suit the run, or there is no such layer.
    """
    method = checked_method(question.method, subject.asked.seen)
    match method:
        case GradCAM():
            shown, attribution, more = _by_maps(subject, question, settings)
        case IntegratedGradients():
            shown, attribution, more = _by_gradients(subject, question, settings)
        case _:
            falls = occlusion(subject, baseline_of(subject, question.baseline), settings)
            shown = shown_parts(subject, falls, settings)
            attribution, more = shown.means, {}
    score, names = float(subject.scores([subject.given])[0]), subject.asked.names
    explanation = Explanation(
        method=method.name,
        form=shown.form,
        part=part,
        sample=subject.sample,
        output=names[subject.index],
        score=score,
        answer=subject.answer(score),
        is_class=subject.asked.task.classifies,
        predicted=names[subject.predicted],
        truth=subject.truth,
        labels=shown.labels,
        values=shown.values,
        separator=shown.separator,
        cut_at=shown.cut_at,
        seconds=shown.seconds,
        **more,
    )
    arrays = {ATTRIBUTION: attribution.astype(np.float32)}
    if shown.sample is not None:
        arrays[SAMPLE] = shown.sample
    return explanation, arrays


_Found = tuple[ShownParts, npt.NDArray[np.float64], dict[str, Any]]
"""The parts of a sample, their shares, and what else there is to say."""


def _by_maps(subject: Subject, question: Question, settings: Settings) -> _Found:
    found, layer, layers = grad_cam(subject, question.layer)
    more = {"layer": layer, "layers": layers[:MOST_LAYERS]}
    return shown_parts(subject, {}, settings), found, more


def _by_gradients(subject: Subject, question: Question, settings: Settings) -> _Found:
    shares = integrated_gradients(subject, baseline_of(subject, question.baseline))
    shown = shown_parts(subject, shares.by_input, settings)
    more = {
        "baseline_score": shares.baseline_score,
        "total": float(sum(one.sum() for one in shares.by_input.values())),
        "steps": shares.steps,
        "holds": shares.holds,
    }
    return shown, shown.sums, more
