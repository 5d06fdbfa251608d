"""Operations of Keras that compute value by value, as layers."""

from __future__ import annotations

from dataclasses import replace
from math import cos, sin

from dlcore.design.keras_import.links import Call, Table
from dlcore.design.keras_import.objects import KerasObject
from dlcore.design.keras_import.steps import (
    LARGEST,
    Rule,
    Step,
    is_number,
    layer_step,
    one_operand,
    two_operands,
    unlike_error,
)
from dlcore.spec.layers import SinePositionEncoding


def _line(entry: KerasObject, source: str, scale: float, offset: float) -> list[Step]:
    return layer_step(entry, "Rescaling", (source,), scale=scale, offset=offset)


def _add(entry: KerasObject, call: Call) -> list[Step]:
    if any(isinstance(one, Table) for one in call.operands):
        return _positions(entry, call)
    match two_operands(entry, call):
        case (str(), str()):
            return layer_step(entry, "Add", call.sources)
        case (str(source), number) | (number, str(source)):
            return _line(entry, source, 1.0, float(number))
    raise unlike_error(entry)


def join(entry: KerasObject, call: Call) -> list[Step]:
    """Returns an Add of Keras as itself, unless it adds fixed numbers."""
    return _add(entry, call) if len(call.operands) > len(call.sources) else [Step(entry, call.sources)]


def _positions(entry: KerasObject, call: Call) -> list[Step]:
    """Returns fixed numbers for each step as positions: waves by their formula, others as a table that stays."""
    tables = [one for one in call.operands if isinstance(one, Table)]
    if len(call.operands) != 2 or len(call.sources) != 1 or len(call.shape) != 3:
        raise unlike_error(entry)
    rows = tables[0].rows
    if call.shape[2] != len(rows[0]) or call.shape[1] != len(rows):
        raise unlike_error(entry)
    if _are_waves(rows):
        return layer_step(entry, "SinePositionEncoding", call.sources)
    return [replace(step, table=tables[0]) for step in layer_step(entry, "PositionEmbedding", call.sources)]


def _are_waves(rows: tuple[tuple[float, ...], ...]) -> bool:
    """Returns whether a table is that of `SinePositionEncoding`, as near as float32 computes it."""
    speeds = SinePositionEncoding().speeds(len(rows[0]))
    return all(
        abs(one - (cos if channel % 2 else sin)(step * speeds[channel])) < 1e-4
        for step, row in enumerate(rows)
        for channel, one in enumerate(row)
    )


def _subtract(entry: KerasObject, call: Call) -> list[Step]:
    match two_operands(entry, call):
        case (str(), str()):
            return layer_step(entry, "Subtract", call.sources)
        case (str(source), number):
            return _line(entry, source, 1.0, -float(number))
        case (number, str(source)):
            return _line(entry, source, -1.0, float(number))
    raise unlike_error(entry)


def _multiply(entry: KerasObject, call: Call) -> list[Step]:
    match two_operands(entry, call):
        case (str(), str()):
            return layer_step(entry, "Multiply", call.sources)
        case (str(source), number) | (number, str(source)):
            return _line(entry, source, float(number), 0.0)
    raise unlike_error(entry)


def _divide(entry: KerasObject, call: Call) -> list[Step]:
    source, number = two_operands(entry, call)
    if not isinstance(source, str) or isinstance(number, str) or abs(number) < 1 / LARGEST:
        raise unlike_error(entry)
    return _line(entry, source, 1 / number, 0.0)


def _negative(entry: KerasObject, call: Call) -> list[Step]:
    return _line(entry, *one_operand(entry, call), -1.0, 0.0)


def _square(entry: KerasObject, call: Call) -> list[Step]:
    return layer_step(entry, "Multiply", one_operand(entry, call) * 2)


def _power(entry: KerasObject, call: Call) -> list[Step]:
    match two_operands(entry, call):
        case (str(source), 2):
            return layer_step(entry, "Multiply", (source, source))
    raise unlike_error(entry)


def _larger(entry: KerasObject, call: Call) -> list[Step]:
    match two_operands(entry, call):
        case (str(), str()):
            return layer_step(entry, "Maximum", call.sources)
        case (str(source), 0) | (0, str(source)):
            return layer_step(entry, "ReLU", (source,))
    raise unlike_error(entry)


def _smaller(entry: KerasObject, call: Call) -> list[Step]:
    match two_operands(entry, call):
        case (str(), str()):
            return layer_step(entry, "Minimum", call.sources)
    raise unlike_error(entry)


def _clip(entry: KerasObject, call: Call) -> list[Step]:
    lowest, highest = entry.config.get("x_min"), entry.config.get("x_max")
    if lowest != 0 or not is_number(highest):
        raise unlike_error(entry)
    return layer_step(entry, "ReLU", one_operand(entry, call), max_value=highest)


def _activation(name: str) -> Rule:
    return lambda entry, call: layer_step(entry, "Activation", one_operand(entry, call), activation=name)


def _gelu(entry: KerasObject, call: Call) -> list[Step]:
    if entry.config.get("approximate") is not False:
        raise unlike_error(entry)
    return layer_step(entry, "Activation", one_operand(entry, call), activation="gelu")


def _softmax(entry: KerasObject, call: Call) -> list[Step]:
    axis = entry.config.get("axis", -1)
    if axis in (-1, len(call.shape) - 1):
        return layer_step(entry, "Activation", one_operand(entry, call), activation="softmax")
    return layer_step(entry, "Softmax", one_operand(entry, call), axis=axis)


def _same_arguments(kind: str, *names: str) -> Rule:
    """Returns the rule for an operation whose arguments are those of a layer."""

    def rule(entry: KerasObject, call: Call) -> list[Step]:
        given = {name: entry.config[name] for name in names if name in entry.config}
        return layer_step(entry, kind, one_operand(entry, call), **given)

    return rule


ARITHMETIC: dict[str, Rule] = {
    "Add": _add,
    "Clip": _clip,
    "Divide": _divide,
    "Elu": _same_arguments("ELU", "alpha"),
    "Exp": _activation("exponential"),
    "Gelu": _gelu,
    "HardSigmoid": _activation("hard_sigmoid"),
    "HardSilu": _activation("hard_silu"),
    "LayerScale": _same_arguments("LayerScale", "init_values", "projection_dim"),
    "LeakyRelu": _same_arguments("LeakyReLU", "negative_slope"),
    "Maximum": _larger,
    "Minimum": _smaller,
    "Multiply": _multiply,
    "Negative": _negative,
    "Power": _power,
    "ReLU": _same_arguments("ReLU", "negative_slope", "max_value", "threshold"),
    "Relu": _activation("relu"),
    "Relu6": _activation("relu6"),
    "Selu": _activation("selu"),
    "Sigmoid": _activation("sigmoid"),
    "Silu": _activation("silu"),
    "Softmax": _softmax,
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "Square": _square,
    "Subtract": _subtract,
    "Tanh": _activation("tanh"),
    "TrueDivide": _divide,
}
