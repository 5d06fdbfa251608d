"""What the pages know of a study: its trials, read once for all sessions, and how its values are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from dlcore.access.actors import Role
from dlcore.errors import N_, DlcoreError, NotFoundError
from dlcore.plots.studies import STATE_NAMES, Goal, goal_of
from dlcore.queue.studies import space_of
from dlcore.records import Study, StudyAction, StudyRequest, StudyState, Trial, TrialState
from dlcore.search.measures import MEASURES, WhenKnown
from dlcore.spec.measure_name import MeasureName
from dlcore.store import Store
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.sharing import sees_all
from dlcore.web.context import context

TRIAL_COLORS = {
    TrialState.WAITING: "gray",
    TrialState.RUNNING: "blue",
    TrialState.COMPLETE: "green",
    TrialState.PRUNED: "violet",
    TrialState.FAIL: "red",
}
ASKED = {
    StudyAction.PAUSE: N_("will pause"),
    StudyAction.RESUME: N_("will continue"),
    StudyAction.STOP: N_("will stop"),
    StudyAction.SET: N_("will change its limits"),
    StudyAction.ADD: N_("will add a trial"),
    StudyAction.PRUNE: N_("will prune trial {number}"),
    StudyAction.MARK: N_("will evaluate trial {number} again"),
}
ENDED = (StudyState.STOPPED, StudyState.COMPLETED)


def followed_study(study_id: str) -> Study:
    """Returns a study as it is now, for a part of its page; once it is deleted, runs the page, which says so."""
    try:
        return context().store.studies.get(study_id)
    except NotFoundError:
        st.rerun()


def is_active(study: Study) -> bool:
    """Returns whether the study can still change by itself."""
    return study.state is StudyState.RUNNING or bool(study.counts.get(TrialState.RUNNING))


def trial_badge(trial: Trial) -> str:
    """Returns its state as a coloured badge, and whether it does not count."""
    badge = f":{TRIAL_COLORS[trial.state]}-badge[{_(STATE_NAMES[trial.state])}]"
    return f"{badge} :orange-badge[{_('bad')}]" if trial.bad else badge


def request_text(request: StudyRequest) -> str:
    """Returns a request to a driver in words."""
    count = len(request.arguments.get("numbers") or ())
    if request.action is StudyAction.RETRY:
        return _n("will try {n} trial again", "will try {n} trials again", count).format(n=count)
    return _(ASKED[request.action]).format(number=request.arguments.get("number"))


@dataclass
class _TrialCache:
    """The trials of a study as far as they were read; only what changed is read again."""

    lock: Lock = field(default_factory=Lock)
    revision: int = -1
    trials: dict[int, Trial] = field(default_factory=dict)
    sorted: tuple[Trial, ...] = ()

    def follow(self, store: Store, study_id: str) -> StudySnapshot:
        """Reads what is new."""
        with self.lock:
            news = store.studies.trials(study_id, since=self.revision)
            if news:
                self.trials |= {trial.number: trial for trial in news}
                self.sorted = tuple(self.trials[number] for number in sorted(self.trials))
                self.revision = max(trial.revision for trial in news)
            return StudySnapshot(self.revision, self.sorted)


@dataclass(frozen=True)
class StudySnapshot:
    """All trials of a study at one revision, by number."""

    revision: int
    trials: tuple[Trial, ...]


@st.cache_resource(max_entries=32, show_spinner=False)
def _trial_cache(study_id: str, whole: bool) -> _TrialCache:
    return _TrialCache()


def study_snapshot(study_id: str) -> StudySnapshot:
    """Returns the trials of a study as they are now."""
    here = context()
    store = here.store
    # Those with whom a study is shared see less of its trials.
    whole = here.actor.role is Role.ADMIN or sees_all(store.studies.get(study_id))
    return _trial_cache(study_id, whole).follow(store, study_id)


def distributions(study: Study, trials: Sequence[Trial]) -> dict[str, BaseDistribution]:
    """Returns the dimensions of a study in Optuna's terms; told from its trials where its dataset is gone."""
    return _from_space(study.id) or _from_trials(trials)


@st.cache_resource(max_entries=64, show_spinner=False)
def _from_space(study_id: str) -> dict[str, BaseDistribution]:
    store = context().store
    try:
        return space_of(store, store.studies.get(study_id)).distributions
    except DlcoreError:
        return {}


def _from_trials(trials: Sequence[Trial]) -> dict[str, BaseDistribution]:
    values: dict[str, list[object]] = {}
    for trial in trials:
        for path, value in trial.params.items():
            values.setdefault(path, []).append(value)
    return {path: _distribution(given) for path, given in values.items()}


def _distribution(values: Sequence[object]) -> BaseDistribution:
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if len(numbers) < len(values):
        return CategoricalDistribution(list(dict.fromkeys(values)))  # type: ignore[arg-type]
    if all(isinstance(value, int) for value in numbers):
        return IntDistribution(int(min(numbers)), int(max(numbers)))
    low, high = float(min(numbers)), float(max(numbers))
    return FloatDistribution(low, high, log=low > 0 and high / low >= 100)


def title_of(name: str) -> str:
    """Returns a measure's title, with the part it is measured on."""
    measure = MEASURES.get(name)
    if measure is None:
        return name
    title = _(measure.title)
    if measure.known is not WhenKnown.EPOCH:
        return f"{title}, {_(measure.unit)}" if measure.unit else title
    return f"{title} · {show.labels()['validation' if MeasureName.parse(name).on_validation else 'train']}"


def goals(study: Study) -> list[Goal]:
    """Returns what a study optimises, titled in the reader's language."""
    return [goal_of(study, index, title_of(name)) for index, name in enumerate(study.metrics)]


def value_text(name: str, value: float | None) -> str:
    """Returns a value of a measure as users read it."""
    if value is None or not math.isfinite(value):
        return "–"
    if name in ("parameters", "flops"):
        return show.count(value)
    return show.duration(value) if name == "seconds" else show.metric(MeasureName.parse(name).metric, value)


def is_share(name: str) -> bool:
    """Returns whether a measure is shown as percent."""
    return MeasureName.parse(name).metric in show.PERCENT_METRICS


def param_text(value: object) -> str:
    """Returns a value of a parameter as users read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
