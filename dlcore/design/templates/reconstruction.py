"""Models that give back what they are given, through a narrow middle: what is unlike the rest comes back badly."""

from __future__ import annotations

from dlcore.design.templates.base import HEAD, Row, Template
from dlcore.errors import N_
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.layers.base import element_count
from dlcore.spec.signature import INPUT, Signature

NUMBERS = frozenset({DataKind.TABLE, DataKind.SERIES, DataKind.ARRAY})
SEQUENCES = frozenset({DataKind.SERIES, DataKind.ARRAY})
RANK = 2
"""Axes of a window or of a whole series."""

_WIDEST, _CODE = 256, 32
"""Units of the widest layer, and of the narrow middle, at most."""


def _dense(data: Signature) -> list[Row | Layer]:
    numbers = element_count(data.inputs[INPUT].shape)
    code = max(1, min(_CODE, numbers // 4))
    wide = max(4 * code, min(_WIDEST, numbers))

    def dense(units: int) -> Row:
        return {"kind": "Dense", "units": units, "activation": "relu"}

    flat: list[Row | Layer] = [{"kind": "Flatten"}] if len(data.inputs[INPUT].shape) > 1 else []
    return [*flat, dense(wide), {"kind": "Dense", "name": "code", "units": code}, dense(wide), HEAD]


def _conv(data: Signature) -> list[Row | Layer]:
    length, features = data.inputs[INPUT].shape
    shared: Row = {"kernel_size": 5, "strides": 2, "padding": "same", "activation": "relu"}
    # Each convolution halves the length, rounded up, and each transposed one doubles it.
    left = 4 * -(-length // 4) - length
    crop: list[Row | Layer] = [{"kind": "Cropping1D", "cropping": (0, left)}] if left else []
    return [
        {"kind": "Conv1D", "filters": 32, **shared},
        {"kind": "Conv1D", "name": "code", "filters": 8, **shared},
        {"kind": "Conv1DTranspose", "filters": 8, **shared},
        {"kind": "Conv1DTranspose", "filters": 32, **shared},
        *crop,
        {"kind": "Conv1D", "filters": features, "kernel_size": 5, "padding": "same"},
        {"kind": "Flatten"},
    ]


RECONSTRUCTION_TEMPLATES = (
    Template(
        "autoencoder_conv", N_("Autoencoder, convolutional"),
        N_("Shortens the series to a quarter, and brings it back to its length."),
        SEQUENCES, _conv, RANK, reconstructs=True,
    ),
    Template(
        "autoencoder", N_("Autoencoder, dense"), N_("Dense layers with a narrow one in the middle."),
        NUMBERS, _dense, reconstructs=True,
    ),
)  # fmt: skip
