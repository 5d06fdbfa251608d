"""The parts of a run's page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError, PermissionDeniedError
from dlcore.queue import request_stop, resume
from dlcore.records import Axis, LogLine, Run, RunState
from dlcore.spec import ExperimentSpec
from dlcore.ui.components.live_chart import live_chart
from dlcore.ui.components.live_log import live_log
from dlcore.ui.components.live_view import live_view
from dlcore.ui.runs.lineage import fine_tune_button
from dlcore.ui.runs.table import confirm_delete
from dlcore.ui.runs.view import RUN
from dlcore.ui.shared.annotations import annotation_bar
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import BUILD_PAGE, RUNS_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.web.context import context

OPEN = "run_open"
FILE_LINES = 1_000_000


def chosen_run() -> Run:
    """Returns the run named in the URL, else the one seen last; without one, the page says so and ends."""
    here = context()
    # A change of page by a button leaves an entry without the id in the browser's history.
    run_id = st.query_params.get("run") or st.session_state.get(OPEN, "")
    try:
        run = here.store.runs.get(run_id)
        st.session_state[OPEN] = st.query_params["run"] = run.id
        return run
    except (NotFoundError, PermissionDeniedError):
        st.title(_("Run"))
        st.warning(
            _("There is no run '{id}'. It may have been deleted.").format(id=escape_name(run_id))
            if run_id
            else _("Choose a run first."),
            icon=":material/search_off:",
        )
        st.page_link(RUNS_PAGE, label=_("All runs"), icon=":material/table_chart:")
        st.stop()


def progress(run: Run) -> None:
    """Shows its name, and below it its live state and numbers."""
    st.title(escape_markdown(run.name))
    annotation_bar(run)
    live_view(RUN, run.id, key="run_state")
    if run.reason is not None:
        box = st.error if run.state is RunState.FAILED else st.info
        box(say(run.reason), icon=":material/info:")


def controls(run: Run) -> None:
    """Stop, resume, duplicate, delete: what the state allows."""
    here = context()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not run.state.final:
            if st.button(
                _("Stop"),
                icon=":material/stop:",
                key="stop",
                disabled=run.stop_requested,
                help=_("It saves its state so that it can be resumed later."),
            ):
                attempt(lambda: request_stop(here.store, run.id, actor=here.actor))
        else:
            _resume(run)
        if st.button(
            _("Duplicate"),
            icon=":material/content_copy:",
            key="duplicate",
            help=_("A new draft with these settings."),
        ):
            _duplicate(run)
        fine_tune_button(run)
        if run.state.final and st.button(
            _("Delete"),
            icon=":material/delete:",
            key="delete",
            help=_("Including its curves, model and log. Asks for confirmation."),
        ):
            confirm_delete([run])


def _resume(run: Run) -> None:
    here = context()
    floor = run.epoch + 1 if run.state is RunState.COMPLETED else max(1, run.epoch)
    epochs = st.number_input(
        _("Epochs in all"),
        min_value=floor,
        max_value=100_000,
        value=max(floor, run.epochs + (5 if run.state is RunState.COMPLETED else 0)),
        key=f"epochs_{run.id}_{run.epochs}_{run.epoch}",
        width=140,
        help=_("It resumes from epoch {n} with its full state.").format(n=run.epoch),
    )
    if st.button(_("Resume"), icon=":material/play_arrow:", key="resume", type="primary"):
        attempt(lambda: resume(here.store, run.id, actor=here.actor, epochs=int(epochs)))


def _duplicate(run: Run) -> None:
    try:
        spec = ExperimentSpec.from_dict(run.spec)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    name = "" if run.has_usual_name else _("{name} copy").format(name=run.name)
    start_draft(spec.updated(name=name))
    st.switch_page(BUILD_PAGE)


def curves(run: Run) -> None:
    """Shows the live curves, per epoch or per batch, smoothed or logarithmic."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = _axis(run)
        smoothing = st.slider(
            _("Smoothing"), 0.0, 0.99, 0.0, 0.01, key="smoothing", persist_state="session", width=220,
            help=_("An exponential mean over earlier points; the raw curve stays faintly visible."),
        )  # fmt: skip
        log_scale = st.toggle(_("Log scale"), key="log_scale", persist_state="session")
    live_chart(
        run.id,
        axis=axis,
        smoothing=float(smoothing),
        log=bool(log_scale),
        key="curves",
        empty=_("It ended before its first batch: there are no curves.")
        if run.state.final
        else _("The curves appear with the first trained batch."),
    )


def _axis(run: Run) -> Axis:
    """Returns what the curves are drawn over: what was chosen, else batches until the run has ended,
    then epochs.

    A run that ended in its first epochs has no curve over them.
    """
    usual = Axis.EPOCH if run.state.final and run.epoch > 1 else Axis.BATCH
    choice, key = f"axis_{run.id}", f"axis_{run.id}_{usual}"
    st.session_state.setdefault(key, st.session_state.get(choice, usual.value))

    def remember() -> None:
        st.session_state[choice] = st.session_state[key]

    st.segmented_control(
        _("Per"),
        [Axis.EPOCH.value, Axis.BATCH.value],
        format_func={"epoch": _("Epoch"), "batch": _("Batch")}.__getitem__,
        key=key,
        on_change=remember,
        required=True,
    )
    return Axis(st.session_state[key])


def log(run: Run) -> None:
    """Shows the end of the console log, the newest line in sight, and all of it as a file."""
    logs = context().store.logs
    st.download_button(
        _("Download"),
        lambda: _as_text(logs.tail(run.id, FILE_LINES)),
        file_name=f"{run.id}.log",
        icon=":material/download:",
        key="log_download",
        on_click="ignore",
        help=_("The whole log as a text file."),
    )
    live_log(run.id, key="log_lines")


def _as_text(lines: Sequence[LogLine]) -> str:
    return "\n".join(f"{line.at.astimezone():%H:%M:%S}  {line.text}" for line in lines)


def machine(run: Run) -> None:
    """Shows the machine's meters while the run was at work."""
    empty = (
        _("It ended before anything was measured.")
        if run.state.final
        else _("The meters appear a few seconds after it starts.")
    )
    live_chart(run.id, axis=Axis.TIME, key="machine", height=220, empty=empty)


def settings(run: Run) -> None:
    """Shows the spec as it was for this run."""
    try:
        text = ExperimentSpec.from_dict(run.spec).to_yaml()
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        st.json(run.spec)
        return
    st.caption(_("As it was when this run was queued · `{hash}`").format(hash=run.spec_hash))
    st.download_button(
        _("Download"), text, file_name=f"{run.id}.yaml", icon=":material/download:", key="spec_download"
    )
    st.code(text, language="yaml")
