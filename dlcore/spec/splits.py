"""How the samples are divided into training, validation and test part."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, SerializeAsAny

from dlcore.errors import N_, SpecError
from dlcore.spec.base import Kind, Registry
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, DatasetFacts
from dlcore.spec.fields import Line, arg


class SplitRule(Kind):
    """Which samples go together, and which go where."""

    namespace: ClassVar[str] = ""

    def check(self, facts: DatasetFacts) -> None:
        """Checks that the dataset has what the rule needs.

        Raises:
            SpecError: it has not; `where` is the field to fix.
        """


SPLITS = Registry(N_("way to split"), SplitRule)


def _refuse_series(facts: DatasetFacts) -> None:
    if facts.kind is DataKind.SERIES:
        raise SpecError(N_("a series is divided by time."), hint=N_("Choose Chronological."))


@SPLITS.register
class Stratified(SplitRule):
    """Each class keeps its proportion in each part."""

    summary: ClassVar[str] = N_("Each class keeps its proportion in each part.")

    def check(self, facts: DatasetFacts) -> None:
        """It needs one class for each sample."""
        if not facts.task.single_label:
            raise SpecError(N_("there are no classes to stratify by."), hint=N_("Choose Random."))


@SPLITS.register
class Random(SplitRule):
    """Each sample at random."""

    summary: ClassVar[str] = N_("Each sample at random.")

    def check(self, facts: DatasetFacts) -> None:
        """Checks that the data is not a series."""
        _refuse_series(facts)


@SPLITS.register
class Grouped(SplitRule):
    """All samples of a group (a speaker, a patient) stay in one part, so that the test is of new ones."""

    summary: ClassVar[str] = N_("Whole groups, such as speakers or patients, stay in one part.")

    column: Line = arg("", N_("The column of the groups; empty: the dataset's own."), max_length=200)

    def check(self, facts: DatasetFacts) -> None:
        """It needs a group for each sample."""
        _refuse_series(facts)
        if self.column and self.column not in {column.name for column in facts.columns}:
            raise SpecError(
                N_("there is no column '{name}'."),
                hint=N_("Leave it empty for the dataset's own groups."),
                where="column",
                name=self.column,
            )
        if not self.column and not facts.has_groups:
            raise SpecError(
                N_("the dataset has no groups."),
                hint=N_("Choose a column, or specify the groups when you upload the data."),
                where="column",
            )


@SPLITS.register
class Chronological(SplitRule):
    """The latest samples test, those before them validate, the oldest train."""

    summary: ClassVar[str] = N_("The past trains, the future tests.")

    column: Line = arg("", N_("The column of times; empty: the order of the rows."), max_length=200)

    def check(self, facts: DatasetFacts) -> None:
        """A named column must be there, and have an order; a series has only its own."""
        if not self.column:
            return
        found = {column.name: column for column in facts.columns}.get(self.column)
        if found is None:
            problem = N_("there is no column '{name}'.")
        elif found.type not in (ColumnType.NUMBER, ColumnType.TIME):
            problem = N_("column {name} holds neither times nor numbers.")
        elif facts.kind is DataKind.SERIES and found.role is not ColumnRole.TIME:
            problem = N_("a series is divided by its own times, and {name} does not hold them.")
        else:
            return
        raise SpecError(
            problem, hint=N_("Leave it empty for the order of the rows."), where="column", name=self.column
        )


AnySplit = Annotated[SerializeAsAny[SplitRule] | None, BeforeValidator(SPLITS.parser())]


def resolved_split(split: SplitRule | None, facts: DatasetFacts) -> SplitRule:
    """Returns the rule as it will be used: if none is given, by time, by class, or by chance,
    as the data is.
    """
    if split is not None:
        return split
    if facts.kind is DataKind.SERIES:
        return Chronological()
    return Stratified() if facts.task.single_label else Random()
