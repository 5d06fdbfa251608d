"""A format that a run can be taken away in: what it writes, what it needs, and how it is checked."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import Array
from dlcore.datasets.prepare.saved import Preparation, read_preparation
from dlcore.errors import N_, DlcoreError, SpecError, unknown_name
from dlcore.languages import Language, catalogue
from dlcore.records import Run
from dlcore.settings import Settings
from dlcore.spec.graph import infer
from dlcore.store.run_records import Points, RunRecords

Inputs = Mapping[str, Array]
"""Samples by the name of the model's input."""

Ask = Callable[[Inputs], Array]
"""Samples in, (samples, outputs) out."""

Curve = tuple[Array, Array]
"""Steps and values."""


TWO_GB = 2**31 - 2**24
"""Bytes of weights that a file of Protocol Buffers or FlatBuffers has room for: its sizes are signed 32-bit numbers."""

_BYTES = 4
"""Of a weight."""


class Group(StrEnum):
    """What is taken away, translatable; in the order in which people see it."""

    RESULTS = N_("Results")
    MODEL = N_("Trained model")
    TRAINING = N_("Training")


class TrainedModel(Protocol):
    """What Keras does for the formats; the engine has the one that does it."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What each output is called; empty where the model gives back what it was given."""

    @property
    def activation(self) -> str:
        """What makes answers of the outputs of the model in `model.keras`: `softmax`, `sigmoid` or `linear`."""

    @property
    def has_loops(self) -> bool:
        """Whether a layer goes through its sample step by step."""

    def samples(self, part: str, count: int) -> Inputs:
        """Returns the first samples of a part, before the steps on values."""

    def answers(self, inputs: Inputs) -> Array:
        """(samples, outputs) what the model answers in Keras, as the run's evaluation had it."""

    def score(self, answers: Array) -> Mapping[str, float]:
        """Returns how good the answers for the first test samples are, by the metrics of the task."""

    def save_weights(self, path: Path) -> None:
        """Writes a `.weights.h5`."""

    def open_weights(self, path: Path) -> Ask:
        """Returns what the network answers with the weights in that file."""

    def save_saved_model(self, folder: Path) -> None:
        """Writes TensorFlow's format, the steps on values within."""

    def save_onnx(self, path: Path) -> None:
        """Writes an ONNX file, the steps on values within."""

    def save_litert(self, path: Path, precision: str, examples: Inputs) -> None:
        """Writes a LiteRT file for one sample at a time; `examples` show the range of values for int8."""

    def save_events(self, folder: Path, curves: Mapping[str, Curve], text: str) -> None:
        """Writes curves by name, and a text, as TensorBoard reads them."""


@dataclass(frozen=True)
class ExportedRun:
    """The run that is taken away.

    Attributes:
        records: what the store knows of it.
        folder: its files.
        model: its trained model in Keras.
        settings: where its dataset is.
        language: of the texts that are written for people.
        holds_model: whether a report holds the model to try.
    """

    records: RunRecords
    folder: Path
    model: TrainedModel
    settings: Settings
    language: str = Language.ENGLISH
    holds_model: bool = False

    @property
    def run(self) -> Run:
        """Its record."""
        return self.records.run

    @property
    def points(self) -> Points:
        """All points of its curves."""
        return self.records.points

    @cached_property
    def preparation(self) -> Preparation:
        """How its samples were prepared."""
        return read_preparation(self.folder)

    def translate(self, text: str) -> str:
        """Returns a text in the language that was asked for."""
        return catalogue(self.language).gettext(text)


@dataclass(frozen=True)
class Agreement:
    """How an exported model compares with the one in Keras, on the same test samples.

    Attributes:
        samples: how many were answered.
        difference: the largest between two answers, in proportion to the largest answer where that is over 1.
        milliseconds: of one sample, the median of some that are answered one by one.
        before, after: the metrics of the two on these samples.
    """

    samples: int
    difference: float
    milliseconds: float
    before: Mapping[str, float]
    after: Mapping[str, float]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Agreement:
        """Returns what a process has said of a file that it has made; it may have said anything.

        Raises:
            DlcoreError: that is no agreement.
        """
        try:
            scores = ({str(k)[:100]: float(v) for k, v in said[name].items()} for name in ("before", "after"))
            return cls(int(said["samples"]), float(said["difference"]), float(said["milliseconds"]), *scores)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DlcoreError(N_("it was not said how the exported model answers.")) from error


@dataclass(frozen=True)
class Export:
    """A file that was written.

    Attributes:
        format: its name.
        file: the name of the file.
        bytes: its size.
        agreement: how the model in it was checked; None where there is no model in it.
    """

    format: str
    file: str
    bytes: int
    agreement: Agreement | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Export:
        """Restores what `to_dict` returned."""
        agreement = data["agreement"]
        return cls(**{**data, "agreement": None if agreement is None else Agreement(**agreement)})


class Format(ABC):
    """One format; its name is that of the command line.

    One without a model in it answers nothing, and is not checked.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """What users call it, translatable."""
    summary: ClassVar[str]
    """One line of help, translatable."""
    suffix: ClassVar[str]
    """How its file ends."""
    group: ClassVar[Group]
    speaks: ClassVar[bool] = False
    """Whether there are sentences for people in it, in the language that is asked for."""
    can_hold_model: ClassVar[bool] = False
    """Whether its file may hold the model to try in a browser, beside all else."""
    packages: ClassVar[Mapping[str, str]] = {}
    """What it needs that may be absent: the module that is imported, and what pip installs."""
    most_bytes: ClassVar[int] = 0
    """How large the weights may be that its file can hold; 0: as large as they are."""
    tolerance: ClassVar[float] = 1e-4
    """The largest difference that is rounding."""

    def missing(self) -> tuple[str, ...]:
        """Returns what has to be installed first."""
        return tuple(
            name for module, name in self.packages.items() if importlib.util.find_spec(module) is None
        )

    @property
    def install(self) -> str:
        """The line that installs what is missing; empty if nothing is."""
        missing = self.missing()
        return f"python -m pip install {' '.join(missing)}" if missing else ""

    @abstractmethod
    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes the file."""

    def open(self, source: ExportedRun, path: Path) -> Ask | None:
        """Returns what the file answers in the runtime it is for; None where there is no model in it."""
        return None


class Formats(Mapping[str, Format]):
    """The registered formats by name, in the order of their registration."""

    def __init__(self) -> None:
        self._formats: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        return self._formats[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._formats)

    def __len__(self) -> int:
        return len(self._formats)

    def register(self, cls: type[Format]) -> type[Format]:
        """Adds a class under its own name; a decorator."""
        self._formats[cls.name] = cls()
        return cls

    def usable(self, name: str) -> Format:
        """Returns the format of that name.

        Raises:
            SpecError: there is none; lists the closest matches.
            DlcoreError: something it needs is not installed; says the line that installs it.
        """
        if name not in self._formats:
            raise unknown_name(N_("format"), name, self._formats)
        found = self._formats[name]
        if found.install:
            raise DlcoreError(
                N_("this format needs what is not installed: {packages}."),
                hint=N_("Install it: {line}"),
                where=name,
                packages=", ".join(found.missing()),
                line=found.install,
            )
        return found


EXPORTS = Formats()
"""All formats; `dlcore.exports` fills it."""


def check_holds_model(made: Format, holds_model: bool) -> None:
    """Checks that a format can hold a model to try, if it should.

    Raises:
        SpecError: it cannot; says which can.
    """
    if holds_model and not made.can_hold_model:
        able = ", ".join(name for name, one in EXPORTS.items() if one.can_hold_model)
        raise SpecError(
            N_("this format holds no model to try."),
            hint=N_("Choose one that can: {formats}."),
            where=made.name,
            formats=able,
        )


def difference(expected: Array, got: Array) -> float:
    """Returns the largest difference, in proportion to the largest answer where that is over 1.

    Example:
        >>> difference(np.array([[1000.0]]), np.array([[1000.5]]))
        0.0005
    """
    if expected.shape != got.shape or not np.isfinite(got).all():
        return float("inf")
    size = max(1.0, float(np.abs(expected).max()))
    apart: npt.NDArray[np.float64] = np.abs(expected.astype(np.float64) - got)
    return float(apart.max()) / size


def check_size(made: Format, how: Preparation) -> None:
    """Checks that a format's file can hold a run's model, by what is known of it without loading it.

    Raises:
        DlcoreError: it cannot.
    """
    if not made.most_bytes:
        return
    size = infer(how.spec.model, how.signature).parameters.total * _BYTES
    if size > made.most_bytes:
        raise DlcoreError(
            N_("the model has {size} GB of weights, and a file of this format holds at most {limit} GB."),
            hint=N_("Take another format; {other} holds the model as it is."),
            where=made.name,
            size=f"{size / 2**30:.3g}",
            limit=f"{made.most_bytes / 2**30:.3g}",
            other="keras",
        )


def refusal(name: str, found: float, allowed: float) -> DlcoreError:
    """Returns the error for a file whose model answers otherwise than the run's."""
    return DlcoreError(
        N_(
            "the exported model does not answer as the run's own: they differ by {found}, at most {allowed} is rounding."
        ),
        hint=N_("Take another format; {other} holds the model as it is."),
        where=name,
        found=f"{found:.2g}",
        allowed=f"{allowed:g}",
        other="keras",
    )
