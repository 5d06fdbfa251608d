"""Edits of a list whose parts have no names: which part ends up where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """How a list is rearranged from its old parts and new ones.

    Attributes:
        size: how many parts the old list has.
        sources: for each place of the new list, the place in the old one; None for a new part.
    """

    size: int
    sources: tuple[int | None, ...]

    @classmethod
    def moved(cls, size: int, index: int, to: int) -> Order:
        """Returns the part at `index` goes to place `to`."""
        places = [place for place in range(size) if place != index]
        return cls(size, (*places[:to], index, *places[to:]))

    @classmethod
    def removed(cls, size: int, index: int) -> Order:
        """Returns the part at `index` goes."""
        return cls(size, tuple(place for place in range(size) if place != index))

    @classmethod
    def duplicated(cls, size: int, index: int) -> Order:
        """Returns a copy of the part at `index` comes right after it."""
        return cls(size, (*range(index + 1), *range(index, size)))

    @classmethod
    def added(cls, size: int) -> Order:
        """Returns a new part comes at the end."""
        return cls(size, (*range(size), None))

    def arrange(self, parts: Sequence[T], new: Sequence[T] = ()) -> list[T]:
        """Returns the new list.

        Args:
            parts: the old list.
            new: what is in the places of new parts, in their order.

        Example:
            >>> Order.moved(3, 0, 1).arrange("abc"), Order.added(3).arrange("abc", "d")
            (['b', 'a', 'c'], ['a', 'b', 'c', 'd'])
        """
        coming = iter(new)
        return [next(coming) if source is None else parts[source] for source in self.sources]

    def place_of(self, index: int) -> int | None:
        """Returns where the part that was at `index` is now, None if it is gone; of copies, the first.

        Example:
            >>> [Order.duplicated(3, 1).place_of(index) for index in range(3)]
            [0, 1, 3]
        """
        return self.sources.index(index) if index in self.sources else None
