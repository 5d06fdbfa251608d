"""The words of a text as people see them, and which numbers of a model's input stand for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcore.datasets.loader import open_samples
from dlcore.datasets.prepare.texts import tokens_of
from dlcore.engine.explain.subject import Subject
from dlcore.errors import DatasetError
from dlcore.settings import Settings
from dlcore.spec.preprocessing import TextVectorization
from dlcore.spec.signature import INPUT

Places = npt.NDArray[np.int64]

MOST_LABELS, MOST_LETTERS = 5_000, 60
"""Words of a text, or columns; letters of each."""

_ALONE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Characters of scripts that set no blanks between words: each stands for itself."""
_RUNS = re.compile(rf"(?:[^\W_{_ALONE}]+|[{_ALONE}]|(?:[^\w\s]|_)+)\s*|\s+")


@dataclass(frozen=True, eq=False)
class Words:
    """A text in parts that people know.

    Attributes:
        labels: the words; of a model over characters with the blanks behind them.
        places: by word, which numbers of the input stand for it.
        separator: what stands between two labels in the text.
        cut_at: after how many tokens the text goes on unseen by the model; 0 where it sees all of it.
    """

    labels: tuple[str, ...]
    places: tuple[Places, ...]
    separator: str = " "
    cut_at: int = 0


def words_of(subject: Subject, settings: Settings) -> Words:
    """Returns the words of a sample that is a text; characters are put together to words and signs.

    Args:
        subject: whose sample it is.
        settings: where the dataset is: it tells the words as they stand there.
    """
    (step,) = (one for one in subject.asked.how.steps if isinstance(one, TextVectorization))
    vocabulary, values = subject.asked.how.state["vocabulary"], subject.given[INPUT][0]
    places = np.flatnonzero(values)
    if values.dtype != np.int32:
        words = [vocabulary[int(one)] for one in places]
        return _bounded(words, np.split(places, len(places)) if len(places) else ())
    known = [vocabulary[int(one)] for one in values[places]]
    tokens = _tokens(subject, step, settings)
    # Cleaning may have changed the text: then the vocabulary tells the words that it knows.
    seen = tokens[: len(values)] if len(tokens[: len(values)]) == len(known) else known
    cut_at = len(values) if len(tokens) > len(values) else 0
    if step.split != "character" or step.ngrams > 1:
        return _bounded(seen, np.split(places, len(places)) if len(places) else (), cut_at=cut_at)
    runs = list(runs_of(seen))
    labels = ["".join(seen[start:end]) for start, end in runs]
    return _bounded(labels, [places[start:end] for start, end in runs], "", cut_at)


def _bounded(labels: Sequence[str], places: Sequence[Places], separator: str = " ", cut_at: int = 0) -> Words:
    short = tuple(
        word if len(word) <= MOST_LETTERS else f"{word[:MOST_LETTERS]}…" for word in labels[:MOST_LABELS]
    )
    return Words(short, tuple(places[:MOST_LABELS]), separator, cut_at)


def _tokens(subject: Subject, step: TextVectorization, settings: Settings) -> list[str]:
    """Returns all tokens of the text as it is stored; none where the dataset can no longer be opened."""
    with suppress(DatasetError):
        samples = open_samples(subject.asked.how.spec.dataset, settings, use_network=False)
        return tokens_of(samples.texts.iloc[subject.sample], step)
    return []


def runs_of(characters: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yields where each word or run of signs begins and ends, with the blanks behind it.

    Args:
        characters: tokens; one that is longer, such as the one for what is unknown, counts as a letter.
    """
    text = "".join(one if len(one) == 1 else "x" for one in characters)
    for found in _RUNS.finditer(text):
        yield found.span()
