"""The parts of a run's page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError, PermissionDeniedError
from dlcore.records import LogLine, Run
from dlcore.spec import ExperimentSpec
from dlcore.ui.components.live_log import live_log
from dlcore.ui.shared import format as show
from dlcore.ui.shared.gone import show_no_run
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown
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
        show_no_run(_("Run"), run_id, _("Choose a run first."))
        st.stop()


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


def settings(run: Run) -> None:
    """Shows the spec as it was for this run."""
    try:
        text = ExperimentSpec.from_dict(run.spec).to_yaml()
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        st.json(run.spec)
        return
    device = escape_markdown(run.device) or _("no device yet")
    st.caption(f"`{run.id}` · {show.time_ago(run.created_at)} · {device}")
    st.caption(_("As it was when this run was queued · `{hash}`").format(hash=run.spec_hash))
    st.download_button(
        _("Download"), text, file_name=f"{run.id}.yaml", icon=":material/download:", key="spec_download"
    )
    st.code(text, language="yaml")
