"""From a spec to a queued run, and to its page."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue import submit
from dlcore.queue.drafts import submit_draft
from dlcore.queue.ready import ReadyExperiment
from dlcore.spec import ExperimentSpec
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import RUN_PAGE
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context


def launch(spec: ExperimentSpec, *, draft: str = "") -> None:
    """Queues a run and shows its page; a problem is shown where the button is.

    Args:
        spec: what it trains.
        draft: the id of the draft that it is started from, if any.
    """
    here = context()
    try:
        if draft:
            run = submit_draft(here.store, draft, spec, actor=here.actor)
        else:
            run = submit(here.store, spec, owner=here.actor.id)
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.switch_page(RUN_PAGE, query_params={"run": run.id})


def launch_ready(ready: ReadyExperiment) -> None:
    """Queues a ready experiment once its data is there, and shows its page; a problem is shown where the button is."""
    here = context()
    try:
        with st.spinner(_("Preparing the data…")):
            spec = ready.prepared(here.settings, owner=here.public_owner)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    launch(spec)
