"""What the figures of a study's page are drawn from, and how each is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import plotly.graph_objects as go
import streamlit as st
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from dlcore.errors import N_, DlcoreError
from dlcore.plots.studies import (
    Distributions,
    Goal,
    ImportanceInfo,
    chosen_trials,
    contour_figure,
    contour_info,
    curves_figure,
    curves_info,
    edf_figure,
    edf_info,
    importance_figure,
    importance_info,
    parallel_info,
    pareto_figure,
    pareto_info,
    paths_of,
    rank_figure,
    rank_info,
    short_names,
    slice_figure,
    slice_info,
    timeline_figure,
    timeline_info,
    trial_of,
)
from dlcore.records import SeriesKey, Study, Trial
from dlcore.search.measures import MEASURES, WhenKnown
from dlcore.spec.measure_name import MeasureName
from dlcore.ui.components.study_chart import brushed_axes, clicked_trial, live_history
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.studies.data import StudySnapshot, is_active, study_snapshot, title_of
from dlcore.web.context import context

VIEW = "figure"
"""Key of the choice of a figure, and its parameter in the address."""
FIGURE, TABLE = "study_figure", "study_table"
"""Keys of the two fragments."""
CHOSEN = "study_trial"
BRUSH, HISTORY = "study_brush", "study_history"
MOST_PARAMS = 12
"""Of one figure: more axes or panels cannot be read."""


@dataclass(frozen=True)
class FigureSource:
    """What a figure is drawn from."""

    study: Study
    seen: StudySnapshot
    goals: Sequence[Goal]
    goal: Goal
    distributions: Distributions

    @property
    def trials(self) -> Sequence[Trial]:
        """All trials, by number."""
        return self.seen.trials

    def key(self, name: str) -> str:
        """Returns a key for a widget of this study."""
        return f"{name}_{self.study.id}"

    @property
    def paths(self) -> list[str]:
        """The parameters that occur."""
        return paths_of(self.trials, self.distributions)

    @property
    def names(self) -> dict[str, str]:
        """Their short names."""
        return short_names({**dict.fromkeys(self.distributions), **dict.fromkeys(self.paths)})


def choose_trial(number: int) -> None:
    """Makes a trial the one whose details are shown."""
    st.session_state[CHOSEN] = number


def _history_clicked() -> None:
    number = clicked_trial(HISTORY)
    if number is not None:
        choose_trial(number)
        st.rerun([FIGURE, TABLE])


def _figure_clicked() -> None:
    points = st.session_state["study_plot"].selection.points
    number = next((number for point in points if (number := trial_of(point)) is not None), None)
    if number is not None:
        choose_trial(number)
        st.rerun([FIGURE, TABLE])


def _shown(drawn: go.Figure) -> None:
    """Shows a figure in which a click on a point opens its trial."""
    st.plotly_chart(drawn, key="study_plot", on_select=_figure_clicked, selection_mode="points")


def _history(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    with controls:
        by_time = st.toggle(_("Over time"), key="history_time", persist_state="session")
        log = _log_toggle()
    live_history(
        looked.study,
        looked.trials,
        looked.goal,
        since=looked.seen.revision,
        by_time=bool(by_time),
        log=log,
        live=is_active(looked.study),
        on_click=_history_clicked,
        key=HISTORY,
    )


def _log_toggle() -> bool:
    return bool(st.toggle(_("Log scale"), key="study_log", persist_state="session"))


def _curves(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    with controls:
        log = _log_toggle()
    name = MeasureName.parse(looked.study.metrics[0])
    measure = MEASURES.get(str(name))
    if measure is None or measure.known is not WhenKnown.EPOCH:
        name = MeasureName("loss", on_validation=True)
    key = SeriesKey.by_epoch(name)
    chosen = [looked.trials[place] for place in _places(looked, chosen_trials(looked.trials, looked.study))]
    metrics = context().store.metrics
    found = {trial.number: metrics.window(trial.run_id, key, buckets=100) for trial in chosen}
    info = curves_info({n: (c.x, c.y) for n, c in found.items() if len(c.x)}, chosen, looked.study)
    if not info.curves:
        st.caption(_("The curves appear with the first epoch."))
        return
    words = _n(
        "The best, those that run, and the latest: {n} of {count} trial.",
        "The best, those that run, and the latest: {n} of {count} trials.",
        len(looked.trials),
    )
    st.caption(words.format(n=len(info.curves), count=len(looked.trials)))
    _shown(curves_figure(info, x_title=_("Epoch"), y_title=title_of(str(name)), log=log, translate=_))


def _places(looked: FigureSource, numbers: Sequence[int]) -> list[int]:
    place = {trial.number: index for index, trial in enumerate(looked.trials)}
    return [place[number] for number in numbers]


def _importance(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    try:
        info = _importance_info(looked.study.id, looked.seen.revision, looked.goal, looked)
    except DlcoreError as error:
        st.info(say(error), icon=":material/info:")
        return
    st.plotly_chart(importance_figure(info, translate=_), key="study_plot_fixed")


@st.cache_data(max_entries=32, show_spinner=False)
def _importance_info(study_id: str, revision: int, goal: Goal, _looked: FigureSource) -> ImportanceInfo:
    # A second at the first time, so kept for all sessions.
    return importance_info(_looked.trials, goal, _looked.distributions)


def _parallel(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    paths = _params(looked, controls)
    info = parallel_info(looked.trials, looked.goal, looked.distributions, paths=paths)
    if not info.numbers:
        _nothing_counts()
        return
    if info.hidden:
        st.caption(
            _("{n} of {count} lines are drawn, the best ones among them; a brush selects of all.").format(
                n=f"{len(info.numbers):,}", count=f"{len(info.numbers) + info.hidden:,}"
            )
        )
    st.session_state["study_parallel"] = (looked.study.id, tuple(paths), looked.goal)
    name = f"{looked.study.id}|{looked.goal.objective}|{'|'.join(paths)}"
    brushed_axes(info, on_brush=lambda: st.rerun(TABLE), key=brush_key(), name=name)


def brush_key() -> str:
    """Returns the key of the chart that is brushed: another one for other axes."""
    shown = st.session_state.get("study_parallel")
    if shown is None:
        return BRUSH
    # Hashed, as a path may hold two underscores in a row, which Streamlit refuses in a component's key.
    axes = hashlib.sha256("|".join(shown[1]).encode()).hexdigest()[:16]
    return f"{BRUSH}_{shown[0]}_{shown[2].objective}_{axes}"


def _slices(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    paths = _params(looked, controls)
    with controls:
        log = _log_toggle()
    info = slice_info(looked.trials, looked.goal, looked.distributions, paths=paths)
    columns = min(3, max(1, len(info.panels)))
    _shown(slice_figure(info, looked.goal, columns=columns, log=log, translate=_))


def _params(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> list[str]:
    """Shows the parameters to show: all, or in a large space the first ones and whatever is asked for."""
    names, paths = looked.names, looked.paths
    if len(paths) < 3:
        return paths
    chosen: list[str] = controls.multiselect(
        _("Hyperparameters"),
        paths,
        format_func=lambda path: names[path],
        key=looked.key("params"),
        placeholder=_("all") if len(paths) <= MOST_PARAMS else _("the first {n}").format(n=MOST_PARAMS),
        width=360,
    )
    return chosen or paths[:MOST_PARAMS]


def _pair(
    looked: FigureSource, controls: st.delta_generator.DeltaGenerator, draw: Callable[[str, str], go.Figure]
) -> None:
    names = looked.names
    # Ranges first: more can be seen of them than of sets.
    paths = sorted(looked.paths, key=lambda path: _breadth(looked.distributions.get(path)))
    if len(paths) < 2:
        st.info(_("It needs two parameters."), icon=":material/info:")
        return
    with controls:
        x = st.selectbox(_("Across"), paths, format_func=names.__getitem__, key=looked.key("x"), width=240)
        y = st.selectbox(
            _("Upwards"), paths, format_func=names.__getitem__, index=1, key=looked.key("y"), width=240
        )
    if x == y:
        st.info(_("Choose two that differ."), icon=":material/info:")
        return
    _shown(draw(x, y))


def _breadth(distribution: BaseDistribution | None) -> int:
    return {FloatDistribution: 0, IntDistribution: 1}.get(type(distribution), 2)  # type: ignore[arg-type]


def _contour(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    def draw(x: str, y: str) -> go.Figure:
        info = contour_info(looked.trials, looked.goal, looked.distributions, x=x, y=y)
        return contour_figure(info, looked.goal, translate=_)

    _pair(looked, controls, draw)


def _rank(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    def draw(x: str, y: str) -> go.Figure:
        info = rank_info(looked.trials, looked.goal, looked.distributions, x=x, y=y)
        return rank_figure(info, looked.goal, translate=_)

    _pair(looked, controls, draw)


def _timeline(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    info = timeline_info(looked.trials, now=datetime.now(UTC))
    st.caption(
        _("At most {n} in parallel; a slot was busy {share} of the time.").format(
            n=info.lanes, share=f"{info.busy:.0%}"
        )
    )
    _shown(timeline_figure(info, translate=_))


def _front(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    """Shows the study's goals, or its one goal against something else that was measured."""
    chosen = list(looked.goals)
    measured = sorted({name for trial in looked.trials[-200:] for name in trial.measured} & set(MEASURES))
    also = [
        Goal(title_of(n), MEASURES[n].direction, measured=n)
        for n in measured
        if n not in looked.study.metrics
    ]
    if len(chosen) == 1 and not also:
        st.info(_("It needs two measures."), icon=":material/info:")
        return
    every = [*chosen, *also]
    with controls:
        picked = st.multiselect(
            _("Goals"),
            every,
            default=every[: max(2, len(chosen))][:3],
            format_func=lambda goal: goal.title,
            max_selections=3,
            key=looked.key("front"),
            width=520,
        )
    if len(picked) < 2:
        st.info(_("Choose two or three."), icon=":material/info:")
        return
    info = pareto_info(looked.trials, picked)
    words = _n(
        "{n} trial is on the front: none is better in every metric.",
        "{n} trials are on the front: none is better in every metric.",
        len(info.front.numbers),
    )
    st.caption(words.format(n=len(info.front.numbers)))
    _shown(pareto_figure(info, picked, axes=tuple(range(len(picked))), translate=_))


def _edf(looked: FigureSource, controls: st.delta_generator.DeltaGenerator) -> None:
    here = context()
    place = looked.goal.objective
    wanted = looked.study.metrics[place]
    others = here.store.studies.list(owner=looked.study.owner)
    same = [
        one for one in others if one.metrics[place : place + 1] == (wanted,) and one.id != looked.study.id
    ]
    with controls:
        against = st.multiselect(
            _("Against"),
            same,
            format_func=lambda study: study.name,
            key=looked.key("against"),
            placeholder=_("another study with this goal"),
            width=360,
        )
        log = _log_toggle()
    lines = edf_info(
        trials_by_name({looked.study.id: looked.study, **{one.id: one for one in against}}), looked.goal
    )
    if not lines:
        _nothing_counts()
        return
    st.plotly_chart(edf_figure(lines, looked.goal, log=log, translate=_), key="study_plot_fixed")


def trials_by_name(studies: dict[str, Study]) -> dict[str, Sequence[Trial]]:
    """Returns the trials of studies by their names; of equal names the later ones with their ids."""
    found: dict[str, Sequence[Trial]] = {}
    for study in studies.values():
        found[study.name if study.name not in found else show.with_id(study.name, study.id)] = study_snapshot(
            study.id
        ).trials
    return found


def _nothing_counts() -> None:
    st.info(_("No trial has completed yet."), icon=":material/hourglass_empty:")


Draw = Callable[[FigureSource, st.delta_generator.DeltaGenerator], None]
VIEWS: dict[str, tuple[str, Draw, str]] = {
    "history": (N_("History"), _history, N_("Each trial and the best so far. A click opens a trial.")),
    "curves": (N_("Curves"), _curves, N_("The curves of the trials; pruned ones end early.")),
    "importance": (
        N_("Importance"),
        _importance,
        N_("What determines whether a trial is among the best tenth."),
    ),
    "parallel": (
        N_("Parallel axes"),
        _parallel,
        N_("One line per trial. Drag along an axis to select trials."),
    ),
    "slice": (N_("Slices"), _slices, N_("Each parameter against the value.")),
    "contour": (N_("Contour"), _contour, N_("How two parameters affect the value.")),
    "rank": (N_("Rank"), _rank, N_("The ranks of the trials over two parameters.")),
    "timeline": (N_("Timeline"), _timeline, N_("When each trial ran.")),
    "front": (
        N_("Pareto front"),
        _front,
        N_("Trials that cannot improve in one metric without getting worse in another."),
    ),
    "edf": (N_("Distribution"), _edf, N_("The share of the trials that are at least as good as a value.")),
}
