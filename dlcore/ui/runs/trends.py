"""The column of small curves: how the metric went that an experiment is judged by."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.errors import N_
from dlcore.records import Axis, Run, Scope, SeriesKey, Study
from dlcore.spec.measure_name import MeasureName
from dlcore.store.experiments import Experiment
from dlcore.store.trends import Trend, TrendOf
from dlcore.ui.runs.view import main_metric
from dlcore.web.context import context

TREND = "trend"
"""The name of the column; nothing can be asked of it, so it is no field."""
TREND_TITLE = N_("Course")
TREND_HELP = N_(
    "By epoch: the metric that it is judged by, on the validation part; of a search, its best trial's; of "
    "a run at work, as far as it was when the table was drawn."
)


def trends_of(found: Sequence[Experiment]) -> list[Trend | None]:
    """Returns the small curve of each experiment; None of one that has none yet."""
    store = context().store
    best = store.studies.best_runs([one.id for one in found if isinstance(one, Study)])
    asked = [_asked(one, best.get(one.id)) for one in found]
    known = store.trends.read([one for one in asked if one is not None])
    return [None if one is None else known[one] or None for one in asked]


def _asked(one: Experiment, best: tuple[str, int] | None) -> TrendOf | None:
    match one:
        case Run() if one.epoch:
            metric = main_metric(one)
            scope = Scope.VALIDATION if metric in one.summary.get(Scope.VALIDATION, {}) else Scope.TRAIN
            return TrendOf(one.id, SeriesKey(metric, scope, Axis.EPOCH), one.epoch, one.attempt)
        case Study() if best is not None:
            name = MeasureName.parse(one.metrics[0])
            scope = Scope.VALIDATION if name.on_validation else Scope.TRAIN
            return TrendOf(best[0], SeriesKey(name.metric, scope, Axis.EPOCH), best[1])
    return None
