"""Models for texts and recordings."""

from __future__ import annotations

from dlcore.design.templates.base import HEAD, Row, Template
from dlcore.errors import N_
from dlcore.spec.blocks import TokenAndPosition, TransformerEncoder
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.signature import INPUT, Signature

TEXTS, SOUNDS = frozenset({DataKind.TEXT}), frozenset({DataKind.AUDIO})


def _text_start(data: Signature) -> list[Row | Layer]:
    """Vectors of words; counts of words as they are."""
    if data.inputs[INPUT].vocabulary is None:
        return [{"kind": "Dense", "units": 64, "activation": "relu"}, {"kind": "Dropout", "rate": 0.3}]
    return []


def _text_conv(data: Signature) -> list[Row | Layer]:
    if start := _text_start(data):
        return [*start, HEAD]
    return [
        {"kind": "Embedding", "output_dim": 64},
        {"kind": "SpatialDropout1D", "rate": 0.2},
        {"kind": "Conv1D", "filters": 64, "kernel_size": 3, "padding": "same", "activation": "relu"},
        {"kind": "GlobalMaxPooling1D"},
        {"kind": "Dropout", "rate": 0.3},
        {"kind": "Dense", "units": 32, "activation": "relu"},
        HEAD,
    ]


def _text_lstm(data: Signature) -> list[Row | Layer]:
    if start := _text_start(data):
        return [*start, HEAD]
    return [
        {"kind": "Embedding", "output_dim": 64, "mask_zero": True},
        {"kind": "Bidirectional", "layer": {"kind": "LSTM", "units": 32}},
        {"kind": "Dropout", "rate": 0.3},
        HEAD,
    ]


def _text_transformer(data: Signature) -> list[Row | Layer]:
    if start := _text_start(data):
        return [*start, HEAD]
    shape, size = data.inputs[INPUT].shape, 32
    return [
        *TokenAndPosition(output_dim=size).layers("text", INPUT, shape),
        *TransformerEncoder(num_heads=2, feed_forward=32).layers("block", "text_positions", (*shape, size)),
        {"kind": "GlobalAveragePooling1D"},
        {"kind": "Dropout", "rate": 0.3},
        HEAD,
    ]


def _norm_relu() -> list[Row]:
    return [{"kind": "BatchNormalization", "momentum": 0.9}, {"kind": "Activation", "activation": "relu"}]


def _sound_cnn(data: Signature) -> list[Row | Layer]:
    rows: list[Row | Layer] = []
    for filters in (32, 64, 128):
        rows += [
            {"kind": "Conv2D", "filters": filters, "kernel_size": 3, "padding": "same", "use_bias": False},
            *_norm_relu(),
            {"kind": "MaxPooling2D", "padding": "same"},
        ]
    # The mean over the picture: a word is the same word earlier, later, or in a higher voice.
    return [*rows, {"kind": "GlobalAveragePooling2D"}, {"kind": "Dropout", "rate": 0.2}, HEAD]


def _sound_gru(data: Signature) -> list[Row | Layer]:
    return [
        {"kind": "TimeDistributed", "layer": {"kind": "Flatten"}},
        {"kind": "Bidirectional", "layer": {"kind": "GRU", "units": 48}},
        {"kind": "Dropout", "rate": 0.3},
        HEAD,
    ]


SEQUENCE_TEMPLATES = (
    Template(
        "text_conv1d", N_("Text, Conv1D"), N_("Word vectors, and filters over neighbouring words."),
        TEXTS, _text_conv,
    ),
    Template(
        "text_bilstm", N_("Text, BiLSTM"), N_("Word vectors, read forward and backward."), TEXTS, _text_lstm
    ),
    Template(
        "text_transformer", N_("Text, transformer"), N_("Vectors of words and positions, and a self-attention block."),
        TEXTS, _text_transformer,
    ),
    Template(
        "sound_cnn", N_("Spectrogram CNN"), N_("Convolutions over time and pitch."), SOUNDS, _sound_cnn
    ),
    Template("sound_gru", N_("Spectrogram GRU"), N_("Reads the sound step by step."), SOUNDS, _sound_gru),
)  # fmt: skip
