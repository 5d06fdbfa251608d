"""From columns to numbers: tables, series and ratings."""

import re
from dataclasses import replace
from typing import ClassVar, Literal

from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.data import Column, ColumnRole, DataKind, DatasetFacts, Task
from dlcore.spec.fields import Line, PositiveInt, arg
from dlcore.spec.preprocessing.base import STEPS, Step
from dlcore.spec.signature import INPUT, Form, InputSpec

MOST_ONE_HOT = 1_000
_LONGEST_NAME = 40
"""Letters of an input's name; layers are named after it, in 64 letters at most."""


class _OfColumns(Step):
    """What all encodings share: which columns they take."""

    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.TABLE})

    def _named(self, names: tuple[str, ...], columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """Returns the columns of these names, or all where there are none.

        Raises:
            SpecError: one of them is not among the columns.
        """
        known = {column.name: column for column in columns}
        for name in names:
            if name not in known:
                raise unknown_name(N_("column"), name, known, where="columns")
        return tuple(known[name] for name in names) if names else columns


class _Encoding(_OfColumns):
    """What both encodings of categories share: what becomes of a column."""

    columns: tuple[Line, ...] = arg(
        (), N_("Which columns; empty: all that are not numbers yet."), max_length=1_000
    )
    output_mode: Literal["one_hot", "int"] = arg(
        "one_hot", N_("A 0 or 1 for each value, or an id of its own input for an Embedding.")
    )

    def chosen(self, form: Form) -> tuple[Column, ...]:
        """Returns the columns it takes.

        Raises:
            SpecError: one of them is not there, or is a number already.
        """
        return self._named(self.columns, form.pending)

    def ids(self, column: Column) -> int:
        """Returns how many ids a column's values become."""
        raise NotImplementedError

    def form(self, form: Form) -> Form:
        """Returns the columns join the numbers, or become inputs of their own."""
        taken = self.chosen(form)
        rest = tuple(column for column in form.pending if column not in taken)
        form = replace(form, pending=rest)
        width = form.inputs[INPUT].shape[0] if INPUT in form.inputs else 0
        for column in taken:
            ids = self.ids(column)
            if self.output_mode == "int":
                form = form.with_input(input_name(column.name, form.inputs), InputSpec((1,), "int32", ids))
                continue
            if ids > MOST_ONE_HOT:
                raise SpecError(
                    N_("column {column} has {count} values, too many for one number each."),
                    hint=N_("Choose output_mode int with an Embedding, or Hashing."),
                    where="output_mode",
                    column=column.name,
                    count=ids,
                )
            width += ids
        return form.with_input(INPUT, InputSpec((width,))) if width else form


@STEPS.register
class StringLookup(_Encoding):
    """Gives each value of the training part an id; id 0 stands for missing and for unseen values."""

    title: ClassVar[str] = N_("Encode categories")
    summary: ClassVar[str] = N_("Turns categories into numbers: one for each value.")

    def ids(self, column: Column) -> int:
        """Returns one for each value, and one for the unknown."""
        return column.unique + 1


@STEPS.register
class Hashing(_Encoding):
    """Spreads values over a fixed number of ids by a hash, whatever values there are; id 0 is missing."""

    title: ClassVar[str] = N_("Hash categories")
    summary: ClassVar[str] = N_("Turns columns with very many values into a fixed number of ids.")

    num_bins: int = arg(64, N_("How many ids."), ge=2, le=1_000_000, label=N_("Bins"))

    def ids(self, column: Column) -> int:
        """As many as there are bins."""
        return self.num_bins


@STEPS.register
class PiecewiseLinearEncoding(_OfColumns):
    """Cuts each number at the training part's quantiles, and says of each piece how far it is filled.

    A network learns a curve of one number with a step or a bend in it slowly; of the pieces it is a weighted sum.

    Source: Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features in Tabular Deep Learning, 2022.
    """

    title: ClassVar[str] = N_("Encode numbers in pieces")
    summary: ClassVar[str] = N_(
        "Cuts numbers at quantiles, so that a network learns curves with bends sooner."
    )

    columns: tuple[Line, ...] = arg(
        (), N_("Which columns; empty: all that are numbers in the file."), max_length=1_000
    )
    num_bins: int = arg(16, N_("How many pieces a column becomes at most."), ge=2, le=256, label=N_("Pieces"))

    def chosen(self, form: Form) -> tuple[Column, ...]:
        """Returns the columns it takes.

        Raises:
            SpecError: one of them is not there, is no number, or is in pieces already.
        """
        return self._named(self.columns, form.numbers)

    def pieces(self, column: Column) -> int:
        """Returns how many numbers a column becomes: none between two neighbouring values."""
        return max(1, min(self.num_bins, column.unique - 1))

    def form(self, form: Form) -> Form:
        """Returns more numbers of the same input."""
        taken = self.chosen(form)
        rest = tuple(column for column in form.numbers if column not in taken)
        if not taken:
            return form
        width = form.shape[0] + sum(self.pieces(column) - 1 for column in taken)
        return replace(form.with_input(INPUT, InputSpec((width,))), numbers=rest)


def input_name(column: str, taken: object = ()) -> str:
    """Returns the name of the input that a column of ids becomes; letters, digits and underscores.

    Example:
        >>> input_name("Marital status")
        'marital_status'
    """
    stem = re.sub(r"[^a-z0-9]+", "_", column.lower())[:_LONGEST_NAME].strip("_")
    name = stem if stem[:1].isalpha() else f"column_{stem}".rstrip("_")
    number, unique = 2, name
    while unique in taken or unique == INPUT:  # type: ignore[operator]
        unique, number = f"{name}_{number}", number + 1
    return unique


@STEPS.register
class Windows(Step):
    """Cuts a series into windows: the past that is seen, and the values after it that are asked for."""

    title: ClassVar[str] = N_("Sliding windows")
    summary: ClassVar[str] = N_("Cuts a series into windows: what the model sees, and what comes next.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.SERIES})

    sequence_length: int = arg(24, N_("Rows of the past that the model sees."), ge=1, le=100_000)
    horizon: int = arg(1, N_("Rows of the future that it forecasts."), ge=1, le=10_000)
    gap: int = arg(0, N_("Rows between what the model sees and what it forecasts."), ge=0, le=100_000)
    sampling_rate: int = arg(
        1, N_("Spacing of the rows that the model sees: 6 is every sixth."), ge=1, le=100_000, advanced=True
    )
    sequence_stride: int = arg(1, N_("Rows from one window to the next."), ge=1, le=100_000)
    horizons: tuple[PositiveInt, ...] = arg(
        (),
        N_(
            "Which rows ahead it forecasts, such as 1, 6, 24 (1 is the next); empty: `horizon` rows after the `gap`."
        ),
        max_length=1_000,
        advanced=True,
    )
    group_ids: bool = arg(
        False,
        N_(
            "Whether the model also sees which of several series a window is from, as an id for an Embedding."
        ),
        advanced=True,
    )

    @property
    def ahead(self) -> tuple[int, ...]:
        """Which rows after the last one that is seen are forecast; 1 is the next."""
        return self.horizons or tuple(range(self.gap + 1, self.gap + self.horizon + 1))

    @property
    def reach(self) -> int:
        """How many rows lie from the first to the last one that is seen, both included."""
        return (self.sequence_length - 1) * self.sampling_rate + 1

    @property
    def rows(self) -> int:
        """How many rows a window covers, from the first that is seen to the last that is forecast."""
        return self.reach + self.ahead[-1]

    def form(self, form: Form) -> Form:
        """(sequence_length, columns), and as many outputs as rows ahead · targets."""
        reconstructs = form.facts.task is Task.RECONSTRUCTION
        self._check_horizons()
        if reconstructs:
            self._check_nothing_ahead()
        needed = self.reach if reconstructs else self.rows
        longest = form.facts.input_shape[0] if form.facts.input_shape else form.facts.size
        if needed > longest:
            raise SpecError(
                N_("a window needs {needed} rows, the series has {size}."),
                hint=N_("Lower it."),
                where="sequence_length",
                needed=needed,
                size=longest,
            )
        form = form.with_input(INPUT, InputSpec((self.sequence_length, form.shape[1])))
        for column in self.group_columns(form.facts):
            name = input_name(column.name, form.inputs)
            form = form.with_input(name, InputSpec((1,), "int32", column.unique + 1))
        return replace(form, outputs=form.outputs * len(self.ahead))

    def group_columns(self, facts: DatasetFacts) -> tuple[Column, ...]:
        """Returns the columns whose values the model sees as ids.

        Raises:
            SpecError: it should see some, and there are none.
        """
        if not self.group_ids:
            return ()
        if columns := facts.columns_of(ColumnRole.GROUP):
            return columns
        raise SpecError(N_("the dataset has no groups."), hint=N_("Set it to false."), where="group_ids")

    def _check_nothing_ahead(self) -> None:
        """Checks that nothing is said of a future that a reconstruction does not ask for."""
        for name, default in (("horizons", ()), ("gap", 0), ("horizon", 1), ("group_ids", False)):
            if getattr(self, name) != default:
                raise SpecError(
                    N_("a reconstruction gives back what the window shows, and nothing else."),
                    hint=N_("Set it to {default}."),
                    where=name,
                    default=str(default) if default != () else "[]",
                )

    def _check_horizons(self) -> None:
        if not self.horizons:
            return
        if list(self.horizons) != sorted(set(self.horizons)):
            problem, hint = N_("the rows ahead must rise: {got}."), N_("Name each once, the nearest first.")
        elif self.gap or self.horizon != 1:
            problem = N_("the rows ahead are named one by one ({got}), and by gap and horizon as well.")
            hint = N_("Empty horizons, or set gap to 0 and horizon to 1.")
        else:
            return
        raise SpecError(problem, hint=hint, where="horizons", got=", ".join(map(str, self.horizons)))


@STEPS.register
class ColdStart(Step):
    """Lets all users and items with few ratings share the id 0, which new ones get later."""

    title: ClassVar[str] = N_("New users and items")
    summary: ClassVar[str] = N_("Trains the model for users and items it has never seen.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.RATINGS})

    min_ratings: int = arg(
        2, N_("Those with fewer ratings in the training part count as new."), ge=1, le=10_000
    )
