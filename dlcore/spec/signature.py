"""What a model sees and what it has to give: the shapes of its inputs, and how many outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from dlcore.errors import N_, SpecError
from dlcore.spec.data import (
    LAST_VALUE,
    Column,
    ColumnRole,
    ColumnType,
    DataKind,
    DatasetFacts,
    ForecastStart,
    Task,
)
from dlcore.spec.layers.base import Shape, element_count

INPUT = "input"
"""The name of a model's input where it has only one."""

USER, ITEM = "user", "item"

DType = Literal["uint8", "float32", "int32"]

OpenShape = tuple[int | None, ...]
"""Sizes without the batch axis; None where any size will do."""

ANY_SIZE = 256
"""What a model that takes any size is tried with; its number of parameters does not depend on it."""


def closed_shape(shape: OpenShape) -> Shape:
    """Returns a shape with a size in the place of each that is open.

    Example:
        >>> closed_shape((None, 32, 3))
        (256, 32, 3)
    """
    return tuple(size or ANY_SIZE for size in shape)


VARIES = 0
"""A size within a shape that differs from sample to sample; no model takes it."""


@dataclass(frozen=True)
class InputSpec:
    """One input of a model.

    Attributes:
        shape: of one sample; `VARIES` where samples differ.
        dtype: how it is stored; all but ids are made float32 before the model sees them.
        vocabulary: of ids, how many there can be: 0 … vocabulary − 1.
    """

    shape: Shape
    dtype: DType = "float32"
    vocabulary: int | None = None


@dataclass(frozen=True)
class Signature:
    """All inputs of a model by name, and the number of its outputs (None: any).

    Attributes:
        inputs: by name.
        outputs: how many numbers the model gives for one sample.
        continued: of a series, the columns of its windows that the outputs continue, step by step.
        start: what such a forecast starts from; its `share` is 1 where 0 is not the mean.

    Example:
        >>> Signature.of((28, 28, 1), 10).inputs["input"].shape
        (28, 28, 1)
    """

    inputs: Mapping[str, InputSpec]
    outputs: int | None = None
    continued: tuple[int, ...] = ()
    start: ForecastStart = LAST_VALUE

    @classmethod
    def of(cls, data: Signature | Shape, outputs: int | None = None) -> Signature:
        """Returns a signature itself, or that of a model with one numeric input of a shape."""
        return data if isinstance(data, Signature) else cls({INPUT: InputSpec(data)}, outputs)


@dataclass(frozen=True)
class Form:
    """What one sample is between two preprocessing steps.

    Attributes:
        inputs: what is numbers already.
        pending: columns of a table that are not numbers yet.
        numbers: columns of a table that are one number each.
        sample_rate: of audio, in Hz.
        outputs: how many numbers a model must give.
        in_values: whether steps on values have begun; those that make arrays must come before.
        centered: whether the mean of each feature is 0.
    """

    facts: DatasetFacts
    inputs: Mapping[str, InputSpec]
    pending: tuple[Column, ...] = ()
    numbers: tuple[Column, ...] = ()
    sample_rate: int = 0
    outputs: int = 1
    in_values: bool = False
    centered: bool = False

    def with_input(self, name: str, spec: InputSpec) -> Form:
        """Returns the same with one input set."""
        return replace(self, inputs={**self.inputs, name: spec})

    @property
    def shape(self) -> Shape:
        """The shape of the one input."""
        return self.inputs[INPUT].shape


def first_form(facts: DatasetFacts) -> Form:
    """Returns what a sample of a dataset is before any step."""
    outputs = outputs_of(facts)
    match facts.kind:
        case DataKind.IMAGE:
            shape = facts.input_shape or (VARIES, VARIES, 3)
            return Form(facts, {INPUT: InputSpec(shape, "uint8")}, outputs=outputs)
        case DataKind.ARRAY:
            return Form(facts, {INPUT: InputSpec(facts.input_shape or ())}, outputs=outputs)
        case DataKind.TEXT:
            return Form(facts, {}, outputs=outputs)
        case DataKind.AUDIO:
            inputs = {INPUT: InputSpec((VARIES, 1))}
            return Form(facts, inputs, sample_rate=facts.sample_rate, outputs=outputs)
        case DataKind.TABLE:
            features = facts.columns_of(ColumnRole.FEATURE)
            numbers = tuple(c for c in features if c.type in (ColumnType.NUMBER, ColumnType.TIME))
            pending = tuple(c for c in features if c.type in (ColumnType.CATEGORY, ColumnType.TEXT))
            inputs = {INPUT: InputSpec((len(numbers),))} if numbers else {}
            return Form(facts, inputs, pending, numbers, outputs=outputs)
        case DataKind.SERIES:
            watched = facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
            return Form(facts, {INPUT: InputSpec((VARIES, len(watched)))}, outputs=outputs)
        case DataKind.RATINGS:
            ids = {}
            for name, role in ((USER, ColumnRole.USER), (ITEM, ColumnRole.ITEM)):
                (column,) = facts.columns_of(role)
                # Id 0 stands for all that training has not seen.
                ids[name] = InputSpec((1,), "int32", column.unique + 1)
            return Form(facts, ids, outputs=outputs)


def outputs_of(facts: DatasetFacts) -> int:
    """Returns how many numbers a model must give for one sample, a horizon not yet counted."""
    match facts.task:
        case Task.MULTICLASS | Task.MULTILABEL:
            return len(facts.classes)
        case Task.BINARY | Task.RATING:
            return 1
        case Task.REGRESSION | Task.FORECASTING:
            return len(facts.targets)
        case Task.RECONSTRUCTION:
            return 0  # as many as the prepared input has, which only the last step says


def to_signature(form: Form) -> Signature:
    """Returns the signature that a sequence of steps ends with.

    Raises:
        SpecError: something is not numbers yet, or differs in size from sample to sample.
    """
    if form.pending:
        names = ", ".join(column.name for column in form.pending[:5])
        raise _unfinished(
            N_("the columns {names} are not numbers yet."),
            N_("Add StringLookup, or Hashing for columns with many values."),
            names=names,
        )
    if not form.inputs:
        raise (
            _unfinished(N_("the texts are not numbers yet."), N_("Add TextVectorization."))
            if form.facts.kind is DataKind.TEXT
            else _unfinished(N_("no feature column is left."), N_("Give one the role of a feature."))
        )
    if any(VARIES in spec.shape for spec in form.inputs.values()):
        raise _varying(form.facts.kind)
    outputs = _values_of(form) if _reconstructs(form) else form.outputs
    return Signature(form.inputs, outputs, _continued(form.facts), _start(form))


def _start(form: Form) -> ForecastStart:
    start = form.facts.forecast_start
    return start if form.centered else replace(start, share=1.0)


def _continued(facts: DatasetFacts) -> tuple[int, ...]:
    if facts.task is not Task.FORECASTING:
        return ()
    watched = facts.columns_of(ColumnRole.FEATURE, ColumnRole.TARGET)
    return tuple(place for place, column in enumerate(watched) if column.role is ColumnRole.TARGET)


def _reconstructs(form: Form) -> bool:
    return form.facts.task is Task.RECONSTRUCTION


def _values_of(form: Form) -> int:
    """Returns how many numbers the one input has, all of which are to be given back."""
    if set(form.inputs) != {INPUT}:
        names = ", ".join(name for name in form.inputs if name != INPUT)
        raise _unfinished(
            N_("only numbers can be reconstructed; these columns are ids: {names}."),
            N_("Choose output_mode one_hot, or leave these columns out."),
            names=names,
        )
    return element_count(form.shape)


def _varying(kind: DataKind) -> SpecError:
    match kind:
        case DataKind.IMAGE:
            return _unfinished(N_("the images differ in size."), N_("Add Resizing."))
        case DataKind.SERIES:
            return _unfinished(N_("the series is not cut into windows yet."), N_("Add Windows."))
        case _:
            return _unfinished(N_("the recordings differ in length."), N_("Add FixedLength."))


def _unfinished(template: str, hint: str, **params: str) -> SpecError:
    return SpecError(template, hint=hint, where="preprocessing", **params)
