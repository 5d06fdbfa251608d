"""How a model bears disturbed samples: over a part at several strengths, and one sample in detail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from dlcore.analysis.intervals import SampleScores, value_interval
from dlcore.datasets.parts import Array, Indices
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.engine.explain.asked import AskedModel
from dlcore.engine.explain.attacks import Attacker
from dlcore.engine.explain.corruptions import corrupt
from dlcore.engine.explain.drawn import drawn_evenly
from dlcore.engine.explain.room import Inputs, raw_samples, rooms_of
from dlcore.engine.explain.subject import BATCH, BATCH_VALUES, Subject
from dlcore.records.explanation_methods import Form
from dlcore.records.robustness import (
    CHANGED,
    DISTURBANCES,
    FGSM,
    MOST_SAMPLES,
    ORIGINAL,
    SCALE,
    DisturbedAnswer,
    DisturbedSample,
    Robustness,
    RobustnessPoint,
    checked_disturbance,
    checked_strengths,
)
from dlcore.spec.adversarial import LEVELS
from dlcore.spec.data import DataKind, Task
from dlcore.spec.signature import INPUT

MOST_STEPS, MOST_COLUMNS = 1_000, 200
"""Steps of a series and columns of a table that are shown of one sample."""

Floats = npt.NDArray[np.floating]
Tell = Callable[[int, int], None]


class Disturber:
    """A model and a disturbance of its samples.

    Args:
        asked: the model.
        kind: the name of the disturbance.
        strengths: to try; none: those of the disturbance.

    Raises:
        SpecError: there is no such disturbance, it does not suit the model, or a strength is out of range.
    """

    def __init__(self, asked: AskedModel, kind: str, strengths: Sequence[float] = ()) -> None:
        disturbance = checked_disturbance(kind, asked.seen)
        form = asked.seen.form
        assert form is not None, "a disturbance suits only what has a form"
        unit = disturbance.unit(form)
        assert unit is not None, "it suits this form"
        self.asked, self.kind, self.form, self.unit = asked, kind, form, unit
        self.strengths = checked_strengths(strengths, disturbance, form)
        self.rooms = rooms_of(asked)
        self._attacker = Attacker(asked, self.rooms)

    def changed(self, given: Inputs, truth: Array, strength: float, rows: Indices) -> dict[str, Array]:
        """Returns samples disturbed by a strength.

        Args:
            given: by input, (samples, …) before the steps on values.
            truth: the right answers, as the engine has targets.
            strength: 0: as they are.
            rows: of the samples in the dataset as it was stored.
        """
        if not strength:
            return dict(given)
        if not DISTURBANCES[self.kind].is_attack:
            return corrupt(self.kind, given, self.rooms, strength, rows)
        if self.kind == FGSM.name:
            return self._attacker.fgsm(given, truth, strength)
        return self._attacker.pgd(given, truth, strength, rows)

    def outputs(self, given: Inputs) -> Floats:
        """(samples, outputs) what the network gives for samples before the steps on values."""
        found: Floats = self._attacker.outputs(given).numpy()
        return found


def measure_robustness(disturber: Disturber, part_name: str, tell: Tell) -> Robustness:
    """Returns how good a model is on a part at each strength, and without any.

    Args:
        disturber: the model, with what is done to its samples.
        part_name: `test` or `validation`; of many samples some are drawn evenly.
        tell: is told how many batches are done.
    """
    asked = disturber.asked
    part = asked.part(part_name)
    places = drawn_evenly(part.indices, MOST_SAMPLES)
    strengths, found = (0.0, *disturber.strengths), list[list[Floats]]()
    batches = list(_batches(places, _size(disturber, places)))
    for number, strength in enumerate(strengths):
        scores = []
        for done, some in enumerate(batches):
            given, truth = raw_samples(asked, part, some), part.y[some]
            rows = part.rows[some] if len(part.rows) else some
            changed = disturber.changed(given, truth, strength, rows)
            scores.append(_scores(disturber.outputs(changed), truth, asked.task))
            tell(number * len(batches) + done + 1, len(strengths) * len(batches))
        found.append(scores)
    is_share = asked.task.classifies
    return Robustness(
        kind=disturber.kind,
        part=part_name,
        unit=disturber.unit,
        is_share=is_share,
        samples=len(places),
        total=len(part),
        points=tuple(
            _point(strength, np.concatenate(scores), is_share=is_share)
            for strength, scores in zip(strengths, found, strict=True)
        ),
    )


def disturbed_sample(
    disturber: Disturber, part_name: str, sample: int
) -> tuple[DisturbedSample, dict[str, Array]]:
    """Returns a sample beside what becomes of it at each strength, with the arrays of `DISTURBED_FILE`.

    Args:
        disturber: the model, with what is done to its samples.
        part_name: which the sample is of.
        sample: its row in the dataset as it was stored.

    Raises:
        DatasetError: the part has no such sample.
    """
    asked = disturber.asked
    subject = Subject(asked, part_name, sample)
    places, rows = np.array([subject.place]), np.array([sample])
    given, truth = raw_samples(asked, subject.part, places), subject.part.y[places]
    samples, answers = [], []
    for strength in (0.0, *disturber.strengths):
        changed = disturber.changed(given, truth, strength, rows)
        samples.append(changed)
        answers.append(_answer(disturber, changed, truth[0], strength))
    labels, arrays = _parts(disturber, samples)
    found = DisturbedSample(
        kind=disturber.kind,
        form=disturber.form,
        part=part_name,
        sample=sample,
        unit=disturber.unit,
        truth=subject.truth,
        labels=labels,
        answers=tuple(answers),
    )
    return found, arrays


def together(names: Sequence[str], values: Floats, scale: Floats) -> tuple[tuple[str, ...], Floats, Floats]:
    """Returns the columns that can be moved, each once: of what became several numbers their mean.

    Of a number that was made bins, the mean of them is its place among those of the training part, from 0 to 1.

    Args:
        names: (numbers,) of the column that each is made of.
        values: (samples, numbers).
        scale: (numbers,) what a strength of 1 is; 0 for what stays as it is.

    Returns:
        Their names, at most `MOST_COLUMNS`; (samples, columns); (columns,).
    """
    places: dict[str, list[int]] = {}
    for place in np.flatnonzero(scale).tolist():
        places.setdefault(names[place], []).append(place)
    chosen = dict(list(places.items())[:MOST_COLUMNS])
    means = [values[:, some].mean(axis=1) for some in chosen.values()]
    scales = [scale[some].mean() for some in chosen.values()]
    return tuple(chosen), np.stack(means, axis=1), np.array(scales)


def _size(disturber: Disturber, places: Indices) -> int:
    """Returns how many samples are disturbed in one go."""
    one = raw_samples(disturber.asked, disturber.asked.data.train, places[:1])
    return max(1, min(BATCH, BATCH_VALUES // max(1, sum(array.size for array in one.values()))))


def _batches(places: Indices, size: int) -> Iterator[Indices]:
    for start in range(0, len(places), size):
        yield places[start : start + size]


def _scores(outputs: Floats, truth: Array, task: Task) -> Floats:
    """(samples,) whether each was answered rightly, of labels the share of them; of numbers the mean squared error."""
    found: Floats
    match task:
        case Task.MULTICLASS:
            found = (outputs.argmax(axis=1) == truth).astype(np.float64)
        case Task.BINARY:
            found = ((outputs[:, 0] > 0) == truth).astype(np.float64)
        case Task.MULTILABEL:
            found = ((outputs > 0) == (truth >= 0.5)).mean(axis=1)
        case _:
            found = ((outputs - truth.reshape(outputs.shape)).astype(np.float64) ** 2).mean(axis=1)
    return found


def _point(strength: float, scores: Floats, *, is_share: bool) -> RobustnessPoint:
    measured = SampleScores(scores[:, None], _share if is_share else _root)
    interval = value_interval(measured)
    value = measured.value
    low, high = (value, value) if interval is None else (interval.low, interval.high)
    return RobustnessPoint(strength, value, low, high)


def _share(means: Floats) -> Floats:
    found: Floats = means[..., 0]
    return found


def _root(means: Floats) -> Floats:
    found: Floats = np.sqrt(means[..., 0])
    return found


def _answer(
    disturber: Disturber, given: Mapping[str, Array], truth: Array, strength: float
) -> DisturbedAnswer:
    task, names = disturber.asked.task, disturber.asked.names
    outputs = disturber.outputs(given).astype(np.float64)
    if not task.classifies:
        return DisturbedAnswer(strength, f"{outputs[0, 0]:.6g}", None, None)
    right = bool(_scores(outputs, np.asarray(truth)[None], task)[0] == 1)
    if task is Task.MULTILABEL:
        said = ", ".join(name for name, one in zip(names, outputs[0], strict=True) if one > 0)
        return DisturbedAnswer(strength, said, None, right)
    logits = np.array([0.0, outputs[0, 0]]) if task is Task.BINARY else outputs[0]
    place = int(logits.argmax())
    return DisturbedAnswer(strength, names[place], float(softmax(logits)[place]), right)


def _parts(
    disturber: Disturber, samples: Sequence[Mapping[str, Array]]
) -> tuple[tuple[str, ...], dict[str, Array]]:
    """Returns the names of columns, and a sample and what becomes of it as people look at them."""
    how = disturber.asked.how
    name = INPUT if INPUT in disturber.rooms else next(iter(disturber.rooms))
    room = disturber.rooms[name]
    whole = np.concatenate([one[name] for one in samples])
    labels: tuple[str, ...] = ()
    scale = np.broadcast_to(room.unit, whole.shape[-1:])
    match disturber.form:
        case Form.PICTURE:
            span = max(float(room.high - room.low), 1e-12)
            whole = np.rint((whole - room.low) / span * LEVELS).clip(0, LEVELS).astype(np.uint8)
        case Form.SPECTROGRAM:
            whole = whole[..., 0]
        case Form.COLUMNS:
            is_table = how.facts.kind is DataKind.TABLE
            named = columns_of_inputs(how.facts, how.steps, how.state)[name] if is_table else ()
            labels, whole, scale = together(
                named or [str(place + 1) for place in range(len(scale))], whole, scale
            )
        case _:
            labels = tuple(how.state.get("columns") or [str(place + 1) for place in range(whole.shape[-1])])
            bounds = np.array_split(np.arange(whole.shape[1]), min(whole.shape[1], MOST_STEPS))
            whole = np.stack([whole[:, some].mean(axis=1) for some in bounds], axis=1)
    return labels, {ORIGINAL: whole[0], CHANGED: whole[1:], SCALE: scale.astype(np.float32)}
