"""Reading of untrusted YAML and JSON: data only, read quickly or refused clearly."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from dlcore.errors import N_, SpecError

MAX_SPEC_BYTES = 2_000_000
MAX_DEPTH = 50

MAX_VALUES = 50_000
"""More than any spec needs; a MB of the smallest values would take libyaml 13 s."""

_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


# libyaml's reader is ten times as fast as PyYAML's own.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads plain data, but no numbers to the base of 60: 1:30 is a text.

    The time for such a number grows with the square of its length: 241 s for a MB.
    """

    yaml_implicit_resolvers = {
        first: [
            (tag, re.compile(f"(?!.*:){pattern.pattern}", re.VERBOSE) if tag in _NUMBERS else pattern)
            for tag, pattern in resolvers
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read_text(text: str) -> Any:
    """Returns the data in `text`, JSON or YAML.

    Raises:
        SpecError: too large, too deeply nested, with references or types, or not YAML at all.

    Example:
        >>> read_text("layers: [Flatten, {kind: Dense, units: 10}]")
        {'layers': ['Flatten', {'kind': 'Dense', 'units': 10}]}
    """
    if len(text) > MAX_SPEC_BYTES:
        raise SpecError(N_("the file is too large for a spec."), hint=N_("Choose a YAML or JSON spec."))
    try:
        # JSON is almost a part of YAML, but not in its escapes of characters beyond U+FFFF.
        return json.loads(text)
    except RecursionError:
        raise _too_deep(line=1) from None
    except ValueError:
        return _read_yaml(text)


def _read_yaml(text: str) -> Any:
    try:
        _refuse_tricks(text)
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2001-99-99
        raise SpecError(
            N_("this is not YAML or JSON; line {line} cannot be read."),
            hint=N_("Check the indentation and the quotes there."),
            line=_line(text, error),
        ) from None


def read_file(path: Path) -> str:
    """Returns the text of a spec file, no more of it than a spec can have.

    Raises:
        SpecError: the file is absent or unreadable.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_SPEC_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SpecError(
            N_("the file cannot be read: {reason}."),
            hint=N_("Check the path."),
            where=str(path),
            reason=reason,
        ) from None


def _refuse_tricks(text: str) -> None:
    """Refuses YAML features that a spec never needs and that make small files expand without bound.

    Looks at the parser's events one by one, so that it ends at the first, before anything is built.
    """
    depth = values = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise SpecError(
                N_("line {line} refers to another place with `*`."),
                hint=N_("Write the value out; text that begins with `*` needs quotes."),
                line=line,
            )
        if getattr(event, "tag", None):
            raise SpecError(
                N_("line {line} names a type with !."),
                hint=N_("Leave the type out; text that begins with ! needs quotes."),
                line=line,
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
        if depth > MAX_DEPTH:
            raise _too_deep(line)
        if values > MAX_VALUES:
            raise SpecError(
                N_("the file has more than {limit} values."),
                hint=N_("Choose a YAML or JSON spec."),
                limit=MAX_VALUES,
            )


def _too_deep(line: int) -> SpecError:
    return SpecError(
        N_("line {line} is nested more than {limit} levels deep."),
        hint=N_("Check the brackets and the indentation there."),
        line=line,
        limit=MAX_DEPTH,
    )


def _line(text: str, error: Exception) -> int:
    """Returns the line an error is about, from 1."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", None) or getattr(error, "start", 0)
    return text.count("\n", 0, position) + 1
