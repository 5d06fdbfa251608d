"""From the numbers of a model's inputs back to what people see of a sample: pixels, words, columns, steps."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.datasets.dates import cell_text
from dlcore.datasets.loader import open_samples
from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.datasets.samples import Samples
from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.words import MOST_LABELS, MOST_LETTERS, words_of
from dlcore.errors import DatasetError
from dlcore.records.explanation_methods import Form
from dlcore.settings import Settings
from dlcore.spec.data import DataKind
from dlcore.spec.preprocessing import seconds_seen
from dlcore.spec.signature import INPUT

Floats = npt.NDArray[np.float64]

MOST_STEPS = 1_000
"""Steps of a long recording that are told apart."""


@dataclass(frozen=True, eq=False)
class ShownParts:
    """A sample in parts that people know, with the shares of each.

    Attributes:
        form: what they are.
        sums: the shares of all numbers that a part is made of, together.
        means: the same, but of a stretch of several steps their mean.
        labels: words, or names of columns.
        values: of a table, what stands in its columns.
        sample: the picture, the spectrogram or the series.
        separator: what stands between two words in the text.
        cut_at: after how many tokens a text goes on unseen by the model; 0 where it sees all of it.
        seconds: of a spectrogram, how much sound it shows.
    """

    form: Form
    sums: Floats
    means: Floats
    labels: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    sample: Array | None = None
    separator: str = " "
    cut_at: int = 0
    seconds: float = 0.0


def shown_parts(subject: Subject, shares: Mapping[str, Floats], settings: Settings) -> ShownParts:
    """Returns the parts of a sample with their shares.

    Args:
        subject: whose sample it is.
        shares: by input, (…) as one sample of it; none where the parts alone are wanted.
        settings: where the dataset is.
    """
    form = subject.asked.seen.form
    assert form is not None, "a method suits only what has parts"
    own = shares.get(INPUT, np.zeros(()))
    raw = subject.part.inputs.get(INPUT)
    match form:
        case Form.PICTURE | Form.SPECTROGRAM:
            assert raw is not None
            pixels = np.asarray(raw[subject.place])
            found = own.sum(axis=-1) if own.ndim else own
            if form is Form.PICTURE:
                return ShownParts(form, found, found, sample=pixels)
            how = subject.asked.how
            seconds = seconds_seen(how.facts, how.steps)
            return ShownParts(form, found, found, sample=pixels[..., 0], seconds=seconds)
        case Form.WORDS:
            return _words(subject, own, settings)
        case Form.COLUMNS:
            return _columns(subject, shares, settings)
    assert raw is not None
    return _steps(subject, own, np.asarray(raw[subject.place]))


def _words(subject: Subject, own: Floats, settings: Settings) -> ShownParts:
    words = words_of(subject, settings)
    found = own if own.ndim else np.zeros(subject.given[INPUT].shape[1:])
    sums = np.array([found[places].sum() for places in words.places])
    means = np.array([found[places].mean() for places in words.places])
    return ShownParts(Form.WORDS, sums, means, words.labels, separator=words.separator, cut_at=words.cut_at)


def _columns(subject: Subject, shares: Mapping[str, Floats], settings: Settings) -> ShownParts:
    how = subject.asked.how
    if how.facts.kind is not DataKind.TABLE:
        labels = tuple(str(place + 1) for place in range(subject.given[INPUT].shape[1]))
        values = tuple(f"{value:.4g}" for value in subject.part.inputs[INPUT][subject.place])
        own = shares[INPUT]
        return ShownParts(
            Form.COLUMNS, own[:MOST_LABELS], own[:MOST_LABELS], labels[:MOST_LABELS], values[:MOST_LABELS]
        )
    names = columns_of_inputs(how.facts, how.steps, how.state)
    sums: dict[str, float] = {}
    for given in subject.given:
        for name, share in zip(names[given], shares[given].ravel(), strict=True):
            sums[name] = sums.get(name, 0.0) + float(share)
    samples = _samples(subject, settings)
    labels = tuple(sums)[:MOST_LABELS]
    values = tuple(_cell(samples, name, subject.sample) for name in labels)
    found = np.array([sums[name] for name in labels])
    return ShownParts(Form.COLUMNS, found, found, labels, values)


def _steps(subject: Subject, own: Floats, raw: Array) -> ShownParts:
    columns = subject.asked.how.state.get("columns") or [str(place + 1) for place in range(raw.shape[1])]
    bounds = np.array_split(np.arange(len(raw)), min(len(raw), MOST_STEPS))
    sums = np.stack([own[some].sum(axis=0) for some in bounds])
    means = np.stack([own[some].mean(axis=0) for some in bounds])
    seen = np.stack([raw[some].mean(axis=0) for some in bounds])
    return ShownParts(Form.STEPS, sums, means, tuple(columns), sample=seen.astype(np.float32))


def _samples(subject: Subject, settings: Settings) -> Samples | None:
    """Returns the samples as they are stored; None where the dataset can no longer be opened."""
    with suppress(DatasetError):
        return open_samples(subject.asked.how.spec.dataset, settings, use_network=False)
    return None


def _cell(samples: Samples | None, column: str, row: int) -> str:
    if samples is None:
        return ""
    (kind,) = (one.type for one in samples.facts.columns if one.name == column)
    return cell_text(samples.column(column).iloc[row], kind)[:MOST_LETTERS]
