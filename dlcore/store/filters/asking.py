"""What a person asks for with one line: which runs, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dlcore.store.filters.fields import Field, named_field
from dlcore.store.filters.parser import parse_filter
from dlcore.store.filters.tree import Condition, fields_of


@dataclass(frozen=True)
class RunQuestion:
    """Which runs someone asks for, as `Runs.list` and `Runs.count` take it.

    Trials of studies, and what is archived, are among them only if the filter asks about them.

    Attributes:
        where: what is true of them.
        sort: what they are sorted by; None: the newest first.
        ascending: whether the lowest value comes first.
        trials: whether the runs of studies are among them in any case.
    """

    where: Condition
    sort: Field | None = None
    ascending: bool = False
    trials: bool = False

    @classmethod
    def read(cls, line: str, sort: str = "", *, now: datetime | None = None) -> RunQuestion:
        """Returns the question that a filter and the name of a field stand for.

        Args:
            line: a filter; an empty one lets everything through.
            sort: a field, the highest value first; with a `+` before it the lowest.
            now: what `-7d` counts from, in the reader's time zone; by default the machine's time.

        Raises:
            FilterError: the filter cannot be understood.
            SpecError: there is no such field.
        """
        where = parse_filter(line, now=now or datetime.now().astimezone())
        name = sort.strip().removeprefix("+")
        field = named_field(name, where="sort") if name else None
        return cls(where, field, sort.strip().startswith("+"))

    @property
    def filters(self) -> dict[str, Any]:
        """The arguments of `Runs.list` and `Runs.count`."""
        asked = fields_of(self.where)
        return {
            "where": self.where,
            "trials": self.trials or bool(asked & {"study", "trial"}),
            "archived": None if "archived" in asked else False,
        }

    @property
    def order(self) -> dict[str, Any]:
        """The further arguments of `Runs.list`."""
        return {"sort": self.sort, "ascending": self.ascending}
