"""Models for images, and for pictures of sound."""

from __future__ import annotations

from typing import Any

from dlcore.design.templates.base import HEAD, Row, Template
from dlcore.errors import N_
from dlcore.spec.blocks import Residual, TransformerEncoder
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.signature import INPUT, Signature

IMAGES = frozenset({DataKind.IMAGE, DataKind.AUDIO, DataKind.ARRAY})
"""What has height, width and channels: pictures, and pictures of sound."""
RANK = 3
"""Their axes."""

PATCHES = 8
"""Into how many patches the shorter side of an image is cut."""


def _conv(filters: int, **more: Any) -> Row:
    return {"kind": "Conv2D", "filters": filters, "kernel_size": 3, "activation": "relu", **more}


_POOL: Row = {"kind": "MaxPooling2D"}


def _cnn(data: Signature) -> list[Row]:
    return [
        _conv(32),
        _POOL,
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        HEAD,
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
        HEAD,
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
        HEAD,
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
    return [*rows, *layers, {"kind": "GlobalAveragePooling2D"}, HEAD]


def _vit(data: Signature) -> list[Row | Layer]:
    patch, features = max(2, min(data.inputs[INPUT].shape[:2]) // PATCHES), 64
    rows: list[Row] = [
        {
            "kind": "Conv2D", "name": "patches", "filters": features, "kernel_size": patch, "strides": patch,
            "inputs": [INPUT],
        },
        {"kind": "Reshape", "name": "sequence", "target_shape": (-1, features)},
        {"kind": "PositionEmbedding", "name": "tokens"},
    ]  # fmt: skip
    layers: list[Layer] = []
    source = "tokens"
    for number in (1, 2, 3):
        # Only the features decide what a block is made of.
        layers += TransformerEncoder().layers(f"block{number}", source, (1, features))
        source = layers[-1].name
    return [*rows, *layers, {"kind": "GlobalAveragePooling1D"}, {"kind": "Dropout", "rate": 0.2}, HEAD]


def _mlp(data: Signature) -> list[Row]:
    return [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 256, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        HEAD,
    ]


IMAGE_TEMPLATES = (
    Template(
        "cnn", N_("First CNN"), N_("One convolution, one pooling, two dense layers."), IMAGES, _cnn, RANK
    ),
    Template(
        "lenet5", N_("LeNet-5"), N_("The classic for digits (LeCun et al., 1998)."), IMAGES, _lenet, RANK
    ),
    Template(
        "vgg", N_("VGG-like"), N_("Pairs of 3 × 3 convolutions, increasingly deep."), IMAGES, _vgg, RANK
    ),
    Template(
        "resnet", N_("Small ResNet"), N_("Three residual blocks with shortcuts."), IMAGES, _resnet, RANK
    ),
    Template(
        "vit",
        N_("Small ViT"),
        N_("Patches as a sequence, and three self-attention blocks."),
        IMAGES,
        _vit,
        RANK,
    ),
    Template("mlp", N_("MLP"), N_("Dense layers only: no notion of neighborhood."), IMAGES, _mlp),
)
