"""How a run's samples were prepared, saved with its model, so that new samples can be prepared alike without the
dataset.

`preparation.json` in a run's folder holds, with a checksum:

| key | what |
| --- | --- |
| `format` | `FORMAT`; files of older versions have none |
| `spec` | the experiment as it was run: the steps of cleaning and preprocessing, and the model |
| `facts` | of the dataset once it was cleaned: kind, task, columns with their types and roles, classes, sample rate, sizes |
| `reading` | how the dataset's files were read: of tables how each column is written, of images how deep they are |
| `state` | what the steps learned from the training part: vocabularies, ids, edges, origins; under `cleaning` one object for each step: fillings, ranges, new names of classes |
| `values` | by input, the operations on values in order: `affine` with `scale` and `offset`, or `logarithm` |
| `deviations` | of a reconstruction, each number's deviation in the training part, in which its errors count; else null |
| `threshold` | of a reconstruction, the anomaly score above which a sample counts as unusual; else null or absent |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.clean.cleaning import Learned
from dlcore.datasets.files import unreadable
from dlcore.datasets.prepare.encoders import CLEANING, State
from dlcore.datasets.prepare.values import ValueOp, op_from_dict, op_to_dict
from dlcore.durable import is_damage, read_json
from dlcore.errors import N_, DatasetError, SpecError
from dlcore.records.artifacts import PREPARATION_FILE
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.preprocessing import Step, ValueStep, signature
from dlcore.spec.signature import Signature

FORMAT = 2
"""Raised when a reader of the file must know more; 1 is what files without a number have."""

_MEANINGS = ("vocabulary", "lookups", "ids")
"""What a state holds of ids: which stands for what."""


@dataclass(frozen=True)
class Preparation:
    """How a run's samples became what its model saw.

    Attributes:
        spec: as it was run.
        facts: of the dataset once it was cleaned.
        reading: how the dataset's files were read, as `Samples.reading` has it.
        state: what was learned from the training part.
        values: for each input that is not ids, the operations on its values.
        deviations: of a reconstruction, each number's deviation in the training part.
        threshold: of a reconstruction, the score above which a sample counts as unusual; runs of before have none.
    """

    spec: ExperimentSpec
    facts: DatasetFacts
    reading: Mapping[str, Any]
    state: State
    values: Mapping[str, tuple[ValueOp, ...]]
    deviations: npt.NDArray[np.float64] | None = None
    threshold: float | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that make arrays."""
        return tuple(step for step in self.spec.preprocessing if not isinstance(step, ValueStep))

    @property
    def cleaning(self) -> tuple[Learned, ...]:
        """What each step of the cleaning has learned."""
        return tuple(self.state[CLEANING])

    @property
    def signature(self) -> Signature:
        """What the model sees."""
        return signature(self.facts, self.spec.preprocessing)

    def to_dict(self) -> dict[str, Any]:
        """Returns the content of the file."""
        return {
            "format": FORMAT,
            "spec": self.spec.to_dict(),
            "facts": self.facts.to_dict(),
            "reading": dict(self.reading),
            "state": dict(self.state),
            "values": {name: [op_to_dict(op) for op in ops] for name, ops in self.values.items()},
            "deviations": None if self.deviations is None else self.deviations.tolist(),
            "threshold": self.threshold,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Preparation:
        """Restores what `to_dict` returned."""
        deviations = data["deviations"]
        return cls(
            ExperimentSpec.from_dict(data["spec"]),
            DatasetFacts.from_dict(data["facts"]),
            dict(data["reading"]),
            dict(data["state"]),
            {name: tuple(map(op_from_dict, ops)) for name, ops in data["values"].items()},
            None if deviations is None else np.array(deviations, np.float64),
            data.get("threshold"),
        )


def read_preparation(folder: Path) -> Preparation:
    """Returns how the samples of the run in `folder` were prepared.

    Raises:
        DatasetError: there is no such file, or it is damaged, or of another version; what to do.
    """
    path = folder / PREPARATION_FILE
    content = _content(path)
    if content.get("format", 1) < FORMAT:
        raise DatasetError(
            N_("this run is of an older version, which did not keep all that new samples need."),
            hint=N_("Resume it with one epoch more, or duplicate and train it."),
            where=path.name,
        )
    if content["format"] > FORMAT:
        raise DatasetError(
            N_("this run is of a newer version of the program."),
            hint=N_("Update the program."),
            where=path.name,
        )
    try:
        return Preparation.from_dict(content)
    except (KeyError, TypeError, ValueError, AttributeError, SpecError) as error:
        raise _damaged(path) from error


def read_meanings(folder: Path) -> State:
    """Returns which id stood for what in the run in `folder`, also in one of an older version.

    Raises:
        DatasetError: there is no such file, or it is damaged.
    """
    path = folder / PREPARATION_FILE
    content = _content(path)
    try:
        return meanings(content["state"] if "format" in content else content["steps"])
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def meanings(state: State) -> State:
    """Returns what a state says of ids: which stands for what.

    Example:
        >>> meanings({"vocabulary": ["", "[UNK]", "a"], "idf": [], "lookups": {}})
        {'vocabulary': ['', '[UNK]', 'a']}
    """
    return {key: state[key] for key in _MEANINGS if state.get(key)}


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content = read_json(path)
    except ValueError as error:
        raise _damaged(path) from error
    except OSError as error:
        if is_damage(error):
            raise _damaged(path) from error
        raise unreadable(error, path) from error
    if content is None:
        raise DatasetError(
            N_("there is no trained model in this folder."),
            hint=N_("Train the run until an epoch is done."),
            where=str(path.parent),
        )
    if not isinstance(content, dict) or not isinstance(content.get("format", 1), int):
        raise _damaged(path)
    return content


def _damaged(path: Path) -> DatasetError:
    return DatasetError(
        N_("this file of the run is damaged."),
        hint=N_("Restore a backup, or resume the run with more epochs to have it made again."),
        where=path.name,
    )
