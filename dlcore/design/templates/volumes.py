"""Models for samples of four axes: volumes such as scans, (depth, height, width, channels), and videos."""

from __future__ import annotations

from dlcore.design.templates.base import HEAD, Row, Template
from dlcore.errors import N_
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.signature import Signature

ARRAYS = frozenset({DataKind.ARRAY})
RANK = 4
"""Their axes."""


def _norm_relu() -> list[Row]:
    return [{"kind": "BatchNormalization", "momentum": 0.9}, {"kind": "Activation", "activation": "relu"}]


def _conv3d(data: Signature) -> list[Row | Layer]:
    rows: list[Row | Layer] = []
    for filters in (16, 32, 64):
        rows += [
            {"kind": "Conv3D", "filters": filters, "kernel_size": 3, "padding": "same", "use_bias": False},
            *_norm_relu(),
            {"kind": "MaxPooling3D", "padding": "same"},
        ]
    return [*rows, {"kind": "GlobalAveragePooling3D"}, {"kind": "Dropout", "rate": 0.3}, HEAD]


def _conv_lstm(data: Signature) -> list[Row | Layer]:
    memory: Row = {"kind": "ConvLSTM2D", "kernel_size": 3, "padding": "same"}
    return [
        {**memory, "filters": 16, "return_sequences": True},
        {"kind": "BatchNormalization", "momentum": 0.9},
        {"kind": "MaxPooling3D", "pool_size": (1, 2, 2), "padding": "same"},
        {**memory, "filters": 32},
        {"kind": "BatchNormalization", "momentum": 0.9},
        {"kind": "GlobalAveragePooling2D"},
        {"kind": "Dropout", "rate": 0.3},
        HEAD,
    ]


VOLUME_TEMPLATES = (
    Template(
        "conv3d", N_("Volume, Conv3D"), N_("Convolutions through depth, or time, height and width."),
        ARRAYS, _conv3d, RANK,
    ),
    Template(
        "conv_lstm", N_("Video, ConvLSTM"), N_("Reads image after image; the gates are convolutions."),
        ARRAYS, _conv_lstm, RANK,
    ),
)  # fmt: skip
