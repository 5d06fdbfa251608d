"""The download of a dataset: a button, then how far it is."""

from __future__ import annotations

import streamlit as st

from dlcore.datasets.background import WorkState
from dlcore.datasets.builtin.fetch import fetch_status, start_fetch
from dlcore.errors import DlcoreError
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.web.context import context


def download(name: str) -> None:
    """Starts the download of a dataset, shows its progress, and why it failed; the page then runs again.

    Args:
        name: as `start_fetch` takes it.
    """
    here = context()
    status = fetch_status(name, here.settings)
    if status.state is WorkState.RUNNING:
        st.fragment(_progress, run_every=1.0)(name)
        return
    if status.state is WorkState.FAILED and status.reason is not None:
        st.error(say(status.reason), icon=":material/cloud_off:")
    if st.button(_("Download now"), type="primary", icon=":material/download:", key="download"):
        try:
            start_fetch(name, here.settings)
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
        else:
            st.rerun()


def _progress(name: str) -> None:
    status = fetch_status(name, context().settings)
    if status.state is not WorkState.RUNNING:
        st.rerun(scope="app")
    st.progress(status.share, text=_("{done} of {total}").format(
        done=show.size(status.done), total=show.size(status.total)
    ))  # fmt: skip
