"""Recurrent layers written out: what each gate says at each step, as Keras computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.analysis.learning.activations import ACTIVATIONS

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recurrence:
    """A recurrent layer over time.

    Attributes:
        gates: (steps, units) what each gate, and what else is computed, is at each step, by its sign in the formulas.
        states: (steps, units) what the layer gives at each step: h.
        seen: (steps,) which steps there are; the others are padding, and change nothing.
    """

    gates: Mapping[str, Values]
    states: Values
    seen: npt.NDArray[np.bool_]


def recur(
    kind: str,
    config: Mapping[str, Any],
    x: Values,
    weights: Sequence[Values],
    seen: npt.NDArray[np.bool_] | None = None,
) -> Recurrence:
    """Returns a recurrent layer written out.

    Args:
        kind: `SimpleRNN`, `LSTM` or `GRU`.
        config: Keras' own: activations, `use_bias`, `reset_after`, `go_backwards`.
        x: (steps, features) what comes in.
        weights: kernel, recurrent kernel and, if there is one, bias.
        seen: (steps,) where the sample is; None: everywhere.
    """
    known = np.ones(len(x), bool) if seen is None else seen
    if config.get("go_backwards"):
        x, known = x[::-1], known[::-1]
    units = weights[1].shape[0]
    hidden, memory = np.zeros(units), np.zeros(units)
    rows: list[Mapping[str, Values]] = []
    for values, is_there in zip(x, known, strict=True):
        gates = _STEPS[kind](config, values, hidden, memory, weights)
        if is_there:
            hidden, memory = gates["h"], gates.get("c", memory)
        rows.append({**gates, "h": hidden} | ({"c": memory} if "c" in gates else {}))
    stacked = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return Recurrence(stacked, stacked["h"], known)


def _apply(config: Mapping[str, Any], name: str, values: Values) -> Values:
    return ACTIVATIONS[config[name]].value(values)


def _simple(
    config: Mapping[str, Any], x: Values, hidden: Values, _memory: Values, weights: Sequence[Values]
) -> Mapping[str, Values]:
    kernel, recurrent, *bias = weights
    before = x @ kernel + hidden @ recurrent + sum(bias)
    return {"z": before, "h": _apply(config, "activation", before)}


def _lstm(
    config: Mapping[str, Any], x: Values, hidden: Values, memory: Values, weights: Sequence[Values]
) -> Mapping[str, Values]:
    kernel, recurrent, *bias = weights
    entry, forget, fresh, out = np.split(x @ kernel + hidden @ recurrent + sum(bias), 4)
    entry, forget, out = (_apply(config, "recurrent_activation", one) for one in (entry, forget, out))
    fresh = _apply(config, "activation", fresh)
    memory = forget * memory + entry * fresh
    state = out * _apply(config, "activation", memory)
    return {"i": entry, "f": forget, "g": fresh, "o": out, "c": memory, "h": state}


def _gru(
    config: Mapping[str, Any], x: Values, hidden: Values, _memory: Values, weights: Sequence[Values]
) -> Mapping[str, Values]:
    kernel, recurrent, *bias = weights
    reset_after = bool(config.get("reset_after"))
    given = x @ kernel + (bias[0][0] if bias and reset_after else sum(bias))
    back = bias[0][1] if bias and reset_after else np.zeros(recurrent.shape[1])
    of_z, of_r, of_h = np.split(given, 3)
    u_z, u_r, u_h = np.split(recurrent, 3, axis=1)
    b_z, b_r, b_h = np.split(back, 3)
    update = _apply(config, "recurrent_activation", of_z + hidden @ u_z + b_z)
    reset = _apply(config, "recurrent_activation", of_r + hidden @ u_r + b_r)
    earlier = reset * (hidden @ u_h + b_h) if reset_after else (reset * hidden) @ u_h
    fresh = _apply(config, "activation", of_h + earlier)
    return {"z": update, "r": reset, "g": fresh, "h": update * hidden + (1 - update) * fresh}


_STEPS: Mapping[str, Callable[..., Mapping[str, Values]]] = {
    "SimpleRNN": _simple,
    "LSTM": _lstm,
    "GRU": _gru,
}

RECURRENT = frozenset(_STEPS)
"""The layers that are written out over time."""

FORMULAS: Mapping[str, tuple[str, ...]] = {
    "SimpleRNN": (r"h_t = f(W x_t + U h_{t-1} + b)",),
    "LSTM": (
        r"i_t = \sigma(W_i x_t + U_i h_{t-1} + b_i)",
        r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
        r"g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
        r"o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        r"h_t = o_t \odot \tanh(c_t)",
    ),
    "GRU": (
        r"z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z)",
        r"r_t = \sigma(W_r x_t + U_r h_{t-1} + b_r)",
        r"g_t = \tanh\bigl(W_g x_t + r_t \odot (U_g h_{t-1} + b_u) + b_g\bigr)",
        r"h_t = z_t \odot h_{t-1} + (1 - z_t) \odot g_t",
    ),
}
"""In LaTeX, with the usual activations."""
