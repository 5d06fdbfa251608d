"""Any spec that the registries allow, drawn from the fields' own descriptions."""

from typing import Any

from hypothesis import strategies as st

from dlcore.search.pruners import ThresholdPruner
from dlcore.spec import DatasetSpec, ExperimentSpec, ModelSpec, TrainingSpec
from dlcore.spec.adversarial import AdversarialTraining
from dlcore.spec.base import Registry, SpecModel
from dlcore.spec.describe import Field, Sort, describe
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.layers import (
    LAYERS,
    RECURRENTS,
    Bidirectional,
    Cropping3D,
    Dense,
    Discretization,
    Normalization,
    SpectralNormalization,
    ZeroPadding3D,
)
from dlcore.spec.schedules import PiecewiseConstantDecay
from dlcore.spec.training import EarlyStopping

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")

# Every character but line breaks and controls.
lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=50)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.integers(-3, 600)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


TEXTS = {
    "of": st.sampled_from(["", "conv", "Dense_1"]),
    "device": st.sampled_from(["auto", "cpu", "gpu:1"]),
    "version": st.text("0123456789abcdef", max_size=64),
    "run": st.text("0123456789abcdefxyz", max_size=32),
    "model": st.text("0123456789abcdef", max_size=12),
    "bias_axes": st.text("abcdef", max_size=20),
    "vectors": st.sampled_from(["", "glove-100d"]),
}
"""Text fields that take only some texts."""

SIDES = ("padding", "cropping")
"""Lists of numbers that have only some lengths."""


def numbers(field: Field, whole: bool) -> st.SearchStrategy[Any]:
    low, high = field.low, field.high
    if whole:
        first = int(low or 0) + field.low_open
        last = int(high) - field.high_open if high is not None else first + 1000
        return st.integers(first, last)
    drawn = st.floats(
        low, high if high is not None else 1e6, exclude_min=field.low_open and low is not None,
        exclude_max=field.high_open, allow_nan=False, allow_infinity=False,
    )  # fmt: skip
    # Never −0: it equals 0 and is written differently.
    return drawn.map(lambda value: value + 0.0)


def plain(field: Field) -> st.SearchStrategy[Any]:
    match field.sort:
        case Sort.INT:
            return numbers(field, whole=True)
        case Sort.FLOAT:
            return numbers(field, whole=False)
        case Sort.BOOL:
            return st.booleans()
        case Sort.TEXT:
            return TEXTS.get(field.name, lines)
        case Sort.CHOICE:
            words = st.sampled_from(field.choices)
            return words.map(int) if field.name == "schema_version" else words
        case Sort.CHOICES:
            return st.lists(st.sampled_from(field.choices), max_size=2, unique=True).map(tuple)
        case Sort.PAIR:
            return st.tuples(*[numbers(field, whole=True)] * field.count)
        case Sort.NAMES:
            return st.lists(lines, max_size=3).map(tuple)
        case Sort.WEIGHTS:
            return st.dictionaries(lines, st.floats(0.5, 1e6), max_size=3)
        case Sort.NUMBERS if field.name in SIDES:
            return st.sampled_from([(1, 2), (0, 1, 2, 3)])
        case Sort.NUMBERS:
            return st.lists(numbers(field, whole=True), min_size=1, max_size=4).map(tuple)
        case Sort.KIND:
            return kinds(field.registry)
        case Sort.KINDS:
            return st.lists(kinds(field.registry), max_size=3).map(tuple)
        case Sort.MODEL:
            return SPECS[field.model]
    raise AssertionError(f"nothing is drawn for {field}")


def values(field: Field) -> st.SearchStrategy[Any]:
    return st.none() | plain(field) if field.optional else plain(field)


@st.composite
def specs(draw: st.DrawFn, cls: type[SpecModel], leave: tuple[str, ...] = ()) -> Any:
    """One of the class with any of its fields set, the others at their defaults."""
    fields = [field for field in describe(cls) if field.name not in leave]
    chosen = draw(st.lists(st.sampled_from(fields), unique_by=lambda f: f.name) if fields else st.just([]))
    if draw(st.booleans()):
        chosen = fields
    drawn = {field.name: draw(values(field)) for field in chosen if field.name not in CLIPS}
    clip = draw(st.sampled_from(CLIPS)) if set(CLIPS) <= cls.model_fields.keys() else None
    return cls(**drawn, **({clip: draw(st.none() | st.floats(0.1, 10))} if clip else {}))


@st.composite
def piecewise(draw: st.DrawFn) -> PiecewiseConstantDecay:
    boundaries = sorted(draw(st.sets(st.floats(0.1, 100), min_size=1, max_size=5)))
    factors = draw(st.tuples(*[st.floats(1e-6, 1)] * len(boundaries)))
    return PiecewiseConstantDecay(boundaries=tuple(boundaries), factors=factors)


@st.composite
def forward(draw: st.DrawFn) -> Bidirectional:
    layer = draw(kinds(RECURRENTS)).model_copy(update={"go_backwards": False})
    return Bidirectional(layer=layer, merge_mode=draw(st.sampled_from(["concat", "sum"])))


@st.composite
def normalizations(draw: st.DrawFn) -> Normalization:
    mean = draw(st.lists(st.floats(-1e6, 1e6).map(lambda value: value + 0.0), max_size=3))
    variance = draw(st.tuples(*[st.floats(0, 1e6, allow_subnormal=False).map(lambda v: v + 0.0)] * len(mean)))
    return Normalization(mean=tuple(mean), variance=variance, invert=draw(st.booleans()))


@st.composite
def sides(draw: st.DrawFn, cls: type[Any], name: str) -> Any:
    return cls(**{name: draw(st.sampled_from([(1, 2, 3), (0, 1, 2, 3, 4, 5), 2]))})


@st.composite
def bounded(draw: st.DrawFn) -> SpectralNormalization:
    return SpectralNormalization(
        layer=draw(specs(Dense, leave=tuple(Dense.placing))), power_iterations=draw(st.integers(1, 5))
    )


@st.composite
def intervals(draw: st.DrawFn) -> Discretization:
    boundaries = sorted(draw(st.sets(st.integers(-9, 9), min_size=1, max_size=4)))
    return Discretization(
        bin_boundaries=tuple(boundaries), output_mode=draw(st.sampled_from(["int", "count"]))
    )


@st.composite
def thresholds(draw: st.DrawFn) -> ThresholdPruner:
    lower, upper = sorted(draw(st.tuples(*[st.floats(-1e6, 1e6).map(lambda value: value + 0.0)] * 2)))
    limits = draw(st.sampled_from([{}, {"lower": lower}, {"upper": upper}, {"lower": lower, "upper": upper}]))
    return draw(specs(ThresholdPruner, leave=("lower", "upper"))).model_copy(update=limits)


SPECIAL = {
    ThresholdPruner: thresholds(),
    Discretization: intervals(),
    SpectralNormalization: bounded(),
    Cropping3D: sides(Cropping3D, "cropping"),
    ZeroPadding3D: sides(ZeroPadding3D, "padding"),
    Normalization: normalizations(),
    PiecewiseConstantDecay: piecewise(),
    Bidirectional: forward(),
}
"""Kinds whose fields must agree with each other."""


def kinds(registry: Registry[Any]) -> st.SearchStrategy[Any]:
    """Any kind of that sort; layers without a name and inputs, which only a model can choose.

    Those of a narrower sort stand inside another kind, so they have no place of their own.
    """
    one = st.sampled_from(list(registry))

    def leave(cls: type[Any]) -> tuple[str, ...]:
        return ("name", "inputs") if registry is LAYERS else tuple(cls.placing)

    return one.flatmap(lambda cls: SPECIAL[cls] if cls in SPECIAL else specs(cls, leave=leave(cls)))


@st.composite
def models(draw: st.DrawFn) -> ModelSpec:
    """A stack or a graph, whose links hold; its shapes need not fit."""
    layers = draw(st.lists(kinds(LAYERS), max_size=6))
    if draw(st.booleans()):
        return ModelSpec(layers=tuple(layers))
    names = ["input"]
    linked = []
    for index, layer in enumerate(layers):
        inputs = draw(st.lists(st.sampled_from(names), max_size=3))
        linked.append(layer.model_copy(update={"name": f"layer_{index}", "inputs": tuple(inputs)}))
        names.append(f"layer_{index}")
    return ModelSpec(layers=tuple(linked))


SPECS: dict[type[SpecModel], st.SearchStrategy[Any]] = {
    ModelSpec: models(),
    DatasetSpec: specs(DatasetSpec),
    AdversarialTraining: specs(AdversarialTraining),
    EarlyStopping: specs(EarlyStopping),
    FineTuning: st.deferred(lambda: specs(FineTuning)),
    TrainingSpec: st.deferred(lambda: specs(TrainingSpec)),
}

experiments = specs(ExperimentSpec)
