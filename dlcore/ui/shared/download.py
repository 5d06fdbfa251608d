"""The download of a dataset: a button, then how far it is."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.jobs import find_download, request_download
from dlcore.records import JobState
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import follow_job
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context


def download(name: str) -> None:
    """Starts the download of a dataset, shows its progress, and why it failed; the page then runs again.

    Args:
        name: as `request_download` takes it.
    """
    here = context()
    job = find_download(here.store, name)
    if job is not None and not job.state.final:
        follow_job(job, _("Downloading …"))
        return
    if job is not None and job.state is JobState.FAILED and job.reason is not None:
        st.error(say(job.reason), icon=":material/cloud_off:")
    if st.button(_("Download now"), type="primary", icon=":material/download:", key="download"):
        try:
            request_download(here.store, name, owner=here.public_owner)
            wake_worker()
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")
        else:
            st.rerun()
