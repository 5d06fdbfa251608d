"""What the sidebar says of the machine: who works, on what."""

from __future__ import annotations

import streamlit as st

from dlcore.queue import queue_length, worker_alive
from dlcore.queue.devices import gpus
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context


def machine_status() -> None:
    """Badges: the device, the supervisor, the queue."""
    _status()


@st.fragment(run_every=5.0)
def _status() -> None:
    here = context()
    store, found = here.store, gpus()
    device = (
        " ".join(f":green-badge[:material/memory: {gpu.name}]" for gpu in found)
        if found
        else f":gray-badge[:material/memory: {_('CPU, no GPU found')}]"
    )
    alive = worker_alive(store, here.settings)
    worker = store.workers.current() if alive else None
    state = (
        f":green-badge[{_('ready')}]"
        if worker and worker.ready
        else f":orange-badge[{_('warming up')}]"
        if worker or here.settings.start_worker
        else f":red-badge[{_('no worker')}]"
    )
    waiting = queue_length(store)
    queued = f" :gray-badge[{_('{n} queued').format(n=waiting)}]" if waiting else ""
    st.caption(f"{device} {state}{queued}")
    missing_worker()


def missing_worker() -> None:
    """How to start a supervisor, where none is alive and the dashboard may not start one."""
    here = context()
    if not here.settings.start_worker and not worker_alive(here.store, here.settings):
        st.caption(_("Nothing trains until somebody runs this beside the dashboard:"))
        st.code("python -m dlcore worker", language=None, wrap_lines=True)
