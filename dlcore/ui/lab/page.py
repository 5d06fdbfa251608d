"""The page of the evaluation lab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError, PermissionDeniedError
from dlcore.records import Run
from dlcore.spec.data import DataKind, Task
from dlcore.ui.lab.card import sample_card
from dlcore.ui.lab.classes import classes_view
from dlcore.ui.lab.columns import columns_view
from dlcore.ui.lab.confidence import confidence_view
from dlcore.ui.lab.labels import label_check
from dlcore.ui.lab.list import choose_samples, matrix, sample_list
from dlcore.ui.lab.map import map_view
from dlcore.ui.lab.numbers import numbers_view
from dlcore.ui.lab.recommendations import recommendations_view
from dlcore.ui.lab.robustness import robustness_view
from dlcore.ui.lab.slices import slices_view
from dlcore.ui.lab.source import PART, SAMPLE, LabSource, open_part, parts_of
from dlcore.ui.shared.address import begin, tabs, tell
from dlcore.ui.shared.gone import show_no_run
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.layout import head_line
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.sharing import sees_all
from dlcore.web.context import context

RUN, VIEW = "run", "view"
"""Parameters of the address."""

View = Callable[[LabSource], None]


def lab_page() -> None:
    """Draws the lab of the run that the address names."""
    run = _find_run(st.query_params.get(RUN, ""))
    if run is None:
        advice = _("Open the lab from the page of a run: tab Evaluation.")
        show_no_run(_("Evaluation lab"), st.query_params.get(RUN, ""), advice)
        return
    with head_line():
        st.title(_("Evaluation lab"), anchor=False, width="content")
        st.page_link(
            RUN_PAGE,
            label=escape_name(run.name),
            icon=":material/experiment:",
            query_params={"run": run.id, "view": "evaluation"},
            width="content",
        )
        part = _choose_part(run)
    try:
        source = open_part(run, part)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    if source is None:
        st.info(
            _("The lab opens when the run has ended and answers for its test part were kept."),
            icon=":material/info:",
        )
        return
    if source.unanswered:
        words = _n(
            "{n} sample is left out: the answer to it is no finite number.",
            "{n} samples are left out: the answers to them are no finite numbers.",
            source.unanswered,
        )
        st.warning(words.format(n=f"{source.unanswered:,}"), icon=":material/warning:")
    views = _views(source)
    for name, tab in tabs({name: title for name, (title, _view) in views.items()}, key=VIEW).items():
        with tab:
            views[name][1](source)


def _find_run(run_id: str) -> Run | None:
    """Returns a run; None where there is none that the actor sees all of."""
    try:
        run = context().store.runs.get(run_id)
    except (NotFoundError, PermissionDeniedError):
        return None
    return run if sees_all(run) else None


def _choose_part(run: Run) -> str:
    """Draws the choice of a part, where answers to several were kept."""
    parts = parts_of(run) or ["test"]
    titles = {"test": _("Test"), "validation": _("Validation")}
    if len(parts) == 1:
        return parts[0]
    begin(PART, titles)
    st.session_state.setdefault(PART, parts[0])
    chosen = st.segmented_control(
        _("Part"),
        parts,
        format_func=titles.__getitem__,
        key=PART,
        required=True,
        label_visibility="collapsed",
        on_change=_forget_sample,
    )
    part = str(chosen or parts[0])
    tell(PART, part, first=parts[0])
    return part


def _forget_sample() -> None:
    st.query_params.pop(SAMPLE, None)


def _views(source: LabSource) -> dict[str, tuple[str, View]]:
    """Returns the views that suit the task, by their names in the address."""
    views: dict[str, tuple[str, View]] = {"samples": (_("Samples"), samples_view)}
    if source.samples.correct is None:
        views["numbers"] = (_("Errors"), numbers_view)
    else:
        views["classes"] = (_("Classes"), classes_view)
    if source.samples.task.single_label:
        views["confidence"] = (_("Confidence"), confidence_view)
    views["slices"] = (_("Slices"), slices_view)
    if source.samples.task is Task.RATING:
        views["recommendations"] = (_("Top items"), recommendations_view)
    views["labels"] = (_("Labels"), lambda source: label_check(source.run))
    views["map"] = (_("Map"), map_view)
    views["robustness"] = (_("Robustness"), robustness_view)
    data = source.dataset() if source.part == "test" else None
    if data is not None and data.facts.kind in (DataKind.TABLE, DataKind.SERIES):
        views["columns"] = (_("Columns"), columns_view)
    return views


def samples_view(source: LabSource) -> None:
    """Shows the samples that are chosen, and one of them as a card."""
    if source.samples.task.single_label:
        left, right = st.columns([5, 7], gap="large")
        with left:
            matrix(source)
    else:
        right = st.container()
    with right:
        chosen = choose_samples(source)
        place = sample_list(source, chosen)
    if place is not None:
        sample_card(source, place, chosen)
