"""What all commands share: consoles, plain errors, the settings and the store."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Column, Table

from dlcore.access.actors import Actor, machine_owner
from dlcore.access.audit import AuditLog
from dlcore.errors import N_, DlcoreError, SpecError
from dlcore.field_path import FieldPath
from dlcore.records import Run, RunState, Study, StudyState
from dlcore.settings import Mode, Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.reading import read_text
from dlcore.store import Store
from dlcore.store.filters import FilterError

out, err = Console(), Console(stderr=True)

WIDEST = 200
"""The columns up to which a table is as wide as what it lists."""
COMMAND_LINE = "command line"
"""From where something was done, in the audit log."""
BAD_SPEC = 2
FAILED = 1
INTERRUPTED = 130
_NO_RUN: dict[str, Any] = {
    "run_id": None, "name": None, "dataset": None, "template": None, "notes": "", "tags": [],
    "favorite": False, "archived": False, "state": None, "reason": None, "seconds": 0.0, "epochs": 0,
    "metrics": {"train": {}, "validation": {}, "test": {}}, "baselines": [], "comparison": [],
}  # fmt: skip
Spec = Annotated[Path, typer.Argument(help="A YAML or JSON spec.")]
Values = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Set a field of the spec.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or its beginning.")]
RunOrModel = Annotated[
    str, typer.Argument(metavar="RUN", help="The run's id, or a kept model: NAME@VERSION, NAME@STAGE.")
]


@contextmanager
def plain_errors(*, as_json: bool = False) -> Iterator[ExitStack]:
    """Prints one clear line instead of a traceback for what the user can fix; closes what it is given.

    Args:
        as_json: whether to print a JSON object that says how the run ended, even if there is none.
    """
    try:
        with ExitStack() as closing:
            yield closing
    except DlcoreError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        if as_json:
            print(json.dumps({**_NO_RUN, "reason": str(error)}))
        raise typer.Exit(BAD_SPEC if isinstance(error, SpecError) else FAILED) from None


@contextmanager
def marked(line: str) -> Iterator[None]:
    """Prints a filter, and marks the word that an error is about."""
    try:
        yield
    except FilterError as error:
        err.print(error.mark(line), markup=False, highlight=False, soft_wrap=True)
        raise


def print_rows(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table, in a narrow terminal a wider one: what it lists is of use only whole, and a program may read it."""
    table = Table(Column(header[0], no_wrap=True), *header[1:])
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    wanted = Measurement.get(out, out.options.update(max_width=sys.maxsize), table).maximum
    Console(width=max(out.width, min(wanted, WIDEST))).print(table)


def follow_to_end(
    name: str,
    wait: Callable[[], Run | Study],
    summarize: Callable[[], dict[str, Any]],
    show: Callable[[], None],
    *,
    stop: str,
    as_json: bool,
) -> None:
    """Waits for the end of a run or a study and prints the result; Ctrl-C leaves it running.

    Args:
        name: its id.
        wait: returns it when it has ended.
        summarize: returns the object for programs.
        show: prints it for people.
        stop: the command that ends it.
        as_json: whether to print one JSON object.

    Raises:
        typer.Exit: the user stopped waiting, or it did not complete.
    """
    try:
        ended = wait()
    except KeyboardInterrupt:
        err.print(
            f"\n{name} goes on; stop it with: python -m dlcore {stop} {name}", highlight=False, soft_wrap=True
        )
        if as_json:
            print(json.dumps(summarize()))
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print(json.dumps(summarize()))
    else:
        show()
    if ended.state not in (RunState.COMPLETED, StudyState.COMPLETED):
        raise typer.Exit(FAILED)


def open_store(closing: ExitStack) -> tuple[Settings, Store]:
    """Returns the settings and the store, which is closed at exit."""
    settings = Settings.from_environment()
    store = Store.open(settings)
    closing.callback(store.close)
    return settings, store


def host(settings: Settings) -> Actor:
    """Returns who gives commands: the owner of the machine. What they do is noted where others come, too."""
    owner = machine_owner(settings)
    if settings.mode is Mode.LOCAL:
        return owner
    audit = AuditLog(settings)

    def witness(what: str, name: str, allowed: bool) -> None:
        audit.note(what, actor=owner, address=COMMAND_LINE, name=name, refused=not allowed)

    return replace(owner, witness=witness)


def say(text: str) -> None:
    """Prints a line as it is, however long."""
    out.print(text, highlight=False, soft_wrap=True)


def apply_overrides(spec: ExperimentSpec, pairs: list[str]) -> ExperimentSpec:
    """Returns the spec with some values set; where a field wants text, a number is text:
    a run's id may be 1234567890.
    """
    values = _parsed(pairs)
    try:
        return spec.with_values(values)
    except SpecError as error:
        texts = {path.strip(): text for path, _equals, text in (pair.partition("=") for pair in pairs)}
        numbers = [path for path, value in values.items() if isinstance(value, (int, float))]
        wrong = next((path for path in numbers if FieldPath.parse(path) == error.path), None)
        if wrong is None:
            raise
        return spec.with_values({**values, wrong: texts[wrong]})


def _parsed(pairs: list[str]) -> dict[str, Any]:
    """`path=value` pairs; values are YAML, so that 3 is a number and [3, 3] a list."""
    values = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals:
            raise SpecError(N_("expected PATH=VALUE, got '{got}'."), where="--set", got=pair)
        try:
            values[path.strip()] = _number(read_text(text))
        except SpecError:
            values[path.strip()] = text
    return values


def _number(value: Any) -> Any:
    """YAML 1.1 takes 1e-3 for text: a number wants a point there."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def act_on_each(
    names: Iterable[str],
    action: Callable[..., None],
    done: str,
    *,
    find: Callable[[Store, str], object] = lambda _store, name: name,
) -> None:
    """Does something to each thing that is named, and says so.

    Args:
        names: as they were typed.
        action: takes the store, the thing, and the `actor`.
        done: what each is then.
        find: returns the thing of a name; by default the name itself.
    """
    with plain_errors() as closing:
        settings, store = open_store(closing)
        for name in names:
            action(store, find(store, name), actor=host(settings))
            say(f"{escape(name)} is {done}")
