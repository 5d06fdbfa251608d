"""What is removed of a dataset, or repaired in it, before it is divided."""

import math
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, Message, SpecError, unknown_name
from dlcore.spec.base import Kind, Registry
from dlcore.spec.data import Column, ColumnRole, ColumnType, DataKind, DatasetFacts
from dlcore.spec.fields import Line, arg

_NUMERIC = (ColumnType.NUMBER, ColumnType.TIME)
_TABULAR = frozenset({DataKind.TABLE, DataKind.SERIES})
_COLUMNS = N_("Which columns; empty: all it can be applied to.")


class Cleaning(Kind):
    """One step of the cleaning, in the order of the list."""

    namespace: ClassVar[str] = ""
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset(DataKind)
    """What it can be applied to."""
    needs_classes: ClassVar[bool] = False
    """Whether it is about classes."""

    def check(self, facts: DatasetFacts) -> None:
        """Checks that the dataset has what the step needs.

        Raises:
            SpecError: it has not; `where` is the field to fix.
        """
        if facts.kind not in self.data_kinds:
            raise SpecError(
                N_("the step {kind} cannot be applied to this kind of data ({data})."),
                hint=N_("Remove it."),
                kind=self.kind,
                data=Message(facts.kind.value),
            )
        if self.needs_classes and not facts.task.single_label:
            raise SpecError(N_("{kind} is for data with classes."), hint=N_("Remove it."), kind=self.kind)
        known = [column.name for column in facts.columns]
        for name in getattr(self, "columns", ()):
            if name not in known:
                raise unknown_name(N_("column"), name, known, where="columns")

    def classes(self, facts: DatasetFacts) -> tuple[str | None, ...]:
        """Returns the new name of each of the dataset's classes, None where it is removed."""
        return facts.classes

    def repaired(self, facts: DatasetFacts) -> DatasetFacts:
        """Returns the facts once its columns are repaired."""
        return facts


CLEANING = Registry(N_("cleaning step"), Cleaning)

AnyCleaning = Annotated[SerializeAsAny[Cleaning], BeforeValidator(CLEANING.parse)]


@CLEANING.register
class RemoveDuplicates(Cleaning):
    """Keeps the first of equal samples; images also where they only look alike (perceptual hash)."""

    title: ClassVar[str] = N_("Remove duplicates")
    summary: ClassVar[str] = N_("Keeps one of several samples that are identical or look alike.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset(DataKind) - {DataKind.SERIES, DataKind.RATINGS}

    method: Literal["exact", "near"] = arg(
        "exact", N_("Identical samples only, or also images that look alike.")
    )
    distance: int = arg(4, N_("How many of the 64 bits of the picture's hash may differ."), ge=0, le=32)

    def check(self, facts: DatasetFacts) -> None:
        """Only images can look alike."""
        super().check(facts)
        if self.method == "near" and facts.kind is not DataKind.IMAGE:
            raise SpecError(
                N_("only images can be compared by appearance."), hint=N_("Choose exact."), where="method"
            )


@CLEANING.register
class MissingValues(Cleaning):
    """Fills gaps with what the training part has, of a series also with the last known value; or takes rows
    with gaps out.
    """

    title: ClassVar[str] = N_("Missing values")
    summary: ClassVar[str] = N_("Fills missing values in columns, or removes rows that have any.")
    data_kinds: ClassVar[frozenset[DataKind]] = _TABULAR

    strategy: Literal["drop", "mean", "median", "most_frequent", "constant", "previous"] = arg(
        "median",
        N_(
            "The replacement for a missing value; mean and median apply to numbers, other "
            "columns get the most frequent value; previous is the last known value of a series."
        ),
    )
    fill_value: Line = arg("0", N_("The constant."), max_length=200)
    columns: tuple[Line, ...] = arg((), _COLUMNS, max_length=1_000)

    def check(self, facts: DatasetFacts) -> None:
        """A constant for numbers must be one."""
        super().check(facts)
        if self.strategy == "previous" and facts.kind is not DataKind.SERIES:
            raise SpecError(
                N_("only a series has a previous value."), hint=N_("Choose median."), where="strategy"
            )
        if self.strategy != "constant":
            return
        for column in facts.columns:
            if column.missing and self._fills(column) and column.type in _NUMERIC:
                self.constant(column)

    def constant(self, column: Column) -> float | str:
        """Returns what is put into the gaps of a column.

        Raises:
            SpecError: the column holds numbers, and the constant is none.
        """
        if column.type not in _NUMERIC:
            return self.fill_value
        if self.fits(column):
            return float(self.fill_value)
        raise SpecError(
            N_("column {column} holds numbers, '{got}' is none."),
            hint=N_("Name only columns that it fits in columns."),
            where="fill_value",
            column=column.name,
            got=self.fill_value,
        )

    def fits(self, column: Column) -> bool:
        """Returns whether the constant can be a value of a column."""
        if column.type not in _NUMERIC:
            return True
        try:
            return math.isfinite(float(self.fill_value))
        except ValueError:
            return False

    def repaired(self, facts: DatasetFacts) -> DatasetFacts:
        """Returns what is filled in may be a value that its column did not have."""
        return replace(facts, columns=tuple(map(self._repaired, facts.columns)))

    def _fills(self, column: Column) -> bool:
        if self.columns:
            return column.name in self.columns
        return column.role in (ColumnRole.FEATURE, ColumnRole.TARGET)

    def _repaired(self, column: Column) -> Column:
        new = self.strategy == "constant" and self.fill_value not in column.categories
        if column.type in _NUMERIC or not column.missing or not self._fills(column):
            return column
        return replace(column, unique=column.unique + 1) if new or not column.unique else column


@CLEANING.register
class RegularTimes(Cleaning):
    """Brings a series to one row for each time, at equal distances. New rows have no values: a value between
    two known ones would tell what is to be forecast.
    """

    title: ClassVar[str] = N_("Regular times")
    summary: ClassVar[str] = N_(
        "Merges rows of a series that have the same time, and adds empty rows where times are missing."
    )
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset({DataKind.SERIES})

    repeated: Literal["mean", "first", "keep"] = arg(
        "mean", N_("What becomes of rows with the same time: their mean, the first of them, or all of them.")
    )
    gaps: Literal["add", "leave"] = arg(
        "add", N_("Add rows where times are missing, for MissingValues to fill, or leave the gaps.")
    )

    def check(self, facts: DatasetFacts) -> None:
        """It needs times."""
        super().check(facts)
        if not facts.columns_of(ColumnRole.TIME):
            raise SpecError(
                N_("the series has no column of times."), hint=N_("Remove it: the rows follow each other.")
            )


@CLEANING.register
class Outliers(Cleaning):
    """Values far from the training part's others: beyond `threshold` quartile ranges or deviations."""

    title: ClassVar[str] = N_("Outliers")
    summary: ClassVar[str] = N_("Removes or clips numbers that are far from all others.")
    data_kinds: ClassVar[frozenset[DataKind]] = _TABULAR

    method: Literal["iqr", "z_score"] = arg(
        "iqr", N_("By the distance from the quartiles, or from the mean in deviations.")
    )
    threshold: float = arg(
        1.5, N_("The distance that makes an outlier; 1.5 is usual for iqr, 3 for z_score."), gt=0, le=100
    )
    action: Literal["clip", "drop"] = arg("clip", N_("Clip the value, or remove the training row."))
    columns: tuple[Line, ...] = arg((), _COLUMNS, max_length=1_000)

    def check(self, facts: DatasetFacts) -> None:
        """Only numbers have outliers; a series keeps its rows."""
        super().check(facts)
        types = {column.name: column.type for column in facts.columns}
        for name in self.columns:
            if types[name] is not ColumnType.NUMBER:
                raise SpecError(
                    N_("column {column} has no numbers."), hint=N_("Remove it."), where="columns", column=name
                )
        if self.action == "drop" and facts.kind is DataKind.SERIES:
            raise SpecError(
                N_("a series must not lose rows in its middle."), hint=N_("Choose clip."), where="action"
            )


@CLEANING.register
class RareClasses(Cleaning):
    """Classes with few samples: removed, or put together as one."""

    title: ClassVar[str] = N_("Rare classes")
    summary: ClassVar[str] = N_("Removes classes with few samples, or merges them.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset(DataKind) - {DataKind.SERIES, DataKind.RATINGS}
    needs_classes: ClassVar[bool] = True

    min_samples: int = arg(10, N_("Classes with fewer samples are rare."), ge=1, le=1_000_000)
    action: Literal["drop", "merge"] = arg("drop", N_("Remove them, or merge them into one class."))
    name: Line = arg("other", N_("What the class of all rare ones is called."), max_length=200)

    def classes(self, facts: DatasetFacts) -> tuple[str | None, ...]:
        """Rare ones are None, or share a name; counted as the dataset was stored."""
        if not facts.class_counts:
            return facts.classes
        new = self.name if self.action == "merge" else None
        return tuple(
            name if count >= self.min_samples else new
            for name, count in zip(facts.classes, facts.class_counts, strict=True)
        )


@CLEANING.register
class LabelSpelling(Cleaning):
    """Class names that differ only in case, spaces or punctuation become one."""

    title: ClassVar[str] = N_("Label spelling")
    summary: ClassVar[str] = N_("Merges class names that differ only in spelling.")
    data_kinds: ClassVar[frozenset[DataKind]] = frozenset(DataKind) - {DataKind.SERIES, DataKind.RATINGS}
    needs_classes: ClassVar[bool] = True

    ignore_case: bool = arg(True, N_("Cat and cat are the same."))
    ignore_spaces: bool = arg(True, N_("Spaces, hyphens and underscores do not matter."))
    renames: tuple[Line, ...] = arg(
        (), N_("More replacements, each as old=new."), ordered=True, free=True, max_length=1_000
    )

    def classes(self, facts: DatasetFacts) -> tuple[str | None, ...]:
        """Returns each class gets the name of the most common one that is spelled alike."""
        renames = dict(_rename(text) for text in self.renames)
        counts = facts.class_counts or (0,) * len(facts.classes)
        best: dict[str, tuple[int, str]] = {}
        for name, count in zip(facts.classes, counts, strict=True):
            new = renames.get(name, name)
            key = self._key(new)
            if key not in best or count > best[key][0]:
                best[key] = (count, new)
        return tuple(best[self._key(renames.get(name, name))][1] for name in facts.classes)

    def check(self, facts: DatasetFacts) -> None:
        """What is renamed must be there."""
        super().check(facts)
        for index, text in enumerate(self.renames):
            old, _new = _rename(text)
            if old not in facts.classes:
                raise unknown_name(N_("class"), old, facts.classes, where=f"renames[{index}]")

    def _key(self, name: str) -> str:
        key = name.strip()
        if self.ignore_case:
            key = key.casefold()
        return "".join(c for c in key if c.isalnum()) or key if self.ignore_spaces else key


def _rename(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not equals or not new.strip():
        raise SpecError(N_("expected old=new, got '{got}'."), where="renames", got=text)
    return old.strip(), new.strip()


def cleaned_facts(facts: DatasetFacts, steps: tuple[Cleaning, ...]) -> DatasetFacts:
    """Returns the facts after the cleaning as far as they can be told without the samples: the classes.

    Raises:
        SpecError: a step does not fit; its path starts at `dataset.cleaning`.
    """
    for index, step in enumerate(steps):
        try:
            step.check(facts)
            facts = step.repaired(facts.with_classes(step.classes(facts)))
        except SpecError as error:
            raise error.under(f"dataset.cleaning[{index}]") from None
    return facts
