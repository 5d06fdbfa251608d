"""The options of `data add` and `data inspect`: what a person says of a file."""

from __future__ import annotations

from typing import Annotated

import typer

from dlcore.datasets.ingest.examples import EXAMPLE_SETS
from dlcore.datasets.ingest.keras_sets import KERAS_SETS
from dlcore.spec.data import ColumnRole

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
Channels = Annotated[str, typer.Option(help="Where the channels of images in arrays are: first or last.")]
Accept = Annotated[
    list[str] | None, typer.Option(help="Accept an assumption that is in doubt, by the code in its error.")
]
DataPath = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A zip, tar, folder, CSV and its like (also .gz, .bz2 or .xz), JSON, ARFF, Parquet, Feather, XLSX, SQLite, Stata or npz; or "
        f"keras:NAME, for what is downloaded from keras.datasets: {', '.join(KERAS_SETS)}; or example:NAME, for "
        f"what comes along: {', '.join(EXAMPLE_SETS)}.",
    ),
]
