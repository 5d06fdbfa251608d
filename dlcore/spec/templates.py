"""Models to start from, and what each kind of data starts with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.blocks import Residual
from dlcore.spec.checks import check, prepared_facts
from dlcore.spec.data import DataKind, DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.layers import Layer, Shape
from dlcore.spec.model import ModelSpec
from dlcore.spec.preprocessing import signature
from dlcore.spec.preprocessing.base import ANY_KIND
from dlcore.spec.problems import parse
from dlcore.spec.signature import INPUT, Signature

Row = dict[str, Any]


IMAGES = frozenset({DataKind.IMAGE, DataKind.AUDIO, DataKind.ARRAY})
"""What has height, width and channels: pictures, and pictures of sound."""


@dataclass(frozen=True)
class Template:
    """A named starting point.

    Attributes:
        name: stands in URLs and specs.
        title: for people, translatable.
        summary: one line of help, translatable.
        kinds: what data it is for.
        rows: makes the layers for what a model sees.
    """

    name: str
    title: str
    summary: str
    kinds: frozenset[DataKind]
    rows: Callable[[Signature], Sequence[Row | Layer]]

    def build(self, data: Signature | Shape) -> ModelSpec:
        """The model for data of that shape."""
        signature = Signature.of(data)
        return parse(ModelSpec, {"inputs": tuple(signature.inputs), "layers": self.rows(signature)})


def _conv(filters: int, **more: Any) -> Row:
    return {"kind": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu", **more}


_HEAD: Row = {"kind": "Dense"}
_POOL: Row = {"kind": "MaxPooling2D"}


def _cnn(data: Signature) -> list[Row]:
    return [
        _conv(32),
        _POOL,
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        _HEAD,
    ]


def _lenet(data: Signature) -> list[Row]:
    # The second convolution had no padding on 32 × 32; on small images its window would not fit.
    second = "valid" if min(data.inputs[INPUT].shape[:2]) >= 16 else "same"
    tanh: Row = {"activation": "tanh"}
    return [
        {"kind": "Conv2D", "filters": 6, "kernel_size": 5, "padding": "same", **tanh},
        {"kind": "AveragePooling2D"},
        {"kind": "Conv2D", "filters": 16, "kernel_size": 5, "padding": second, **tanh},
        {"kind": "AveragePooling2D"},
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 120, **tanh},
        {"kind": "Dense", "units": 84, **tanh},
        _HEAD,
    ]


def _vgg(data: Signature) -> list[Row]:
    rows: list[Row] = []
    for filters in (32, 64, 128):
        for _ in range(2):
            rows += [
                {
                    "kind": "Conv2D",
                    "filters": filters,
                    "kernel_size": 3,
                    "padding": "same",
                    "use_bias": False,
                },
                {"kind": "BatchNormalization", "momentum": 0.9},
                {"kind": "Activation", "activation": "relu"},
            ]
        rows += [_POOL, {"kind": "Dropout", "rate": 0.25}]
    return [
        *rows,
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.5},
        _HEAD,
    ]


def _resnet(data: Signature) -> list[Row | Layer]:
    rows: list[Row] = [
        {**_conv(16, activation="linear", padding="same", use_bias=False), "name": "stem", "inputs": [INPUT]},
        {"kind": "BatchNormalization", "name": "stem_norm", "momentum": 0.9},
        {"kind": "Activation", "name": "stem_out", "activation": "relu"},
    ]
    layers: list[Layer] = []
    source, channels = "stem_out", 16
    for number, filters in enumerate((16, 32, 64), start=1):
        block = Residual(filters=filters, strides=1 if number == 1 else 2)
        # Only the channels decide what a residual block is made of.
        layers += block.layers(f"block{number}", source, (*data.inputs[INPUT].shape[:2], channels))
        source, channels = layers[-1].name, filters
    return [*rows, *layers, {"kind": "GlobalAveragePooling2D"}, _HEAD]


def _mlp(data: Signature) -> list[Row]:
    return [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 256, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        _HEAD,
    ]


TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("cnn", N_("First CNN"), N_("One convolution, one pooling, two dense layers."), IMAGES, _cnn),
        Template("lenet5", N_("LeNet-5"), N_("The classic for digits (LeCun et al., 1998)."), IMAGES, _lenet),
        Template("vgg", N_("VGG-like"), N_("Pairs of 3 × 3 convolutions, deeper and deeper."), IMAGES, _vgg),
        Template("resnet", N_("Small ResNet"), N_("Three residual blocks with shortcuts."), IMAGES, _resnet),
        Template("mlp", N_("MLP"), N_("Only dense layers: no notion of neighbourhood."), IMAGES, _mlp),
        Template("empty", N_("Empty"), N_("Start from nothing."), ANY_KIND, lambda data: []),
    )
}


def template(name: str) -> Template:
    """The template of that name.

    Raises:
        SpecError: there is none; lists the nearest.
    """
    if name not in TEMPLATES:
        raise unknown_name(N_("template"), name, TEMPLATES)
    return TEMPLATES[name]


def templates_for(kind: DataKind) -> list[Template]:
    """The templates that fit a kind of data, the one it starts with first."""
    return [one for one in TEMPLATES.values() if kind in one.kinds]


IMAGE_SIDE = 32
"""Pixels that images of different sizes are brought to at first."""


def _steps(facts: DatasetFacts) -> list[Row]:
    """The preprocessing that a kind of data starts with."""
    match facts.kind:
        case DataKind.IMAGE:
            resize = {"kind": "Resizing", "height": IMAGE_SIDE, "width": IMAGE_SIDE}
            return [*([] if facts.input_shape else [resize]), {"kind": "Rescaling"}]
        case _:
            return []


def proposal(facts: DatasetFacts) -> ExperimentSpec:
    """An experiment that does well on a dataset without a change: its steps, its model, its training."""
    spec = ExperimentSpec.from_dict(
        {
            "name": facts.name,
            "dataset": {"name": facts.name, "version": facts.version},
            "preprocessing": _steps(facts),
        }
    )
    seen = signature(prepared_facts(spec, facts), spec.preprocessing)
    return spec.updated(model=templates_for(facts.kind)[0].build(seen))


def moved_to(spec: ExperimentSpec, facts: DatasetFacts) -> ExperimentSpec:
    """The experiment on another dataset: as it is where it fits, else with what that data starts with."""
    moved = spec.updated(dataset=spec.dataset.updated(name=facts.name, version=facts.version))
    try:
        check(moved, facts)
    except SpecError:
        fresh = proposal(facts)
        keep = {"name": spec.name, "seed": spec.seed}
        return fresh.updated(**keep)
    return moved
