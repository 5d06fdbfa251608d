"""Models to start from; each fits any image of at least 8 × 8 pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dlcore.errors import N_, unknown_name
from dlcore.spec.blocks import Residual
from dlcore.spec.layers import Layer, Shape
from dlcore.spec.model import INPUT, ModelSpec
from dlcore.spec.problems import parse

Row = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A named starting point.

    Attributes:
        name: stands in URLs and specs.
        title: for people, translatable.
        summary: one line of help, translatable.
        rows: makes the layers for an input shape.
    """

    name: str
    title: str
    summary: str
    rows: Callable[[Shape], Sequence[Row | Layer]]

    def build(self, input_shape: Shape) -> ModelSpec:
        """The model for images of that shape."""
        return parse(ModelSpec, {"layers": self.rows(input_shape)})


def _conv(filters: int, **more: Any) -> Row:
    return {"kind": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu", **more}


_HEAD: Row = {"kind": "Dense"}
_POOL: Row = {"kind": "MaxPooling2D"}


def _cnn(shape: Shape) -> list[Row]:
    return [
        _conv(32),
        _POOL,
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        _HEAD,
    ]


def _lenet(shape: Shape) -> list[Row]:
    # The second convolution had no padding on 32 × 32; on small images its window would not fit.
    second = "valid" if min(shape[:2]) >= 16 else "same"
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


def _vgg(shape: Shape) -> list[Row]:
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


def _resnet(shape: Shape) -> list[Row | Layer]:
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
        layers += block.layers(f"block{number}", source, (*shape[:2], channels))
        source, channels = layers[-1].name, filters
    return [*rows, *layers, {"kind": "GlobalAveragePooling2D"}, _HEAD]


def _mlp(shape: Shape) -> list[Row]:
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
        Template("cnn", N_("First CNN"), N_("One convolution, one pooling, two dense layers."), _cnn),
        Template("lenet5", N_("LeNet-5"), N_("The classic for digits (LeCun et al., 1998)."), _lenet),
        Template("vgg", N_("VGG-like"), N_("Pairs of 3 × 3 convolutions, deeper and deeper."), _vgg),
        Template("resnet", N_("Small ResNet"), N_("Three residual blocks with shortcuts."), _resnet),
        Template("mlp", N_("MLP"), N_("Only dense layers: no notion of neighbourhood."), _mlp),
        Template("empty", N_("Empty"), N_("Start from nothing."), lambda shape: []),
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
