"""Models that forecast a series."""

from __future__ import annotations

from dlcore.design.templates.base import Row, Template, free_name, id_vectors
from dlcore.errors import N_, Message
from dlcore.spec.data import LAST_VALUE, DataKind, DatasetFacts
from dlcore.spec.layers import Layer
from dlcore.spec.signature import INPUT, Signature

SERIES = frozenset({DataKind.SERIES})


def start_notes(facts: DatasetFacts) -> tuple[Message, ...]:
    """Returns what the templates of a series start a forecast from, in words, where it is not the last value."""
    start = facts.forecast_start
    if start == LAST_VALUE:
        return ()
    if start.share == 1:
        text = N_(
            "forecasts start from the mean of the last {rows} rows: outside the test part, it was clearly nearer"
            " to the next value than the last one."
        )
    elif start.rows == 1:
        text = N_(
            "forecasts start from the last value, drawn to the mean ({percent} %): outside the test part, it was"
            " clearly nearer to the next value than the last one."
        )
    else:
        text = N_(
            "forecasts start from the mean of the last {rows} rows, drawn to the mean of all ({percent} %):"
            " outside the test part, it was clearly nearer to the next value than the last one."
        )
    rows = [_level(start.rows)[0], *_towards_mean(start.share)]
    params: dict[str, object] = {
        "rows": start.rows,
        "percent": round(100 * (1 - start.share)),
        "layers": ", ".join(row["name"] for row in rows),
    }
    return (Message(text, N_("To start elsewhere, change the model's layers: {layers}."), params=params),)


def _from_the_start(data: Signature, rows: list[Row]) -> list[Row | Layer]:
    """Returns what forecasts the change from the start, and adds that.

    The start is the last row that is seen, unless the data says that the mean of the last rows is better. At first
    all weights of the change are 0: the network starts as the forecast that nothing changes, however
    high the series has risen. The change is a weighted sum of the window, beside what `rows` make of it and of
    the series' id, if it is seen. Both see each value by how far it is from the start, brought to mean 0
    and deviation 1.

    Args:
        data: with a window among the inputs.
        rows: they take `scaled`, all values of the window in a row, and end in a vector.
    """
    columns = data.inputs[INPUT].shape[1]
    places = data.continued or tuple(range(columns))
    zeros = {"kernel_initializer": "zeros"}
    vectors, flats = id_vectors(data)
    joined: Row = {"kind": "Concatenate", "name": "all", "inputs": [rows[-1]["name"], *flats]}
    level = _level(data.start.rows)
    made: list[Row] = [
        *level,
        {"kind": "Subtract", "name": "differences", "inputs": [INPUT, level[-1]["name"]]},
        {"kind": "Flatten", "name": "flat"},
        {"kind": "Normalization", "name": "scaled"},
        {"kind": "Dense", "name": "line", **zeros},
        *rows,
        *([joined] if flats else []),
        {"kind": "Dense", "name": "curve", **zeros},
        {"kind": "Add", "name": "change", "inputs": ["line", "curve"]},
        {"kind": "Reshape", "name": "steps", "target_shape": [-1, len(places)]},
        *(known := [*_targets_of(level[-1]["name"], places, columns), *_towards_mean(data.start.share)]),
        {"kind": "Add", "name": "ahead", "inputs": ["steps", known[-1]["name"]]},
        {"kind": "Flatten", "name": "forecast"},
    ]
    own = {row["name"]: free_name(row["name"], data) for row in made}
    named = [
        {**row, "name": own[row["name"]]}
        | ({"inputs": [own.get(source, source) for source in row["inputs"]]} if "inputs" in row else {})
        for row in made
    ]
    return [*vectors, *named]


def _level(rows: int) -> list[Row]:
    """Returns what makes one row of the last ones: their mean."""
    if rows == 1:
        return [{"kind": "Cropping1D", "name": "last_row", "cropping": [-1, 0], "inputs": [INPUT]}]
    return [
        {"kind": "Cropping1D", "name": "last_rows", "cropping": [-rows, 0], "inputs": [INPUT]},
        {"kind": "GlobalAveragePooling1D", "name": "level", "keepdims": True},
    ]


def _towards_mean(share: float) -> list[Row]:
    """Returns what keeps a share of the distance from the mean, which is 0."""
    return [{"kind": "Rescaling", "name": "towards_mean", "scale": share}] if share < 1 else []


def _targets_of(row: str, places: tuple[int, ...], columns: int) -> list[Row]:
    """Returns what takes the columns that are forecast out of a row."""
    if places == tuple(range(columns)):
        return [{"kind": "Reshape", "name": "known", "target_shape": [1, columns], "inputs": [row]}]
    taken: list[Row] = [
        {
            "kind": "Cropping1D", "name": f"target_{place}", "cropping": [place, columns - 1 - place],
            "inputs": ["columns"],
        }
        for place in places
    ]  # fmt: skip
    together: Row = {"kind": "Reshape", "name": "known", "target_shape": [1, len(places)]}
    if len(taken) > 1:
        names = [row["name"] for row in taken]
        taken.append({"kind": "Concatenate", "name": "targets", "axis": 1, "inputs": names})
    return [{"kind": "Permute", "name": "columns", "dims": [2, 1], "inputs": [row]}, *taken, together]


def _window(data: Signature) -> Row:
    columns = data.inputs[INPUT].shape[1]
    return {"kind": "Reshape", "name": "window", "target_shape": [-1, columns], "inputs": ["scaled"]}


def _mlp(data: Signature) -> list[Row | Layer]:
    hidden: Row = {"kind": "Dense", "name": "hidden", "units": 16, "activation": "relu", "inputs": ["scaled"]}
    return _from_the_start(data, [hidden])


def _conv(data: Signature) -> list[Row | Layer]:
    filters: Row = {
        "kind": "Conv1D", "name": "filters", "filters": 16, "kernel_size": 3, "padding": "causal",
        "activation": "relu",
    }  # fmt: skip
    return _from_the_start(data, [_window(data), filters, {"kind": "GlobalAveragePooling1D", "name": "pool"}])


def _lstm(data: Signature) -> list[Row | Layer]:
    return _from_the_start(data, [_window(data), {"kind": "LSTM", "name": "memory", "units": 16}])


SERIES_TEMPLATES = (
    Template(
        "series_mlp",
        N_("Series, MLP"),
        N_("A dense layer next to a weighted sum of the past."),
        SERIES,
        _mlp,
        notes=start_notes,
    ),
    Template(
        "series_conv1d",
        N_("Series, Conv1D"),
        N_("Convolutions next to a weighted sum of the past."),
        SERIES,
        _conv,
        notes=start_notes,
    ),
    Template(
        "series_lstm",
        N_("Series, LSTM"),
        N_("A recurrent layer next to a weighted sum of the past."),
        SERIES,
        _lstm,
        notes=start_notes,
    ),
)
