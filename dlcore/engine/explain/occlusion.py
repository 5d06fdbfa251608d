"""Occlusion: what becomes of an answer without a part of the sample.

Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.tables import columns_of_inputs
from dlcore.engine.explain.subject import Subject
from dlcore.engine.explain.words import words_of
from dlcore.records.explanation_methods import Form
from dlcore.settings import Settings
from dlcore.spec.data import DataKind
from dlcore.spec.signature import INPUT

Floats = npt.NDArray[np.float64]

PATCHES, MOST_WORDS, MOST_PIECES = 7, 256, 512
"""Patches along each side of a picture, which overlap by half; runs of words; pieces of a series."""


@dataclass(frozen=True)
class _Piece:
    """A part of a sample that is hidden together.

    Attributes:
        where: by input, which of its numbers (of one sample, without the axis of samples).
        is_cut: whether they are taken out and what follows moves up; else they become those of the baseline.
    """

    where: Mapping[str, Any]
    is_cut: bool = False


def occlusion(subject: Subject, baseline: Mapping[str, Array], settings: Settings) -> dict[str, Floats]:
    """Returns how far the score falls where each number of the sample is hidden, the mean over the pieces it is in.

    Pieces are patches of pictures, words, columns, and stretches of each column of a series.

    Args:
        subject: the sample, and the number that is explained.
        baseline: by input, what stands in the place of what is hidden.
        settings: where the dataset is: it tells which characters are a word.

    Returns:
        By input, (…) of one sample; all numbers of a hidden column or pixel share its fall.
    """
    pieces = list(_pieces(subject, settings))
    full = subject.scores([subject.given])[0]
    falls: list[float] = []
    # Copies of a whole batch at most are in memory.
    for start in range(0, len(pieces), subject.batch):
        some = pieces[start : start + subject.batch]
        falls += (full - subject.scores([_without(subject, piece, baseline) for piece in some])).tolist()
    sums = {name: np.zeros(array.shape[1:]) for name, array in subject.given.items()}
    counts = {name: np.zeros(array.shape[1:]) for name, array in subject.given.items()}
    for piece, fall in zip(pieces, falls, strict=True):
        share = fall / _sharers(subject, piece)
        for name, where in piece.where.items():
            sums[name][where] += share
            counts[name][where] += 1
    return {name: sums[name] / np.maximum(counts[name], 1) for name in sums}


def _sharers(subject: Subject, piece: _Piece) -> int:
    """Returns among how many numbers a fall is shared: the channels of a pixel, the encoded numbers of a column."""
    if subject.asked.seen.form in (Form.PICTURE, Form.SPECTROGRAM):
        return int(subject.given[INPUT].shape[-1])
    if subject.asked.seen.form is Form.COLUMNS:
        return sum(np.size(subject.given[name][0][where]) for name, where in piece.where.items())
    return 1


def _pieces(subject: Subject, settings: Settings) -> Iterator[_Piece]:
    match subject.asked.seen.form:
        case Form.PICTURE | Form.SPECTROGRAM:
            yield from _patches(*subject.given[INPUT].shape[1:3])
        case Form.WORDS:
            yield from _words(subject, settings)
        case Form.COLUMNS:
            yield from _columns(subject)
        case Form.STEPS:
            yield from _stretches(*subject.given[INPUT].shape[1:])


def _patches(height: int, width: int) -> Iterator[_Piece]:
    high, wide = max(1, -(-height // PATCHES)), max(1, -(-width // PATCHES))
    for top in _starts(height, high):
        for left in _starts(width, wide):
            yield _Piece({INPUT: np.s_[top : top + high, left : left + wide]})


def _starts(size: int, patch: int) -> list[int]:
    """Returns where patches begin that overlap by half and reach both ends."""
    return sorted({*range(0, size - patch + 1, max(1, patch // 2)), size - patch})


def _words(subject: Subject, settings: Settings) -> Iterator[_Piece]:
    """Yields words, of many of them runs; ids are taken out of their text, counts become none."""
    words, is_cut = words_of(subject, settings).places, subject.given[INPUT].dtype == np.int32
    for run in np.array_split(np.arange(len(words)), min(len(words), MOST_WORDS) or 1):
        if len(run):
            yield _Piece({INPUT: np.concatenate([words[place] for place in run])}, is_cut)


def _columns(subject: Subject) -> Iterator[_Piece]:
    how = subject.asked.how
    if how.facts.kind is not DataKind.TABLE:
        size = subject.given[INPUT].shape[1]
        yield from (_Piece({INPUT: run}) for run in np.array_split(np.arange(size), min(size, MOST_PIECES)))
        return
    names = columns_of_inputs(how.facts, how.steps, how.state)
    for column in dict.fromkeys(name for name in subject.given for name in names[name]):
        places = {name: np.flatnonzero(np.array(names[name]) == column) for name in subject.given}
        yield _Piece({name: found for name, found in places.items() if len(found)})


def _stretches(steps: int, columns: int) -> Iterator[_Piece]:
    for stretch in np.array_split(np.arange(steps), min(steps, max(1, MOST_PIECES // columns))):
        for column in range(columns):
            yield _Piece({INPUT: np.s_[stretch[0] : stretch[-1] + 1, column]})


def _without(subject: Subject, piece: _Piece, baseline: Mapping[str, Array]) -> dict[str, Array]:
    found = dict(subject.given)
    for name, where in piece.where.items():
        one = found[name].copy()
        if piece.is_cut:
            rest = np.delete(one[0], where)
            one[0], one[0, : len(rest)] = 0, rest
        else:
            one[0][where] = baseline[name][0][where]
        found[name] = one
    return found
