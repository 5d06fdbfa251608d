"""The options of `data add` and `data inspect`: what a person says of a file."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from dlcore.cli.terminal import plain_errors
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.keras_sets import KERAS_SETS
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task

Name = Annotated[str, typer.Argument(metavar="NAME", help="The dataset's name.")]


Kind = Annotated[str, typer.Option(help="image, text, audio, table, series, ratings or array.")]
TaskName = Annotated[str, typer.Option(help="binary, multiclass, multilabel, regression, …")]
Target = Annotated[list[str] | None, typer.Option(help="A column to predict.")]
Group = Annotated[
    str,
    typer.Option(
        help="The column of groups; of files, 2_ for the second part of their names between _ (1- for the first "
        "between -), or a pattern with (…) around it."
    ),
]
Encoding = Annotated[str, typer.Option(help="Of a text, or of the names in a zip: utf-8, cp1252, gb18030, …")]
Delimiter = Annotated[str, typer.Option(help="Between the cells of a table; ' ' for any blanks.")]
Decimal = Annotated[str, typer.Option(help="The mark of decimals: . or ,")]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether a row of the table names its columns.")
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type", metavar="COLUMN=TYPE", help="What a column holds: number, category, text or time."
    ),
]
RoleNames = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="COLUMN=ROLE",
        help=f"What a column is for: {', '.join(role.value for role in ColumnRole)}.",
    ),
]
Ignore = Annotated[list[str] | None, typer.Option(help="A column that is not used.")]
Parts = Annotated[str, typer.Option(help="The column that says train, validation or test.")]
DateFormat = Annotated[str, typer.Option(help="How dates are written: dd/mm/yyyy, yyyymmdd, %d.%m.%y, …")]
Missing = Annotated[list[str] | None, typer.Option(help="A word that says nothing in any column.")]
LabelRule = Annotated[
    str,
    typer.Option(
        help="What tells the classes of files: folders, table, or a rule for their names as for --group."
    ),
]
NonFinite = Annotated[
    str,
    typer.Option(
        help="What becomes of NaN and infinite numbers in arrays: refuse (the sample), mean or zero."
    ),
]
Channels = Annotated[
    str,
    typer.Option(help="Where the channels of images or sequences in arrays are: first, last or none (grey)."),
]
Accept = Annotated[
    list[str] | None, typer.Option(help="Accept an assumption that is in doubt, by the code in its error.")
]
DataPath = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A zip, tar, folder, CSV and its like (also .gz, .bz2, .xz or .zst), JSON, ARFF, Parquet, Feather, "
        "XLSX, XLS, ODS, SQLite, Stata, SPSS, SAS, npz, MATLAB or .ts (classes of whole series); or "
        f"keras:NAME, for what is downloaded from keras.datasets: {', '.join(KERAS_SETS)}; or example:NAME, for "
        f"what comes along: {', '.join(EXAMPLE_SETS)}.",
    ),
]


def takes_choices(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command, in place of its parameter `said`, the options from which `Choices` are made."""
    own, options = inspect.signature(command).parameters, inspect.signature(_choices).parameters

    @wraps(command)
    def called(**given: Any) -> None:
        with plain_errors():
            said = _choices(**{name: given.pop(name) for name in options})
        command(said=said, **given)

    names = [name for one in own for name in (options if one == "said" else [one])]
    hints = get_type_hints(command, include_extras=True) | get_type_hints(_choices, include_extras=True)
    known = {**own, **options}
    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [known[name].replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name]) for name in names]
    )
    called.__annotations__ = {name: hints[name] for name in names}
    return called


def _choices(
    kind: Kind = "",
    task: TaskName = "",
    target: Target = None,
    group: Group = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    decimal: Decimal = "",
    header: Header = None,
    type_: Types = None,
    role: RoleNames = None,
    ignore: Ignore = None,
    parts: Parts = "",
    date_format: DateFormat = "",
    missing: Missing = None,
    labels: LabelRule = "",
    non_finite: NonFinite = "",
    channels: Channels = "",
) -> Choices:
    return Choices(
        kind=_one_of(DataKind, kind, "--kind"),
        task=_one_of(Task, task, "--task"),
        roles=_roles(target, role, ignore, parts),
        types=_pairs(ColumnType, type_, "--type"),
        group=group or None,
        encoding=encoding,
        delimiter=delimiter,
        decimal=decimal,
        header=header,
        date_format=date_format,
        missing=tuple(missing or ()),
        labels=labels,
        non_finite=non_finite,
        channels=channels,
    )


def _one_of(words: type[Any], given: str, where: str) -> Any:
    """Returns the word itself, or the one whose value begins so; None for nothing."""
    if not given:
        return None
    found = [word for word in words if word.value == given or word.value.split()[0] == given]
    if not found:
        raise unknown_name(N_("choice"), given, [word.value for word in words], where=where)
    return found[0]


def _roles(
    target: list[str] | None, role: list[str] | None, ignore: list[str] | None, parts: str
) -> dict[str, ColumnRole]:
    return {
        **dict.fromkeys(target or (), ColumnRole.TARGET),
        **_pairs(ColumnRole, role, "--role"),
        **dict.fromkeys(ignore or (), ColumnRole.IGNORED),
        **({parts: ColumnRole.PART} if parts else {}),
    }


def _pairs(words: type[Any], given: list[str] | None, where: str) -> dict[str, Any]:
    """Returns what was said of columns, as `column=word`."""
    found = {}
    for pair in given or ():
        column, equals, word = pair.rpartition("=")
        if not equals:
            raise SpecError(
                N_("expected COLUMN=WORD, got '{pair}'."),
                hint=N_("Write, for example, {option} price=number."),
                where=where,
                option=where,
                pair=pair,
            )
        found[column] = _one_of(words, word, where)
    return found
