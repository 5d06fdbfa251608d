"""What a run's model answers for new samples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dlcore.errors import Message
from dlcore.spec.data import Task

if TYPE_CHECKING:
    import pandas as pd

SCORE = "score"
"""What the answer for a reconstruction is called: how badly a sample came back."""

YES = 0.5
"""A label with at least that probability is given."""


@dataclass(frozen=True)
class Prediction:
    """The answer for one sample.

    Attributes:
        name: what the sample is called: a file, a row, a series.
        values: the probability of each class or label, or each number that is asked for, in its own unit; empty where
            there is no answer.
        chosen: the class, or all labels that are given; empty where numbers are asked for.
        problem: why there is no answer, if there is none.
        unusual: of a reconstruction, whether the score is above the threshold; None where there is none.
    """

    name: str
    values: Mapping[str, float]
    chosen: tuple[str, ...] = ()
    problem: Message | None = None
    unusual: bool | None = None


@dataclass(frozen=True, eq=False)
class Predictions(Sequence[Prediction]):
    """The answers for some samples, in their order.

    Attributes:
        task: what was asked for.
        columns: what the answers are called: classes, labels, targets (`load +1` is one row ahead), or `SCORE`.
        names: what each sample is called.
        answers: (samples, columns) probabilities, numbers in their own units, or scores; NaN where there is none.
        refused: by the place of a sample, why there is no answer.
        notes: what was unknown, missing or changed in the samples.
        metrics: how good the answers are, where the right ones were given.
        reconstructions: (samples, …) what came back of each, if that was asked for.
        threshold: of a reconstruction, the score above which a sample counts as unusual.
    """

    task: Task
    columns: tuple[str, ...]
    names: tuple[str, ...]
    answers: npt.NDArray[np.float64]
    refused: Mapping[int, Message] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    reconstructions: npt.NDArray[np.float32] | None = None
    threshold: float | None = None

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, place: Any) -> Any:
        """Returns the answer for one sample; of a slice a list of them."""
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        number = range(len(self))[place]
        if number in self.refused:
            return Prediction(self.names[number], {}, problem=self.refused[number])
        values = dict(zip(self.columns, map(float, self.answers[number]), strict=True))
        unusual = None if self.threshold is None else values[SCORE] > self.threshold
        return Prediction(self.names[number], values, self._chosen(values), unusual=unusual)

    def __iter__(self) -> Iterator[Prediction]:
        return map(self.__getitem__, range(len(self)))

    def _chosen(self, values: Mapping[str, float]) -> tuple[str, ...]:
        if self.task.single_label:
            return (max(values, key=lambda name: values[name]),)
        if self.task is Task.MULTILABEL:
            return tuple(name for name, chance in values.items() if chance >= YES)
        return ()

    def to_frame(self) -> pd.DataFrame:
        """Returns one row for each sample: its name, the class or labels, the values, and why there is none."""
        import pandas as pd

        rows = list(self)
        table: dict[str, Any] = {"sample": [row.name for row in rows]}
        if self.task.classifies:
            table["answer"] = ["|".join(row.chosen) for row in rows]
        for place, column in enumerate(self.columns):
            # A class may be called like one of our own columns.
            table[column if column not in table else f"{column} (value)"] = self.answers[:, place]
        if self.threshold is not None:
            table["unusual"] = [row.unusual for row in rows]
        if self.refused:
            table["problem"] = [row.problem.text() if row.problem else "" for row in rows]
        return pd.DataFrame(table)

    def as_json(self) -> dict[str, Any]:
        """Returns what programs are told, JSON-ready: an answer for each sample, and the notes in English."""
        return {
            "task": self.task.value,
            "predictions": [
                {
                    "sample": one.name,
                    **({"answer": list(one.chosen)} if self.task.classifies else {}),
                    # JSON knows no NaN, which a model that diverged may answer.
                    "values": {
                        name: value if math.isfinite(value) else None for name, value in one.values.items()
                    },
                    **({} if one.unusual is None else {"unusual": one.unusual}),
                    **({"problem": one.problem.text()} if one.problem else {}),
                }
                for one in self
            ],
            **({} if self.threshold is None else {"threshold": self.threshold}),
            "notes": [note.text() for note in self.notes],
            "metrics": dict(self.metrics),
        }

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form, without the reconstructions."""
        return {
            "task": self.task.value,
            "columns": list(self.columns),
            "names": list(self.names),
            "answers": [
                None if place in self.refused else row for place, row in enumerate(self.answers.tolist())
            ],
            "refused": {str(place): why.to_dict() for place, why in self.refused.items()},
            "notes": [note.to_dict() for note in self.notes],
            "metrics": dict(self.metrics),
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Predictions:
        """Restores what `to_dict` returned, also after a JSON round trip."""
        nothing = [np.nan] * len(data["columns"])
        rows = [nothing if row is None else row for row in data["answers"]]
        return cls(
            Task(data["task"]),
            tuple(data["columns"]),
            tuple(data["names"]),
            np.array(rows, np.float64).reshape(len(rows), len(nothing)),
            {int(place): Message.from_dict(why) for place, why in data["refused"].items()},
            tuple(Message.from_dict(note) for note in data["notes"]),
            dict(data["metrics"]),
            threshold=data.get("threshold"),
        )
