"""Samples that are given in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dlcore.datasets.fresh.cells import cells_of
from dlcore.datasets.fresh.inputs import FreshInputs, Notes
from dlcore.datasets.fresh.rows import FreshRows, read_rows
from dlcore.datasets.fresh.single import READERS, separate
from dlcore.datasets.fresh.tables import encode_rows
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.reading import TABLES
from dlcore.datasets.samples import Samples
from dlcore.errors import N_, DatasetError, Message
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.spec.signature import INPUT

AT_ONCE = 256
"""Pictures, recordings or arrays that are prepared before the first of them is answered."""


def fresh_inputs(raw: Any, how: Preparation, settings: Settings) -> Iterator[FreshInputs]:
    """Yields new samples as inputs of a run's model, a few at a time where each is prepared by itself.

    Args:
        raw: one sample, or several. By the kind of the run's data: a picture (bytes, a path, an image of Pillow or
            pixels), a recording (bytes, a path, or samples and rate), a text, an array; rows of a table or of a series
            by the names of their columns, as objects or a DataFrame; a user and an item.
        how: the run's preparation.
        settings: limits.

    Raises:
        DatasetError: there are none, or what was given cannot be samples of this kind at all.
    """
    if how.facts.kind in READERS:
        samples = separate(raw, how)
        yield from one_by_one(
            ((f"sample {number}", one) for number, one in enumerate(samples, start=1)), how, settings
        )
        return
    notes = Notes()
    texts = _texts(raw) if how.facts.kind is DataKind.TEXT else []
    if texts:
        names = [f"text {number}" for number in range(1, len(texts) + 1)]
        yield encode_rows(text_rows(texts, how), how, notes, names)
    else:
        rows = _pairs(raw, how) if how.facts.kind is DataKind.RATINGS else raw
        yield encode_rows(read_rows(cells_of(rows, settings), how, notes), how, notes)


def one_by_one(
    samples: Iterable[tuple[str, Any]], how: Preparation, settings: Settings
) -> Iterator[FreshInputs]:
    """Yields pictures, recordings or arrays, at most `AT_ONCE` together.

    Args:
        samples: each with what it is called; an error in the place of one is why it is refused.
        how: the run's preparation.
        settings: limits.

    Raises:
        DatasetError: there are none.
    """
    waiting: list[tuple[str, Any]] = []
    count = 0
    for one in samples:
        waiting.append(one)
        if len(waiting) == AT_ONCE:
            yield _prepared(waiting, how, settings)
            count, waiting = count + len(waiting), []
    if waiting:
        yield _prepared(waiting, how, settings)
    elif not count:
        raise DatasetError(N_("no samples were given."), hint=N_("Give at least one."))


def _prepared(samples: Sequence[tuple[str, Any]], how: Preparation, settings: Settings) -> FreshInputs:
    read, notes = READERS[how.facts.kind], Notes()
    values, kept, refused = [], [], dict[int, Message]()
    for place, (_name, raw) in enumerate(samples):
        try:
            if isinstance(raw, DatasetError):
                raise raw
            values.append(read(raw, how, settings, notes))
            kept.append(place)
        except DatasetError as error:
            refused[place] = error.message
    inputs = {INPUT: np.stack(values)} if values else {}
    names = tuple(name for name, _ in samples)
    return FreshInputs(inputs, np.array(kept, np.int64), names, refused, notes.messages())


def text_rows(texts: Sequence[str], how: Preparation) -> FreshRows:
    """Returns texts as the rows of the one column that the model sees.

    Those of a table had no blanks around them; those of files are as they are.
    """
    stripped = [text.strip() if TABLES in how.reading else text for text in texts]
    frame = pd.DataFrame({"text": pd.Series([text or None for text in stripped], dtype=object)})
    count = np.arange(len(texts))
    return FreshRows(Samples(how.facts, frame, None, count, "", lambda row: count[row : row + 1]), {}, None)


def _texts(raw: Any) -> list[str]:
    """Returns the texts in what was given; none where it is rows."""
    texts = [raw] if isinstance(raw, str) else raw
    if isinstance(texts, Sequence) and all(isinstance(one, str) for one in texts):
        return list(texts)
    return []


def _pairs(raw: Any, how: Preparation) -> Any:
    """Returns users and items as rows; what are rows already stays so."""
    pairs = [raw] if isinstance(raw, tuple) else raw
    if isinstance(pairs, Sequence) and pairs and all(isinstance(one, tuple) for one in pairs):
        if any(len(one) != 2 for one in pairs):
            raise DatasetError(
                N_("expected a user and an item."), hint=N_("Give (user, item), or a list of them.")
            )
        user, item = (how.facts.columns_of(role)[0].name for role in (ColumnRole.USER, ColumnRole.ITEM))
        return [{user: one, item: other} for one, other in pairs]
    return raw
