"""How an answer can be explained, one class a method: which kinds of data and networks it is for.

Pages and commands list the methods by this table alone; what computes them is in `dlcore.engine.explain`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from dlcore.errors import N_, Message, SpecError, unknown_name
from dlcore.spec.data import DataKind, DatasetFacts, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.graph import infer
from dlcore.spec.layers import Application, Embedding
from dlcore.spec.preprocessing import signature
from dlcore.spec.signature import INPUT, Signature

_MAPS = 3
"""The axes of a sample of maps: height, width, channels."""


class Form(StrEnum):
    """What one sample is made of, for those who look at an explanation."""

    PICTURE = "picture"
    SPECTROGRAM = "spectrogram"
    WORDS = "words"
    COLUMNS = "columns"
    STEPS = "steps"


class Baseline(StrEnum):
    """What a picture is compared with; of other kinds of data there is one sample that says nothing."""

    BLACK = "black"
    MEAN = "mean"


@dataclass(frozen=True)
class Explainable:
    """A run as far as it matters to which methods it can be explained by.

    Attributes:
        kind: of the data.
        task: what the model answers.
        signature: what the model sees.
        has_maps: whether a layer gives two-dimensional maps.
        has_embedding: whether ids become vectors.
    """

    kind: DataKind
    task: Task
    signature: Signature
    has_maps: bool
    has_embedding: bool

    @classmethod
    def of(cls, spec: ExperimentSpec, facts: DatasetFacts) -> Explainable:
        """Returns what matters of a run.

        Args:
            spec: as it was run.
            facts: of its dataset.

        Raises:
            SpecError: the preprocessing does not fit the dataset.
        """
        seen = signature(facts, spec.preprocessing)
        rows = infer(spec.model, seen).rows
        has_maps = any("Conv" in row.kind and len(row.output_shape) == _MAPS for row in rows)
        has_backbone = any(isinstance(layer, Application) for layer in spec.model.layers)
        is_embedded = any(isinstance(layer, Embedding) for layer in spec.model.layers)
        return cls(facts.kind, facts.task, seen, has_maps or has_backbone, is_embedded)

    @property
    def form(self) -> Form | None:
        """What a sample is made of; None where nothing of it can be told apart."""
        rank = len(self.signature.inputs[INPUT].shape) if INPUT in self.signature.inputs else 0
        match self.kind:
            case DataKind.RATINGS:
                return None
            case DataKind.TEXT:
                return Form.WORDS
            case DataKind.TABLE:
                return Form.COLUMNS
            case DataKind.SERIES:
                return Form.STEPS
            case DataKind.AUDIO if rank == _MAPS:
                return Form.SPECTROGRAM
        return {1: Form.COLUMNS, 2: Form.STEPS, _MAPS: Form.PICTURE}.get(rank)

    def refusal(self) -> Message | None:
        """Returns why no answer of this run can be explained; None where some can."""
        if self.task is Task.RECONSTRUCTION:
            return Message(
                N_(
                    "a reconstruction explains itself: where it differs from what was given, the sample is unusual."
                ),
                N_("Look at the errors of each value."),
            )
        if self.kind is DataKind.RATINGS:
            return Message(
                N_("there is nothing to explain: the model knows a user and an item by their numbers alone."),
                N_("Look at the errors by user and by item."),
            )
        if self.form is None:
            return Message(
                N_("samples with {axes} axes cannot be explained yet."),
                N_("Choose a run on pictures, recordings, texts, tables or series."),
                params={"axes": len(self.signature.inputs[INPUT].shape)},
            )
        return None


class Method(ABC):
    """One way to explain an answer."""

    name: ClassVar[str]
    """What commands and addresses call it."""
    title: ClassVar[str]
    """What people call it, translatable."""
    summary: ClassVar[str]
    """What it does, translatable."""
    reading: ClassVar[str]
    """How its figure is read, translatable."""

    @abstractmethod
    def applies(self, seen: Explainable) -> bool:
        """Returns whether an answer of such a run can be explained by it."""


METHODS: dict[str, Method] = {}
"""All methods by name, in the order in which they are offered."""


def _register(cls: type[Method]) -> type[Method]:
    METHODS[cls.name] = cls()
    return cls


@_register
class GradCAM(Method):
    """The class's gradient weighs the maps of a convolution (Selvaraju et al., 2017)."""

    name = "grad_cam"
    title = N_("Grad-CAM")
    summary = N_("Weighs the maps of a convolution by how much each raises the answer.")
    reading = N_(
        "Only what raised the answer is marked. The map is as coarse as the layer: it shows where, not which pixels."
    )

    def applies(self, seen: Explainable) -> bool:
        """Returns whether there are maps over a picture or a spectrogram."""
        return seen.form in (Form.PICTURE, Form.SPECTROGRAM) and seen.has_maps


@_register
class IntegratedGradients(Method):
    """Gradients along the way from a baseline to the sample (Sundararajan et al., 2017)."""

    name = "integrated_gradients"
    title = N_("Integrated gradients")
    summary = N_("Adds up the gradients on the way from a neutral sample to this one.")
    reading = N_(
        "Each part's share of the difference between the answer for this sample and for a neutral one; "
        "together they are that difference."
    )

    def applies(self, seen: Explainable) -> bool:
        """Returns whether gradients reach the sample: ids have some only where they become vectors."""
        ids = any(one.dtype == "int32" for one in seen.signature.inputs.values())
        return seen.form is not None and (
            seen.has_embedding or not ids or seen.kind not in (DataKind.TEXT, DataKind.TABLE)
        )


@_register
class Occlusion(Method):
    """What becomes of the answer without a part of the sample (Zeiler and Fergus, 2014)."""

    name = "occlusion"
    title = N_("Occlusion")
    summary = N_("Hides one part of the sample after another and asks the model again.")
    reading = N_(
        "How far the answer falls without each part; where it is negative, the answer rises without it."
    )

    def applies(self, seen: Explainable) -> bool:
        """Returns whether a sample has parts."""
        return seen.form is not None


def applicable(seen: Explainable) -> Iterator[Method]:
    """Yields the methods that an answer of a run can be explained by."""
    if seen.refusal() is None:
        yield from (method for method in METHODS.values() if method.applies(seen))


def checked_method(name: str, seen: Explainable) -> Method:
    """Returns the method of that name.

    Raises:
        SpecError: there is none, or it does not suit the run; says which do.
    """
    refusal = seen.refusal()
    if refusal is not None:
        raise SpecError(refusal.template, hint=refusal.hint, **refusal.params)
    if name not in METHODS:
        raise unknown_name(N_("method"), name, METHODS)
    suiting = {method.name: method for method in applicable(seen)}
    if name not in suiting:
        raise SpecError(
            N_("this method does not suit such a model and such data."),
            hint=N_("Choose one of these: {methods}."),
            where=name,
            methods=", ".join(suiting),
        )
    return suiting[name]
