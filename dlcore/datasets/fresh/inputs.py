"""Inputs of a model made of new samples, and what was noticed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dlcore.datasets.parts import Array, Indices
from dlcore.errors import Message

COUNT = "count"
"""The value of a note that says how many samples it is about."""


@dataclass(frozen=True)
class FreshInputs:
    """What a model sees of new samples.

    Attributes:
        inputs: by name, (answers, …) as the run's own prepared arrays.
        places: (answers,) which of the given samples each is of.
        names: what each given sample is called: a file, a row, a series.
        refused: by the place of a sample, why there can be no answer.
        notes: what was unknown, missing or changed, in words.
        truth: (answers, …) the right answers as the engine has targets, −1 or NaN where one is not known; None where
            none are given.
    """

    inputs: Mapping[str, Array]
    places: Indices
    names: tuple[str, ...]
    refused: Mapping[int, Message] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    truth: Array | None = None


def joined_notes(groups: Iterable[Sequence[Message]]) -> tuple[Message, ...]:
    """Returns notes on several groups of samples; those that differ in their counts alone become one.

    Example:
        >>> one = Message("wrong: {count}.", params={"count": 2})
        >>> [note.text() for note in joined_notes([[one], [one]])]
        ['wrong: 4.']
    """
    found: dict[str, Message] = {}
    for note in (note for group in groups for note in group):
        key = repr((note.template, {name: value for name, value in note.params.items() if name != COUNT}))
        if key in found and COUNT in note.params:
            count = found[key].params[COUNT] + note.params[COUNT]
            note = replace(note, params={**note.params, COUNT: count})
        found[key] = note
    return tuple(found.values())


class Notes:
    """Collects notes on samples; equal ones become one that counts them."""

    def __init__(self) -> None:
        self._counted = Counter[tuple[str, tuple[tuple[str, Any], ...]]]()
        self._others: list[Message] = []

    def count(self, template: str, **params: Any) -> None:
        """Takes in a note on one sample.

        Args:
            template: a sentence in which `{count}` stands for how many samples it is about.
            params: its other values.
        """
        self._counted[template, tuple(params.items())] += 1

    def add(self, *notes: Message) -> None:
        """Takes in notes that are about all of the samples."""
        self._others += notes

    def messages(self) -> tuple[Message, ...]:
        """Returns all of them."""
        counted = (
            Message(template, params={**dict(params), COUNT: count})
            for (template, params), count in self._counted.items()
        )
        return (*self._others, *counted)
