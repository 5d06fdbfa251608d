"""The parts of a run's page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError, PermissionDeniedError
from dlcore.queue import position, request_stop, resume
from dlcore.records import Axis, LogLine, Run, RunState
from dlcore.spec import ExperimentSpec
from dlcore.ui.components.live_chart import labels, live_chart
from dlcore.ui.runs.lineage import fine_tune_button
from dlcore.ui.runs.table import confirm_delete, main_metric, time_left
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import BUILD_PAGE, RUNS_PAGE
from dlcore.ui.shared.markdown import plain
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.status import missing_worker
from dlcore.web.context import context

OPEN = "run_open"
LOG_LINES, FILE_LINES = 500, 1_000_000


def chosen_run() -> Run:
    """The run named in the URL, else the one seen last; without one, the page says so and ends."""
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
            _("There is no run '{id}'. It may have been deleted.").format(id=plain(run_id))
            if run_id
            else _("Choose a run first."),
            icon=":material/search_off:",
        )
        st.page_link(RUNS_PAGE, label=_("All runs"), icon=":material/table_chart:")
        st.stop()


def progress(run_id: str) -> None:
    """Name, state and the numbers that move; asks the store once a second while they do."""
    live = not context().store.runs.get(run_id).state.final
    _progress_now(run_id) if not live else _progress_live(run_id)


@st.fragment(run_every=1.0)
def _progress_live(run_id: str) -> None:
    before = st.session_state.get("run_seen")
    run = context().store.runs.get(run_id)
    now = (run.id, run.state, run.stop_requested)
    st.session_state["run_seen"] = now
    _progress_now(run_id)
    if before is not None and before[0] == run_id and before != now:
        # Buttons and the end of the polling depend on the state: the whole page has to follow.
        st.rerun(scope="app")


def _progress_now(run_id: str) -> None:
    run = context().store.runs.get(run_id)
    st.title(f"{plain(run.name)} {show.state_badge(run.state)}")
    st.caption(f"`{run.id}` · {run.dataset} · {show.ago(run.created_at)} · {_where(run)}")
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        st.metric(
            _("Epoch"), f"{run.epoch} / {run.epochs}", border=True, help=_("Finished and saved, of how many.")
        )
        for scope, name in (("validation", "loss"), ("validation", main_metric(run))):
            part = scope if name in run.summary.get(scope, {}) else "train"
            value = run.summary.get(part, {}).get(name)
            title = f"{labels()[name]} · {labels()[part]}"
            st.metric(title, show.metric(name, value), border=True)
        _last_card(run)
    if not run.state.final:
        st.progress(run.progress, text=_progress_text(run))
    if run.state is RunState.QUEUED:
        missing_worker()
    if run.reason is not None:
        box = st.error if run.state is RunState.FAILED else st.info
        box(say(run.reason), icon=":material/info:")


def _where(run: Run) -> str:
    return run.device or _("no device yet")


def _last_card(run: Run) -> None:
    name = main_metric(run)
    value = run.summary.get("test", {}).get(name)
    if value is not None:
        st.metric(f"{labels()[name]} · {labels()['test']}", show.metric(name, value), border=True)
        return
    left = time_left(run)
    st.metric(_("Time left"), show.duration(left) if left is not None else "–", border=True)


def _progress_text(run: Run) -> str:
    if run.stop_requested:
        return _("Stopping: it saves its state first.")
    if run.state is RunState.QUEUED:
        place = position(context().store, run.id)
        return _("Waiting: place {n} in the queue").format(n=place) if place else _("Waiting for its start")
    if run.state is RunState.STARTING or not run.steps:
        return _("Starting: loading data and building the model")
    return _("Step {step} of {steps} · {time}").format(
        step=f"{run.step:,}", steps=f"{run.steps:,}", time=show.duration(run.seconds)
    )


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
                help=_("It saves its state, so that it can go on later."),
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
            help=_("With its curves, model and log; it asks once more."),
        ):
            confirm_delete([run.id])


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
        help=_("It goes on from epoch {n} with all its state.").format(n=run.epoch),
    )
    if st.button(_("Resume"), icon=":material/play_arrow:", key="resume", type="primary"):
        attempt(lambda: resume(here.store, run.id, actor=here.actor, epochs=int(epochs)))


def _duplicate(run: Run) -> None:
    try:
        spec = ExperimentSpec.from_dict(run.spec)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    start_draft(spec.model_copy(update={"name": _("{name} copy").format(name=spec.name)}))
    st.switch_page(BUILD_PAGE)


def curves(run: Run) -> None:
    """The live curves, per epoch or per batch, smoothed or logarithmic."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = st.segmented_control(
            _("Per"),
            [Axis.EPOCH.value, Axis.BATCH.value],
            format_func={"epoch": _("Epoch"), "batch": _("Batch")}.__getitem__,
            default=Axis.EPOCH.value if run.state.final else Axis.BATCH.value,
            key=f"axis_{run.id}",
            required=True,
        )
        smoothing = st.slider(
            _("Smoothing"), 0.0, 0.99, 0.0, 0.01, key="smoothing", persist_state="session", width=220,
            help=_("An exponential mean over earlier points; the raw curve stays faintly visible."),
        )  # fmt: skip
        log_scale = st.toggle(_("Log scale"), key="log_scale", persist_state="session")
    live_chart(
        run.id,
        axis=Axis(axis),
        live=not run.state.final,
        smoothing=float(smoothing),
        log=bool(log_scale),
        key="curves",
    )


def log(run: Run) -> None:
    """The end of the console log, the newest line in sight, and all of it as a file."""
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
    _log_lines(run.id) if run.state.final else st.fragment(_log_lines, run_every=2.0)(run.id)


def _log_lines(run_id: str) -> None:
    lines = context().store.logs.tail(run_id, LOG_LINES)
    if not lines:
        st.caption(_("Nothing was written yet."))
        return
    with st.container(height=460, autoscroll=True, key="log_lines"):
        st.code(_as_text(lines), language=None, wrap_lines=True)


def _as_text(lines: Sequence[LogLine]) -> str:
    return "\n".join(f"{line.at.astimezone():%H:%M:%S}  {line.text}" for line in lines)


def machine(run: Run) -> None:
    """The machine's meters while the run was at work."""
    live_chart(run.id, axis=Axis.TIME, live=not run.state.final, key="machine", height=220)


def settings(run: Run) -> None:
    """The spec as it was for this run."""
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
