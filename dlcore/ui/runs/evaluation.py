"""The evaluation of a run on the test part, and its mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.parts import Array
from dlcore.errors import DlcoreError
from dlcore.plots.confusion import Share, confusion_figure, confusion_info
from dlcore.plots.histogram import histogram_figure, histogram_info
from dlcore.plots.lines import lines_figure, lines_info
from dlcore.plots.predictions import pairs_figure, pairs_info
from dlcore.records import Evaluation, Mistake, Run
from dlcore.records.artifacts import MISTAKES_FILE, PREDICTIONS_FILE
from dlcore.records.verdict import Level, verdicts, worse_than_no_learning
from dlcore.spec.data import ColumnRole, Task
from dlcore.spec.metrics import METRICS
from dlcore.store.run_files import DamagedArtifactError, read_arrays, read_evaluation
from dlcore.ui.runs.reconstruction import reconstruction
from dlcore.ui.runs.trying.samples import tested_rows
from dlcore.ui.shared import format as show
from dlcore.ui.shared.choices import choose_name
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.images import SIDE, enlarge
from dlcore.ui.shared.inside import lead_to_card, lead_to_forward
from dlcore.ui.shared.links import LAB_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.samples import choose_series, samples_of_run
from dlcore.ui.shared.sharing import sees_all
from dlcore.ui.shared.thresholds import choose_threshold
from dlcore.web.context import context

SHOWN_MISTAKES = 24
SHOWN_CLASSES = 12


def evaluation(run: Run) -> None:
    """Test metrics beside what needs no learning, and where the network errs, as the task has it."""
    folder = context().store.artifacts.results(run.id)
    try:
        found = read_evaluation(folder)
        if found is None:
            st.info(_("The evaluation appears when the run has ended."), icon=":material/info:")
            return
        _show(found, folder, run)
    except DamagedArtifactError as error:
        st.warning(say(error), icon=":material/warning:")
    except FileNotFoundError:  # deleted meanwhile, or by hand
        st.warning(
            _("Files of this run are no longer here. It may have been deleted."), icon=":material/warning:"
        )


def _show(found: Evaluation, folder: Path, run: Run) -> None:
    _metrics(found)
    if sees_all(run) and Task(found.task) is not Task.RECONSTRUCTION:
        _lead_to_lab(run)
    match Task(found.task):
        case Task.MULTILABEL:
            _scores(found)
        case Task.BINARY | Task.MULTICLASS:
            left, right = st.columns(2, gap="large")
            with left:
                _confusion(found)
            with right:
                _scores(found)
            if found.task == Task.BINARY:
                said = read_arrays(folder / PREDICTIONS_FILE)
                chance = said["answers"][:, 1].astype(np.float64)
                choose_threshold(said["targets"] == 1, chance, found.classes[1], key="threshold")
        case Task.RECONSTRUCTION:
            _errors(found)
            reconstruction(found, folder)
        case _:
            _numbers(found, folder, run)
    if found.mistakes:
        try:
            images = read_arrays(folder / MISTAKES_FILE)["images"]
        except FileNotFoundError:  # there are only those of pictures
            return
        _mistakes(found, images, run, tested_rows(folder))


def _lead_to_lab(run: Run) -> None:
    st.page_link(
        LAB_PAGE,
        label=_("Open the evaluation lab"),
        icon=":material/biotech:",
        query_params={"run": run.id},
        help=_("Every sample with its answer: which are wrong, why, and what they have in common."),
        width="content",
    )


def _metrics(found: Evaluation) -> None:
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        for name, value in found.metrics.items():
            title = f"{show.measure_title(name)} · {show.labels()['test']}"
            st.metric(title, show.metric(name, value), border=True)
    given = verdicts(found)
    for verdict in given:
        icon, color = _LEVELS[verdict.level]
        st.markdown(f":{color}[:material/{icon}:] {say(verdict.sentence)}")
    if worse_than_no_learning(given):
        st.warning(
            _(
                "It learned less than what needs no learning. Train longer, try another learning rate, or look at "
                "the data: does it say anything about the target?"
            ),
            icon=":material/warning:",
        )
    if found.baselines:
        _baselines(found)


_LEVELS = {
    Level.BETTER: ("trending_up", "green"),
    Level.EQUAL: ("trending_flat", "gray"),
    Level.WORSE: ("trending_down", "orange"),
}
"""The icon and its colour by how the run compares."""


def _baselines(found: Evaluation) -> None:
    """Shows the run's metrics in one table with those of all that it is compared with."""
    names = [name for name in found.metrics if any(name in one.metrics for one in found.baselines)]
    rows = [{"name": _("This run"), **{name: found.metrics[name] for name in names}, "samples": None}]
    rows += [
        {
            "name": say(one.name),
            **{name: one.metrics.get(name) for name in names},
            "samples": one.samples or None,
        }
        for one in found.baselines
    ]
    number = st.column_config.NumberColumn
    formats = {name: "percent" if METRICS[name].is_share else "%.4g" for name in names}
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="baselines",
        placeholder="",
        column_config={
            "name": st.column_config.TextColumn(_("Compared with"), pinned=True),
            "samples": number(_("Training samples"), help=_("Small models are fitted on at most so many.")),
            **{name: number(show.measure_title(name), format=formats[name]) for name in names},
        },
    )


def _numbers(found: Evaluation, folder: Path, run: Run) -> None:
    """Shows each target: predicted against true, and how the errors are spread."""
    said, names = read_arrays(folder / PREDICTIONS_FILE), [error.name for error in found.errors]
    _errors(found)
    index = choose_name(_("Target"), names, key="target")
    true, predicted = said["targets"][:, index], said["answers"][:, index]
    if found.task == Task.FORECASTING:
        _forecast(true, predicted, said["rows"], run, names[index])
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("Predicted and true"))
        st.plotly_chart(pairs_figure(pairs_info(true, predicted), translate=_), key="pairs")
    with right:
        st.subheader(_("Errors"), help=_("Predicted minus true; right answers are at 0."))
        info = histogram_info(predicted - true)
        st.plotly_chart(histogram_figure(info, title=_("Error"), translate=_), key="residuals")


def _errors(found: Evaluation) -> None:
    """Shows how far off each of several numbers is."""
    if len(found.errors) < 2:
        return
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame([vars(error) for error in found.errors]),
        hide_index=True,
        key="errors",
        column_config={
            "name": st.column_config.TextColumn(_("Target"), pinned=True),
            "mae": number("MAE", format="%.4g"),
            "rmse": number("RMSE", format="%.4g"),
            "r2": number("R²", format="%.3f"),
            "bias": number(_("Mean error"), format="%.4g"),
        },
    )


def _forecast(true: Array, predicted: Array, rows: Array, run: Run, name: str) -> None:
    """Shows the answers over time, of several series those of the chosen one."""
    st.subheader(_("Forecast"))
    groups = _series_of(rows, run)
    if groups is not None:
        own = choose_series(groups, key="forecast_series")
        true, predicted, rows = true[own], predicted[own], rows[own]
    lines = {_("True value"): true, _("Predicted value"): predicted}
    # In a file that is not in the order of time, only the order of the answers is.
    order = rows if (np.diff(rows) > 0).all() else np.arange(len(rows))
    figure = lines_figure(lines_info(order, lines), x_title=_("Row"), y_title=name)
    st.plotly_chart(figure, key="forecast")


def _series_of(rows: Array, run: Run) -> Array | None:
    """Returns which series each row of the dataset is of; None where there is one, or the dataset is gone."""
    try:
        samples = samples_of_run(run)
    except DlcoreError:
        return None
    if not samples.facts.columns_of(ColumnRole.GROUP):
        return None
    groups: Array = samples.groups()[rows]
    return groups


def _confusion(found: Evaluation) -> None:
    st.subheader(_("Confusion matrix"))
    share = st.toggle(_("As shares of each true class"), key="confusion_share", persist_state="session")
    info = confusion_info(found.confusion, found.classes, share=Share.TRUE if share else Share.COUNTS)
    st.plotly_chart(confusion_figure(info, translate=_), key="confusion")


def _scores(found: Evaluation) -> None:
    st.subheader(_("By class"))
    percent = st.column_config.ProgressColumn
    table = pd.DataFrame(
        {
            "class": [score.name for score in found.scores],
            "precision": [score.precision for score in found.scores],
            "recall": [score.recall for score in found.scores],
            "f1": [score.f1 for score in found.scores],
            "support": [score.support for score in found.scores],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="scores",
        height="content" if len(table) <= SHOWN_CLASSES else 460,
        column_config={
            "class": st.column_config.TextColumn(_("Class"), pinned=True),
            "precision": percent(
                _("Precision"), width="small", min_value=0, max_value=1, format="percent",
                help=_("Of the samples predicted as this class, the share that is correct."),
            ),
            "recall": percent(
                _("Recall"), width="small", min_value=0, max_value=1, format="percent",
                help=_("Of the samples of this class, the share that was predicted as such."),
            ),
            "f1": percent("F1", width="small", min_value=0, max_value=1, format="percent", help=_("Their harmonic mean.")),
            "support": st.column_config.NumberColumn(_("Samples"), width="small"),
        },
    )  # fmt: skip


def _mistakes(found: Evaluation, images: np.ndarray, run: Run, rows: Array) -> None:
    st.subheader(_("Most confident mistakes"))
    st.caption(_("Wrong predictions with the highest confidence."))
    with st.container(horizontal=True, gap="small"):
        for mistake, image in zip(found.mistakes[:SHOWN_MISTAKES], images, strict=False):
            with st.container(border=True, gap="small", width=SIDE + 40):
                st.image(enlarge(image), width=SIDE)
                st.caption(_caption(found, mistake))
                if len(rows):
                    lead_to_card(run, "test", int(rows[mistake.index]))
                    lead_to_forward(run, "test", int(rows[mistake.index]))


def _caption(found: Evaluation, mistake: Mistake) -> str:
    return _("**{predicted}** {confidence}, is **{true}**").format(
        predicted=escape_name(found.classes[mistake.predicted]),
        true=escape_name(found.classes[mistake.true]),
        confidence=f"{mistake.confidence:.0%}",
    )
