"""What is never mutated, because no test should notice it."""

import ast
from collections.abc import Iterator, Sequence

Position = tuple[int, int]
"""Line, counted from 1, and column, counted from 0, in characters."""

Span = tuple[Position, Position]
"""Where something begins, and where it has ended."""

LOOKS = frozenset(
    (
        *(
            "height",
            "width",
            "size",
            "opacity",
            "len",
            "thickness",
            "outlinewidth",
            "bargap",
            "nticks",
            "dtick",
            "tick0",
        ),
        *("pad", "margin", "standoff", "range", "columns", "legend", "showlegend", "zeroline", "showgrid"),
        *("showscale", "showarrow", "automargin", "cliponaxis", "hoverongaps"),
    )
)
"""Keywords and keys of a figure that say how large, how faint and how adorned; colours are texts anyway."""

PLACES = frozenset(("t", "r", "b", "l", "x", "y", "x0", "x1", "y0", "y1"))
"""Keywords and keys that say where in a figure, if a number follows; otherwise it is data."""


LARGE = 100_000

LONG = 20
"""From here on a text or a list in a form may as well be one longer."""

PLOTS, TEMPLATES, LAYERS = "dlcore/plots/", "dlcore/design/templates/", "dlcore/spec/layers/"

SEVERAL_INPUTS = frozenset((f"{LAYERS}attention.py", f"{LAYERS}merging.py"))
"""Where a layer can have more than one input: elsewhere the first one is the last."""


def excluded(source: str, path: str) -> list[Span]:
    """Returns the parts of a file that are never mutated, each as its beginning and end.

    Annotations (but for the limits in them), decorators, defaults of arguments and of fields, `strict=` of `zip`,
    numbers of six digits or more (`8 * 2**20` is one), whose neighbours are as good, the lengths of columns (SQLite ignores them), how
    long a text or a list in a form can be, the 1 in `reshape(-1)` (any negative number says the same), the `/` of
    paths (which could only crash), the `*` before a sign (1 or -1: to divide by it is to multiply), the rates of the
    machine that estimates start from (a benchmark holds them against real runs); of a figure its sizes and places, of
    a template the arguments that it proposes, and of a layer with one input which one it is.

    Args:
        source: the text of the file.
        path: from the root of the repository.
    """
    lines = source.splitlines()
    tree = ast.parse(source)
    nodes = [
        *_annotations(tree),
        *_defaults(tree),
        *_decorators(tree),
        *_strictness(tree),
        *_lengths(tree),
        *_large(tree),
        *_rates(tree),
        *_rest_of_a_shape(tree),
    ]
    if path.startswith(PLOTS):
        nodes += _looks(tree)
    if path.startswith(TEMPLATES):
        nodes += _proposed(tree)
    if path.startswith(LAYERS) and path not in SEVERAL_INPUTS:
        nodes += _first_inputs(tree)
    spans = [(_start(lines, node), _end(lines, node)) for node in nodes]
    operators = [*_joins(tree), *_signs(tree)]
    return spans + [(_end(lines, one.left), _start(lines, one.right)) for one in operators]


def operators_between(source: str) -> list[Span]:
    """Returns where the operators stand that have two sides."""
    lines = source.splitlines()
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp)]
    return [(_end(lines, node.left), _start(lines, node.right)) for node in found]


def _start(lines: Sequence[str], node: ast.expr) -> Position:
    return node.lineno, _characters(lines[node.lineno - 1], node.col_offset)


def _end(lines: Sequence[str], node: ast.expr) -> Position:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.end_lineno, _characters(lines[node.end_lineno - 1], node.end_col_offset)


def _characters(line: str, octets: int) -> int:
    return len(line.encode()[:octets].decode())


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
                yield from _without_calls(annotation)
            case (
                ast.FunctionDef(returns=ast.expr() as returns)
                | ast.AsyncFunctionDef(returns=ast.expr() as returns)
            ):
                yield from _without_calls(returns)


def _without_calls(annotation: ast.expr) -> Iterator[ast.expr]:
    """Yields what of an annotation is no call: `Field(ge=1)` in it is a condition like any other."""
    if not any(isinstance(node, ast.Call) for node in ast.walk(annotation)):
        yield annotation


def _defaults(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.arguments(defaults=defaults, kw_defaults=by_name):
                yield from defaults
                yield from (default for default in by_name if default is not None)
            case ast.ClassDef(body=body):
                for statement in body:
                    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
                        yield from _field_defaults(statement.value)


def _field_defaults(value: ast.expr) -> Iterator[ast.expr]:
    """Yields the default in `arg(0.5, "…", ge=0)`, whose limits are conditions like any other."""
    if not isinstance(value, ast.Call):
        yield value
        return
    yield from value.args[:1]
    names = ("default", "default_factory", "advanced", "first")
    yield from (keyword.value for keyword in value.keywords if keyword.arg in names)


def _decorators(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from node.decorator_list


def _strictness(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "strict")


def _lengths(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("String"), args=args):
                yield from args
            case ast.keyword("max_length", ast.Constant(int(most)) as value) if most >= LONG:
                yield value


def _rates(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("Rates"), keywords=keywords):
                yield from (keyword.value for keyword in keywords)


def _proposed(tree: ast.Module) -> Iterator[ast.expr]:
    """Yields the numbers in `{"kind": "Dense", "units": 64}`: defaults like those of a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (value for value in node.values if isinstance(value, ast.Constant))


def _first_inputs(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name("inputs"), slice=ast.Constant(0) as first):
                yield first


def _large(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.BinOp) and abs(_size(node)) >= LARGE:
            yield from (one for one in ast.walk(node) if isinstance(one, ast.Constant))


def _size(node: ast.expr) -> float:
    """Returns the value of a number, or of a product of numbers as people write bytes; 0 for anything else."""
    match node:
        case ast.Constant(int() | float() as value):
            return value
        case ast.BinOp(left, ast.Mult(), right):
            return _size(left) * _size(right)
        case ast.BinOp(ast.Constant(2 | 10 as base), ast.Pow(), ast.Constant(int(power))):
            return float(base) ** power
    return 0


def _rest_of_a_shape(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="reshape"), args=args):
                yield from (arg.operand for arg in args if isinstance(arg, ast.UnaryOp))


def _signs(tree: ast.Module) -> Iterator[ast.BinOp]:
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=ast.Mult(), right=ast.Attribute(attr="sign")):
                yield node


def _joins(tree: ast.Module) -> Iterator[ast.BinOp]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            text = (ast.JoinedStr, ast.Constant)
            sides = [side for side in (node.left, node.right) if isinstance(side, text)]
            if any(isinstance(getattr(side, "value", ""), str) for side in sides):
                yield node


def _looks(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("short_text"), args=[_, most]):
                pairs = [("len", most)]
            case ast.Call(keywords=keywords):
                pairs = [(keyword.arg, keyword.value) for keyword in keywords]
            case ast.Dict(keys=keys, values=values):
                pairs = [
                    (getattr(key, "value", None), value) for key, value in zip(keys, values, strict=True)
                ]
            case _:
                continue
        for name, value in pairs:
            if name in LOOKS or (name in PLACES and isinstance(value, ast.Constant | ast.UnaryOp)):
                yield value
