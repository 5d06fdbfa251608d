"""Which runs are compared: those that are named, those of a study, or those that a filter lets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dlcore.errors import N_, NotFoundError, SpecError
from dlcore.records import Run
from dlcore.store import Store
from dlcore.store.filters import RunQuestion

MOST_RUNS = 24
"""Runs in one comparison: the samples are drawn again for each of them, which takes up to half a second."""
MOST_CURVES = 100
"""Runs whose curves are drawn."""


@dataclass(frozen=True)
class Selection:
    """The runs to compare.

    Attributes:
        runs: of a study the best first, of a filter the newest first.
        total: how many there are; of more than `MOST_RUNS` the rest is left out.
        others: some of that rest, of which the curves can be drawn.
        missing: the named ones of which there is none.
    """

    runs: tuple[Run, ...]
    total: int
    missing: tuple[str, ...] = ()
    others: tuple[Run, ...] = ()


def select_runs(
    store: Store,
    named: Sequence[str] = (),
    *,
    where: str = "",
    study: str = "",
    owner: str | None = None,
    now: datetime | None = None,
) -> Selection:
    """Returns the runs to compare: of the first of these ways that is used.

    Args:
        store: has them.
        named: their ids.
        study: the id or the name of a study: its trials.
        where: a filter of one line.
        owner: whose, if a filter asks; by default anyone's.
        now: what `-7d` counts from, in the reader's time zone; by default the machine's time.

    Raises:
        FilterError: the filter cannot be understood.
        NotFoundError: there is no such study.
        SpecError: nothing says which runs.
    """
    if named:
        return _named(store, named)
    if study:
        return _of_study(store, study)
    if not where.strip():
        raise SpecError(
            N_("expected runs to compare, got none."),
            hint=N_("Name two runs, a filter or a study."),
            where="runs",
        )
    filters = RunQuestion.read(where, now=now).filters
    found, total = store.runs.page(owner=owner, **filters, limit=MOST_CURVES)
    return Selection(tuple(found[:MOST_RUNS]), total, others=tuple(found[MOST_RUNS:]))


def _named(store: Store, ids: Sequence[str]) -> Selection:
    runs, missing = [], []
    for run_id in dict.fromkeys(ids):
        try:
            runs.append(store.runs.get(run_id))
        except NotFoundError:
            missing.append(run_id)
    others = tuple(runs[MOST_RUNS:MOST_CURVES])
    return Selection(tuple(runs[:MOST_RUNS]), len(runs), tuple(missing), others)


def _of_study(store: Store, name: str) -> Selection:
    study = store.studies.named(name)
    trials = store.studies.trials(study.id)
    ranked = study.ranked(trials)
    best = {trial.number for trial in ranked}
    # Those that failed, were pruned or are at work come last: their curves may say why.
    ordered = [*ranked, *(trial for trial in trials if trial.number not in best)]
    ids = [trial.run_id for trial in ordered if trial.run_id]
    found = _named(store, ids[:MOST_CURVES])
    return Selection(found.runs, len(ids) - len(found.missing), others=found.others)
