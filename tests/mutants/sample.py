"""Which small changes of the code there can be, and which of them are drawn."""

import ast
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

from tests.mutants.exclusions import Position, Span, excluded, operators_between

SOURCES = (
    "access",
    "datasets",
    "design",
    "models",
    "plots",
    "queue",
    "records",
    "search",
    "spec",
    "store",
    "web",
)
"""The packages that are mutated, beside the files of `dlcore` itself: all that the light tests are there for."""

LEFT_OUT = frozenset(("migrations", "examples"))
"""Folders that are not mutated: a migration is held as a whole against the tables, and nobody changes one again; the
numbers that example data is made up with could as well be others."""

_COMPARISONS = {
    "Eq": ("NotEq",),
    "NotEq": ("Eq",),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
_ARITHMETIC = {
    "Add": "Sub",
    "Sub": "Add",
    "Mul": "Div",
    "Div": "Mul",
    "FloorDiv": "Div",
    "Mod": "Mul",
    "Pow": "Mul",
    "LShift": "RShift",
    "RShift": "LShift",
    "BitOr": "BitAnd",
    "BitAnd": "BitOr",
}
OPERATORS = (
    *(f"ReplaceComparisonOperator_{old}_{new}" for old, others in _COMPARISONS.items() for new in others),
    *(f"ReplaceBinaryOperator_{old}_{new}" for old, new in _ARITHMETIC.items()),
    *(
        "ReplaceUnaryOperator_USub_UAdd",
        "ReplaceUnaryOperator_Delete_Not",
        "ReplaceUnaryOperator_Delete_Invert",
    ),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "AddNot"),
    *("NumberReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
)
"""Cosmic Ray's operators that change an operator, a number or a condition into its neighbour.

Those that change a type as well (`a + b` to `a >> b`) would only crash, which any test notices.
"""


@dataclass(frozen=True)
class Mutant:
    """One small change.

    Attributes:
        path: of the file, from the root of the repository.
        line: where it is, counted from 1.
        text: the line as it is.
        before: what is replaced.
        after: by what.
        operator: the name of Cosmic Ray's operator.
        occurrence: which of the operator's places in the file.
        nth: which of the same changes of equal lines in the file.
    """

    path: str
    line: int
    text: str
    before: str
    after: str
    operator: str
    occurrence: int
    nth: int

    def mutate(self, source: str) -> str:
        """Returns `source`, the text of the file, with the change."""
        mutated = mutate_code(source, _operator(self.operator), self.occurrence)
        assert mutated is not None
        return mutated

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} → {self.after}   in: {self.text}"


@functools.cache
def _operator(name: str) -> Operator:
    return get_operator(f"core/{name}")()


def source_files(root: Path) -> list[Path]:
    """Returns the files that are mutated, in a fixed order."""
    files = [
        *(root / "dlcore").glob("*.py"),
        *(file for name in SOURCES for file in (root / "dlcore" / name).rglob("*.py")),
    ]
    files.sort()
    return [file for file in files if not LEFT_OUT & set(file.relative_to(root).parts)]


def mutants(source: str, path: str) -> Iterator[tuple[Position, Mutant]]:
    """Yields every change of a file that is not excluded by rule, with its place."""
    lines = source.splitlines()
    out = excluded(source, path)
    signs = operators_between(source)
    nodes = list(ast_nodes(get_ast(source)))
    seen: Counter[tuple[str, str]] = Counter()
    for name in OPERATORS:
        places = [place for node in nodes for place in _operator(name).mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            text = lines[start[0] - 1].strip()
            before = _between(lines, start, end)
            same = (text, name)
            nth, seen[same] = seen[same], seen[same] + 1
            # A star or a slash among arguments is no operator; `not` before `not x` changes nothing, and before
            # `x := y` it is no code.
            separates = name.startswith("ReplaceBinary") and not _within(signs, start)
            takes_no_not = name == "AddNot" and re.match(r"not |\w+ :=", before)
            if separates or _within(out, start) or takes_no_not:
                continue
            second = name == "NumberReplacer" and start == places[occurrence - 1][0] and occurrence > 0
            after = _after(name, before, second=second)
            yield start, Mutant(path, start[0], text, before, after, name, occurrence, nth)


def _within(spans: Sequence[Span], place: Position) -> bool:
    return any(first <= place < last for first, last in spans)


def _between(lines: Sequence[str], start: Position, end: Position) -> str:
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    middle = lines[start[0] : end[0] - 1]
    return " ".join(
        part.strip() for part in (lines[start[0] - 1][start[1] :], *middle, lines[end[0] - 1][: end[1]])
    )


_SIGNS = {
    **{
        "NotEq": "!=",
        "Eq": "==",
        "LtE": "<=",
        "GtE": ">=",
        "Lt": "<",
        "Gt": ">",
        "Is": "is",
        "IsNot": "is not",
    },
    **{
        "Add": "+",
        "Sub": "-",
        "Mul": "*",
        "Div": "/",
        "RShift": ">>",
        "LShift": "<<",
        "BitAnd": "&",
        "BitOr": "|",
    },
    **{"UAdd": "+", "Not": "", "Invert": "", "ReplaceAndWithOr": "or", "ReplaceOrWithAnd": "and"},
    **{"ReplaceTrueWithFalse": "False", "ReplaceFalseWithTrue": "True"},
}


def _after(name: str, before: str, *, second: bool) -> str:
    if name == "AddNot":
        return f"not {before}"
    if name == "NumberReplacer":
        return str(ast.literal_eval(before) + (-1 if second else 1))
    return _SIGNS[name.rpartition("_")[2]]


def draw(root: Path, count: int, seed: int, leave: Sequence["Equivalent"] = ()) -> list[Mutant]:
    """Draws changes, at most one a place.

    Each place has a lot, made from the seed and the text of its line; those with the lowest are drawn. So an
    edit of the code changes no more of the sample than what it touches.

    Args:
        root: of the repository.
        count: how many.
        seed: of the lots.
        leave: changes that make no difference.

    Raises:
        ValueError: one of `leave` is nowhere in the code.
    """
    found = [
        (place, mutant)
        for file in source_files(root)
        for place, mutant in mutants(file.read_text(encoding="utf-8"), file.relative_to(root).as_posix())
    ]
    stale = [entry for entry in leave if not any(entry.matches(mutant) for _, mutant in found)]
    if stale:
        raise ValueError(
            f"equivalent.toml: nothing in the code is like {stale[0]}. Remove the entry, or correct it."
        )
    best: dict[tuple[str, Position], Mutant] = {}
    for place, mutant in found:
        if any(entry.matches(mutant) for entry in leave):
            continue
        key = (mutant.path, place)
        if key not in best or _lot(seed, mutant) < _lot(seed, best[key]):
            best[key] = mutant
    drawn = sorted(best.values(), key=lambda mutant: _lot(seed, mutant, "place"))
    return sorted(drawn[:count], key=lambda mutant: (mutant.path, mutant.line))


def _lot(seed: int, mutant: Mutant, *more: str) -> bytes:
    parts = (str(seed), mutant.path, mutant.text, mutant.operator, mutant.after, str(mutant.nth), *more)
    return hashlib.sha256("\0".join(parts).encode()).digest()


@dataclass(frozen=True)
class Equivalent:
    """A change that makes no difference that anybody could notice, and why.

    Attributes:
        path: of the file, from the root of the repository.
        text: the line, without its indentation.
        before: what is replaced.
        why: nobody could notice it.
        after: by what; empty for any neighbour of a number.
    """

    path: str
    text: str
    before: str
    why: str
    after: str = ""

    def matches(self, mutant: Mutant) -> bool:
        """Returns whether `mutant` is this change."""
        same = (self.path, self.text, self.before) == (mutant.path, mutant.text, mutant.before)
        return same and self.after in ("", mutant.after)
