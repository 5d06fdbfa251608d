"""Runs side by side: the numbers of each, of groups of them, and what differs in their settings and networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcore.comparison.groups import ScoredGroup, group_results
from dlcore.comparison.scores import RunScores, score_runs
from dlcore.comparison.selection import select_runs
from dlcore.comparison.settings import LayerRow, SettingRow, differing_layers, differing_settings
from dlcore.errors import N_, SpecError
from dlcore.records import Run
from dlcore.spec.metrics import METRICS
from dlcore.store import Store
from dlcore.store.filters.fields import Field

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Attributes:
        results: one per run, in the order in which they were named.
        baseline: the id of the run that the others are compared with.
        metrics: what was measured of any of them on the test part, the one that they are judged by first.
        by: what the runs of a group have in common; nothing: all settings but for the seed.
        groups: of the runs.
        settings: in which they differ; `settings_total` is how many they have.
        layers: in which their networks differ; `layers_total` is how many those have.
    """

    results: tuple[RunScores, ...]
    baseline: str
    metrics: tuple[str, ...]
    by: tuple[Field, ...]
    groups: tuple[ScoredGroup, ...]
    settings: tuple[SettingRow, ...]
    settings_total: int
    layers: tuple[LayerRow, ...]
    layers_total: int

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs, in their order."""
        return tuple(one.run for one in self.results)

    def of(self, run_id: str) -> RunScores:
        """Returns what one of the runs scores."""
        return next(one for one in self.results if one.run.id == run_id)

    def group_of(self, run_id: str) -> ScoredGroup:
        """Returns the group of one of the runs."""
        return next(one for one in self.groups if run_id in one.ids)

    def to_frame(self) -> pd.DataFrame:
        """Returns a row for each run: what it scores, and how it compares with the baseline.

        Of each metric there is its value, the ends of its interval as `low` and `high`, and the difference in words.
        """
        import pandas as pd

        return pd.DataFrame([self._row(one) for one in self.results]).set_index("run")

    def _row(self, one: RunScores) -> dict[str, Any]:
        row: dict[str, Any] = {"run": one.run.id, "name": one.run.name}
        for metric in self.metrics:
            score = one.scores.get(metric)
            if score is not None:
                row[metric] = score.value
                if score.interval is not None:
                    row |= {f"{metric}_low": score.interval.low, f"{metric}_high": score.interval.high}
                if score.difference is not None:
                    row[f"{metric}_difference"] = score.difference.sentence(metric).text()
        return row

    def to_dict(self) -> dict[str, Any]:
        """Returns a JSON-ready form, with the sentences in English."""
        return {
            "baseline": self.baseline,
            "metrics": list(self.metrics),
            "runs": [one.to_dict() for one in self.results],
            "groups": [one.to_dict(self.by) for one in self.groups],
            "settings": {row.path: list(row.values) for row in self.settings},
            "settings_total": self.settings_total,
            "layers": {row.name: list(row.layers) for row in self.layers},
            "layers_total": self.layers_total,
        }


def compare_selected(
    store: Store,
    named: Sequence[str] = (),
    *,
    where: str = "",
    study: str = "",
    baseline: str = "",
    by: Sequence[Field] = (),
) -> tuple[Comparison, int]:
    """Compares the runs that are named, that a filter lets through or that a study has tried; see `select_runs`.

    Returns:
        the comparison, and how many runs there are, of which it may have only the first.

    Raises:
        FilterError: the filter cannot be understood.
        NotFoundError: there is no such run or study.
        SpecError: nothing says which runs, or the baseline is none of them.
    """
    chosen = select_runs(store, named, where=where, study=study)
    if chosen.missing:
        store.runs.get(chosen.missing[0])  # says that there is none
    return compare_runs(store, chosen.runs, baseline=baseline, by=by), chosen.total


def compare_runs(
    store: Store, runs: Sequence[Run], *, baseline: str = "", by: Sequence[Field] = ()
) -> Comparison:
    """Returns runs side by side.

    Args:
        store: has their files.
        runs: at least one.
        baseline: the id of the run that the others are compared with; by default the first one's.
        by: what the runs of a group have in common; by default all settings but for the seed.

    Raises:
        SpecError: there is no run, or the baseline is none of them.
    """
    ids = [run.id for run in runs]
    baseline = baseline or next(iter(ids), "")
    if baseline not in ids:
        raise SpecError(
            N_("expected one of the compared runs, got '{got}'."),
            hint=N_("Possible: {possible}."),
            where="baseline",
            got=baseline,
            possible=", ".join(ids),
        )
    results = score_runs(store, runs, baseline)
    measured = {name for one in results for name in one.scores}
    metrics = tuple(name for name in (*METRICS, "loss") if name in measured)
    settings, settings_total = differing_settings(runs)
    layers, layers_total = differing_layers(runs)
    groups = group_results(results, baseline, by, metrics)
    return Comparison(
        results, baseline, metrics, tuple(by), groups, settings, settings_total, layers, layers_total
    )
