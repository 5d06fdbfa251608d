"""Values and calls as Python source."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dlcore.spec.calls import Call, Expression

WIDTH = 100


def block(source: str, indent: int) -> Iterator[str]:
    """Yields the lines of some source, the first one indented."""
    lines = source.splitlines()
    yield lines[0] if lines[0].startswith(" " * indent) else " " * indent + lines[0]
    yield from lines[1:]


def render(value: object, *, indent: int = 0, beside: int = 0) -> str:
    """Returns a value as Python source; a call that would be too long has a line for each argument.

    Args:
        value: a call, a text, a number, a list …
        indent: of the line that it begins in.
        beside: how many characters stand in the same line.

    Example:
        >>> render(Call("layers.Dense", {"units": 10, "use_bias": True}, frozenset({"use_bias"})))
        'keras.layers.Dense(units=10)'
    """
    if isinstance(value, Call):
        given = {
            name: argument
            for name, argument in value.arguments.items()
            if name not in value.defaults and not _is_idle_name(name, argument, value.path)
        }
        parts = [f"{name}={render(argument, indent=indent + 4)}" for name, argument in given.items()]
        short = f"keras.{value.path}({', '.join(parts)})"
        if len(short) + indent + beside <= WIDTH and "\n" not in short:
            return short
        inner = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
        return f"keras.{value.path}(\n{inner}{' ' * indent})"
    if isinstance(value, str) and not isinstance(value, Expression):
        return text(value)
    return repr(value)


def _is_idle_name(name: str, argument: object, path: str) -> bool:
    """Returns whether an argument is a layer's name that the script needs nowhere else: Keras chooses one."""
    return name == "name" and path.startswith("layers.") and not isinstance(argument, Expression)


def text(value: str) -> str:
    """Returns a string as Python source."""
    return json.dumps(value)
