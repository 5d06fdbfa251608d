"""Value steps fitted on the training part: what each input's numbers are multiplied by and moved by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.parts import BLOCK, Array, Part
from dlcore.spec.preprocessing import (
    LogTransform,
    MinMaxScaler,
    Normalization,
    Rescaling,
    RobustScaler,
    ValueStep,
)

Floats = npt.NDArray[np.float64]

MOST_FOR_QUANTILES = 20_000
"""Training samples that quantiles are taken from; more change the third digit at most."""

SMALLEST = 1e-7
"""Of its size, how much a number must change: less is only the rounding of float32."""


@dataclass(frozen=True)
class Affine:
    """`x · scale + offset`, broadcast over the last axis."""

    scale: npt.NDArray[np.float32]
    offset: npt.NDArray[np.float32]

    def __call__(self, x: Array) -> Array:
        """The values it gives."""
        result: Array = x.astype(np.float32) * self.scale + self.offset
        return result


@dataclass(frozen=True)
class Logarithm:
    """`sign(x) · log(1 + |x|)`."""

    def __call__(self, x: Array) -> Array:
        """The values it gives."""
        floats = x.astype(np.float32)
        result: Array = np.sign(floats) * np.log1p(np.abs(floats))
        return result


ValueOp = Affine | Logarithm


def op_to_dict(op: ValueOp) -> dict[str, Any]:
    """Returns an operation in a JSON-ready form."""
    if isinstance(op, Affine):
        return {"kind": "affine", "scale": op.scale.tolist(), "offset": op.offset.tolist()}
    return {"kind": "logarithm"}


def op_from_dict(data: Mapping[str, Any]) -> ValueOp:
    """Restores what `op_to_dict` returned."""
    if data["kind"] == "logarithm":
        return Logarithm()
    return Affine(np.array(data["scale"], np.float32), np.array(data["offset"], np.float32))


def fit_value_ops(part: Part, name: str, steps: Iterable[ValueStep]) -> tuple[ValueOp, ...]:
    """Returns the operations that the steps amount to for one input; neighbouring affine ones are merged.

    Args:
        part: the training part; nothing else is looked at.
        name: the input.
        steps: in order.
    """
    ops: list[ValueOp] = []
    for step in steps:
        if isinstance(step, LogTransform):
            ops.append(Logarithm())
            continue
        scale, offset = map(np.asarray, _affine(step, part, name, tuple(ops)))
        if ops and isinstance(last := ops[-1], Affine):
            ops.pop()
            scale, offset = scale * last.scale, scale * last.offset + offset
        ops.append(Affine(np.asarray(scale, np.float32), np.asarray(offset, np.float32)))
    return tuple(ops)


def _affine(
    step: ValueStep, part: Part, name: str, ops: tuple[ValueOp, ...]
) -> tuple[Floats | float, Floats | float]:
    match step:
        case Rescaling():
            return step.scale, step.offset
        case Normalization():
            mean, deviation = _moments(part, name, ops, whole=step.per == "all")
            divisor = _told_apart(deviation, mean)
            return 1 / divisor, -mean / divisor
        case MinMaxScaler():
            low, high = _extremes(part, name, ops, whole=step.per == "all")
            scale = (step.high - step.low) / _told_apart(high - low, low)
            return scale, step.low - low * scale
        case RobustScaler():
            first, middle, third = _quartiles(part, name, ops, whole=step.per == "all")
            # Most values may be equal and the rest still tell something: they are only moved.
            divisor = np.where(third > first, third - first, 1.0)
            return 1 / divisor, -middle / divisor
    raise TypeError(f"no way is known to fit {step.kind}")


def _told_apart(spread: Floats, size: Floats) -> Floats:
    """Returns the divisor: the spread; infinity for a feature that never changes.

    So it is the same everywhere: a model cannot have learned what to make of another value, such as a
    category that only the test part has, and no small divisor may blow it up.
    """
    divisor: Floats = np.where(spread > SMALLEST * np.abs(size), spread, np.inf)
    return divisor


def apply_value_ops(x: Array, ops: Iterable[ValueOp]) -> Array:
    """Returns the values that the operations give."""
    for op in ops:
        x = op(x)
    return x


def extremes_after(part: Part, name: str, ops: tuple[ValueOp, ...]) -> tuple[Floats, Floats]:
    """Returns the lowest and the highest value of each feature of an input, after operations on it."""
    return _extremes(part, name, ops, whole=False)


def moments_after(part: Part, name: str, ops: tuple[ValueOp, ...]) -> tuple[Floats, Floats]:
    """Returns mean and standard deviation of each feature of an input, after operations on it."""
    return _moments(part, name, ops, whole=False)


def count_non_finite(part: Part, name: str) -> int:
    """Returns how many samples of a part hold NaN or infinite numbers in that input."""
    if part.inputs[name].dtype.kind != "f":
        return 0
    count = 0
    for x in part.blocks(name):
        # One sum tells of all: only what is not finite is looked at one by one.
        if not np.isfinite(x.sum(dtype=np.float64)):
            count += int((~np.isfinite(x)).reshape(len(x), -1).any(axis=1).sum())
    return count


def _rows(x: Array, *, whole: bool) -> Floats:
    """(values, features): all axes but the last laid in one."""
    rows: Floats = x.reshape(-1, 1 if whole else x.shape[-1]).astype(np.float64)
    return rows


def _moments(part: Part, name: str, ops: tuple[ValueOp, ...], *, whole: bool) -> tuple[Floats, Floats]:
    """Mean and deviation; slices are joined by the formula of Chan, Golub and LeVeque (1979)."""
    if part.inputs[name].dtype == np.uint8:
        return _moments_of_bytes(part, name, ops, whole=whole)
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for x in part.blocks(name):
        rows = _rows(apply_value_ops(x, ops), whole=whole)
        fresh = rows.mean(axis=0)
        delta, total = fresh - mean, count + len(rows)
        squares = squares + ((rows - fresh) ** 2).sum(axis=0) + delta**2 * count * len(rows) / total
        mean = mean + delta * len(rows) / total
        count = total
    return mean, np.sqrt(squares / max(count, 1))


def _moments_of_bytes(
    part: Part, name: str, ops: tuple[ValueOp, ...], *, whole: bool
) -> tuple[Floats, Floats]:
    """Exactly, by counting the 256 values."""
    channels = part.inputs[name].shape[-1]
    counts = np.zeros((channels, 256), np.int64)
    for x in part.blocks(name):
        for channel in range(channels):
            counts[channel] += np.bincount(x[..., channel].ravel(), minlength=256)
    levels = np.broadcast_to(np.arange(256.0)[:, None], (256, channels))
    values = apply_value_ops(levels, ops).astype(np.float64).T
    if whole:
        counts, values = counts.reshape(1, -1), values.reshape(1, -1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    mean = (shares * values).sum(axis=1)
    return mean, np.sqrt((shares * (values - mean[:, None]) ** 2).sum(axis=1))


def _extremes(part: Part, name: str, ops: tuple[ValueOp, ...], *, whole: bool) -> tuple[Floats, Floats]:
    lows: list[Floats] = []
    highs: list[Floats] = []
    for x in part.blocks(name):
        rows = _rows(apply_value_ops(x, ops), whole=whole)
        lows.append(rows.min(axis=0))
        highs.append(rows.max(axis=0))
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _quartiles(part: Part, name: str, ops: tuple[ValueOp, ...], *, whole: bool) -> Any:
    chosen = np.linspace(0, len(part) - 1, min(len(part), MOST_FOR_QUANTILES)).astype(np.int64)
    values_each = max(1, part.inputs[name][:1].size)
    # Of large samples fewer are enough: there are many values in each.
    few = max(1, 10 * BLOCK // values_each)
    chosen = chosen[:: max(1, -(-len(chosen) // few))]
    rows = [_rows(apply_value_ops(x, ops), whole=whole) for x in part.take(part.indices[chosen]).blocks(name)]
    return np.quantile(np.concatenate(rows), [0.25, 0.5, 0.75], axis=0)
