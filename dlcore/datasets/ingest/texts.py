"""The cells of a column as texts, block by block: a whole column is looked at without being held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dlcore.datasets.ingest.distinct import DistinctCount

_REMEMBERED = 200_000
"""Different texts that are known again in a later block."""


@dataclass(frozen=True)
class TextBlock:
    """The cells of neighbouring rows.

    Attributes:
        texts: the different ones, in the order in which they first come.
        codes: (rows,) for each row the place of its text; −1 where the cell says nothing.
    """

    texts: Sequence[str]
    codes: npt.NDArray[np.int32]

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """(texts,) how many rows hold each."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)

    @cached_property
    def total(self) -> int:
        """How many rows say something."""
        return int((self.codes >= 0).sum())

    def take(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(rows,) the value of each row's text; NaN where the cell says nothing.

        Args:
            values: (texts,) one for each text.
        """
        return np.append(values, np.nan)[self.codes]

    def cells(self) -> pa.Array:
        """Returns the text of each row, null where the cell says nothing."""
        codes = pa.array(self.codes, pa.int32(), mask=self.codes < 0)
        return pa.array(self.texts, pa.string()).take(codes)


class Texts:
    """The cells of a column that say something; it can be iterated over as often as needed.

    Args:
        blocks: gives them from the first one, at each call.
    """

    def __init__(self, blocks: Callable[[], Iterator[TextBlock]]) -> None:
        self._blocks = blocks

    @classmethod
    def of(cls, texts: Sequence[str] | Texts) -> Texts:
        """Returns texts that are in memory as such blocks; blocks as they are."""
        if isinstance(texts, Texts):
            return texts
        places: dict[str, int] = {}
        codes = np.array([places.setdefault(text, len(places)) for text in texts], np.int32)
        block = TextBlock(list(places), codes)
        return cls(lambda: iter((block,)))

    def __iter__(self) -> Iterator[TextBlock]:
        return self._blocks()

    @cached_property
    def total(self) -> int:
        """How many cells say something."""
        return sum(block.total for block in self)

    @cached_property
    def unique(self) -> int:
        """How many different texts there are; of very many, an estimate."""
        found = DistinctCount()
        for block in self:
            found.add(np.array(block.texts, dtype=object), block.total)
        return found.count

    def distinct(self) -> Iterator[list[str]]:
        """Yields the different texts, block by block; of very many, some come again in a later block."""
        seen: set[str] = set()
        for block in self:
            fresh = [text for text in block.texts if text not in seen]
            if fresh:
                yield fresh
            if len(seen) < _REMEMBERED:
                seen.update(fresh)

    def first(self, count: int) -> list[str]:
        """Returns the first different texts."""
        return list(islice((text for fresh in self.distinct() for text in fresh), count))

    def every(self, step: int) -> Iterator[str]:
        """Yields every `step`-th cell that says something, beginning with the first."""
        passed = 0
        for block in self:
            codes = block.codes[block.codes >= 0]
            for code in codes[-passed % step :: step]:
                yield block.texts[code]
            passed += len(codes)

    def has_share(self, least: float, count: Callable[[TextBlock], int]) -> bool:
        """Returns whether at least that share of the cells is of some kind.

        Args:
            least: the share.
            count: returns how many cells of a block are.
        """
        found = passed = 0
        for block in self:
            found, passed = found + count(block), passed + block.total
            if passed - found > (1 - least) * self.total:
                return False  # whatever the rest is
        return bool(passed) and found / passed >= least

    def has_share_of_distinct(self, least: float, count: Callable[[list[str]], int]) -> bool:
        """Returns whether at least that share of the different texts is of some kind.

        Args:
            least: the share.
            count: returns how many of some texts are.
        """
        found = passed = 0
        for fresh in self.distinct():
            found, passed = found + count(fresh), passed + len(fresh)
            if passed - found > (1 - least) * self.total:
                return False  # whatever the rest is
        return bool(passed) and found / passed >= least
