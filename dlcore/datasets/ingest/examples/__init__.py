"""Bundled or computed data that needs no network: imported like a file of your own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dlcore.datasets.ingest.examples.letters import write_letters
from dlcore.datasets.ingest.examples.sounds import write_sounds
from dlcore.datasets.ingest.examples.tables import breast_cancer, diabetes, ratings, sine
from dlcore.datasets.ingest.examples.words import words
from dlcore.datasets.ingest.proposal import Choices, DatasetNotes
from dlcore.errors import N_, unknown_name
from dlcore.spec.data import ColumnRole, DataKind, Task

PREFIX = "example:"
"""What the name of an example begins with where a path could stand as well."""


@dataclass(frozen=True)
class ExampleSet:
    """One bundled dataset.

    Attributes:
        choices: all that is known of its file, its name and title too.
        ending: of its file.
        write: writes its file.
    """

    choices: Choices
    ending: str
    write: Callable[[Path], None]

    @property
    def name(self) -> str:
        """What specs call it."""
        return self.choices.name


def _table(
    make: Callable[[], pd.DataFrame],
    title: str,
    kind: DataKind,
    task: Task,
    target: str,
    about: DatasetNotes,
) -> ExampleSet:
    def write(path: Path) -> None:
        make().to_csv(path, index=False)

    roles = {target: ColumnRole.TARGET}
    return ExampleSet(Choices(make.__name__, title, kind, task, roles, about=about), "csv", write)


_TUMOURS = DatasetNotes(
    description=N_("569 tumours of the breast: 30 measurements of their cells, and whether each was benign."),
    licence=N_("CC BY 4.0"),
    source="https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
    citation="W. Wolberg, O. Mangasarian, N. Street, W. Street: Breast Cancer Wisconsin (Diagnostic). "
    "UCI Machine Learning Repository, 1995. doi:10.24432/C5DW2B",
)
_PATIENTS = DatasetNotes(
    description=N_("442 patients: ten measurements, and how the disease went on within a year."),
    source="https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
    citation="B. Efron, T. Hastie, I. Johnstone, R. Tibshirani: Least Angle Regression. "
    "Annals of Statistics 32, 2004.",
)
_WAVE = DatasetNotes(N_("An hourly wave of two days on a rising line, with noise."))
_TASTES = DatasetNotes(
    N_("Simulated ratings of 300 items by 400 users, from three latent factors, with noise.")
)
_WORDS = DatasetNotes(
    description=N_(
        "What countries, languages and currencies are called in ten languages: which language is it? Names that "
        "several of them share are left out."
    ),
    licence="Unicode License v3",
    source="https://cldr.unicode.org",
    citation="Unicode Common Locale Data Repository.",
)
_SOUNDS = DatasetNotes(
    description=N_(
        "Single notes of six computed instruments, each at another pitch and loudness, in some noise."
    ),
)

_LETTERS = DatasetNotes(
    description=N_(
        "320 computed pictures of eight letters, as small as the digits that come along: for fine-tuning what has learned "
        "on those."
    ),
)

EXAMPLE_SETS: dict[str, ExampleSet] = {
    entry.name: entry
    for entry in (
        _table(breast_cancer, N_("Breast cancer"), DataKind.TABLE, Task.BINARY, "target", _TUMOURS),
        _table(diabetes, N_("Diabetes"), DataKind.TABLE, Task.REGRESSION, "target", _PATIENTS),
        _table(sine, N_("A noisy wave"), DataKind.SERIES, Task.FORECASTING, "value", _WAVE),
        _table(ratings, N_("Made-up ratings"), DataKind.RATINGS, Task.RATING, "rating", _TASTES),
        _table(words, N_("Words of ten languages"), DataKind.TEXT, Task.MULTICLASS, "language", _WORDS),
        ExampleSet(
            Choices("sounds", N_("Six instruments"), DataKind.AUDIO, Task.MULTICLASS, about=_SOUNDS),
            "zip",
            write_sounds,
        ),
        ExampleSet(
            Choices("letters", N_("Eight letters"), DataKind.IMAGE, Task.MULTICLASS, about=_LETTERS),
            "zip",
            write_letters,
        ),
    )
}


def example_set(path: str) -> ExampleSet | None:
    """Returns the example that `example:NAME` names; None for any other path.

    Raises:
        SpecError: there is no such name.
    """
    if not path.startswith(PREFIX):
        return None
    name = path.removeprefix(PREFIX)
    if name not in EXAMPLE_SETS:
        raise unknown_name(N_("dataset"), name, EXAMPLE_SETS, where=path)
    return EXAMPLE_SETS[name]


@contextmanager
def example_file(entry: ExampleSet) -> Iterator[Path]:
    """Yields the file of an example, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="dlstudio-") as folder:
        path = Path(folder) / f"{entry.name}.{entry.ending}"
        entry.write(path)
        yield path
