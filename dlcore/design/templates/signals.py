"""Models for samples that are whole series: (time, features), such as movements, heartbeats and spectra."""

from __future__ import annotations

from dlcore.design.templates.base import HEAD, Row, Template
from dlcore.errors import N_
from dlcore.spec.blocks import TransformerEncoder
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.signature import INPUT, Signature

ARRAYS = frozenset({DataKind.ARRAY})
RANK = 2
"""Axes of a whole series."""

STEPS = 128
"""What a longer series is shortened to before each step is read, or looks at all others."""

_FILTERS = ((64, 8), (128, 5), (64, 3))
"""Half as many as published, which learn as well from the few series that there usually are."""


def _fcn(data: Signature) -> list[Row | Layer]:
    rows: list[Row | Layer] = []
    for filters, size in _FILTERS:
        rows += [
            {"kind": "Conv1D", "filters": filters, "kernel_size": size, "padding": "same", "use_bias": False},
            {"kind": "BatchNormalization", "momentum": 0.9},
            {"kind": "Activation", "activation": "relu"},
        ]
    return [*rows, {"kind": "GlobalAveragePooling1D"}, HEAD]


def _shortening(length: int, filters: int, most: int) -> Row:
    """Returns a convolution after which there are at most so many steps."""
    strides = -(-length // most)
    return {
        "kind": "Conv1D", "name": "steps", "filters": filters, "kernel_size": max(3, 2 * strides), "strides": strides,
        "padding": "same", "activation": "relu",
    }  # fmt: skip


def _lstm(data: Signature) -> list[Row | Layer]:
    length = data.inputs[INPUT].shape[0]
    start = [_shortening(length, 32, STEPS)] if length > STEPS else []
    memory = {"kind": "Bidirectional", "layer": {"kind": "LSTM", "units": 64}}
    return [*start, memory, {"kind": "Dropout", "rate": 0.3}, HEAD]


def _transformer(data: Signature) -> list[Row | Layer]:
    shortening = _shortening(data.inputs[INPUT].shape[0], 64, STEPS)
    # Attention alone knows no order.
    places: Row = {"kind": "PositionEmbedding", "name": "places"}
    layers: list[Layer] = []
    source, length = places["name"], -(-data.inputs[INPUT].shape[0] // shortening["strides"])
    for number in (1, 2):
        layers += TransformerEncoder().layers(f"block{number}", source, (length, 64))
        source = layers[-1].name
    return [
        shortening,
        places,
        *layers,
        {"kind": "GlobalAveragePooling1D"},
        {"kind": "Dropout", "rate": 0.2},
        HEAD,
    ]


SIGNAL_TEMPLATES = (
    Template(
        "signal_fcn", N_("Series, convolutional"), N_("Three convolutions over time, and their mean (Wang et al., 2017)."),
        ARRAYS, _fcn, RANK,
    ),
    Template(
        "signal_lstm", N_("Series, BiLSTM"), N_("Reads the whole series forward and backward."), ARRAYS, _lstm, RANK
    ),
    Template(
        "signal_transformer", N_("Series, transformer"), N_("Each stretch of the series attends to all others."),
        ARRAYS, _transformer, RANK,
    ),
)  # fmt: skip
