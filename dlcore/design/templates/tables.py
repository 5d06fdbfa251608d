"""Models for tables and for ratings."""

from __future__ import annotations

from dlcore.design.templates.base import HEAD, Row, Template, free_name, id_vectors
from dlcore.errors import N_
from dlcore.spec.data import DataKind
from dlcore.spec.layers import Layer
from dlcore.spec.signature import INPUT, ITEM, USER, Signature

TABLES, RATINGS = frozenset({DataKind.TABLE}), frozenset({DataKind.RATINGS})


def _together(data: Signature) -> list[Row | Layer]:
    """Returns all inputs as one vector: numbers as they are, ids as learned vectors."""
    rows, flats = id_vectors(data)
    joined = [*([INPUT] if INPUT in data.inputs else []), *flats]
    if len(joined) > 1:
        rows.append({"kind": "Concatenate", "name": free_name("all", data), "inputs": joined})
    return [*rows]


def _linear(data: Signature) -> list[Row | Layer]:
    return [*_together(data), HEAD]


def _mlp(data: Signature) -> list[Row | Layer]:
    return [
        *_together(data),
        {"kind": "Dense", "units": 256, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "units": 128, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.2},
        HEAD,
    ]


def _vectors(size: int, penalty: float) -> list[Row | Layer]:
    rows: list[Row | Layer] = []
    for name in (USER, ITEM):
        rows += [
            {
                "kind": "Embedding", "name": f"{name}_vector", "output_dim": size, "inputs": [name],
                "embeddings_regularizer": {"kind": "L2", "l2": penalty},
            },
            {"kind": "Flatten", "name": f"{name}_flat", "inputs": [f"{name}_vector"]},
        ]  # fmt: skip
    return rows


def _factors(data: Signature) -> list[Row | Layer]:
    rows = _vectors(4, 1e-4)
    for name in (USER, ITEM):
        rows += [
            {
                "kind": "Embedding", "name": f"{name}_bias", "output_dim": 1, "inputs": [name],
                "embeddings_initializer": "zeros",
                "embeddings_regularizer": {"kind": "L2", "l2": 1e-5},
            },
            {"kind": "Flatten", "name": f"{name}_bias_flat", "inputs": [f"{name}_bias"]},
        ]  # fmt: skip
    return [
        *rows,
        {"kind": "Dot", "name": "match", "axes": -1, "inputs": ["user_flat", "item_flat"]},
        {"kind": "Add", "name": "rating", "inputs": ["match", "user_bias_flat", "item_bias_flat"]},
    ]


def _neural(data: Signature) -> list[Row | Layer]:
    return [
        *_vectors(16, 1e-5),
        {"kind": "Concatenate", "name": "pair", "inputs": ["user_flat", "item_flat"]},
        {"kind": "Dense", "units": 64, "activation": "relu"},
        {"kind": "Dropout", "rate": 0.2},
        {"kind": "Dense", "units": 32, "activation": "relu"},
        HEAD,
    ]


TABLE_TEMPLATES = (
    Template("table_mlp", N_("Table, MLP"), N_("Two dense layers over all columns."), TABLES, _mlp),
    Template("table_linear", N_("Table, linear"), N_("A weighted sum of all columns."), TABLES, _linear),
    Template(
        "factors", N_("Matrix factors"), N_("A vector for each user and item, and how well they match."),
        RATINGS, _factors,
    ),
    Template(
        "neural_ratings", N_("Neural recommender"), N_("A small dense network over user and item."), RATINGS,
        _neural,
    ),
)  # fmt: skip
