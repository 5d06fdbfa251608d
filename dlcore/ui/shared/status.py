"""The sidebar's status: the device, the supervisor, the queue."""

from __future__ import annotations

import streamlit as st

from dlcore.access.actors import Role
from dlcore.queue import queue_length, worker_alive
from dlcore.queue.devices import gpus
from dlcore.records import Worker
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge, LiveTopic, Note, View, fingerprint
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context


def status_view(store: Store, _subject: str) -> View:
    """Badges: the device, the supervisor, the queue."""
    devices = tuple(Badge(gpu.name, "green", icon="memory") for gpu in gpus())
    waiting = queue_length(store)
    queue = (Badge(_("{n} queued").format(n=waiting), "gray"),) if waiting else ()
    return View(
        # The list of alerts beside it follows.
        page=fingerprint(store.alerts.count_unseen(owner=context().actor.id)),
        badges=(
            *(devices or (Badge(_("CPU, no GPU found"), "gray", icon="memory"),)),
            _worker(store),
            *queue,
        ),
        note=worker_note(store),
    )


def _worker(store: Store) -> Badge:
    worker = _worker_at_work(store)
    if _warms_up(store, worker):
        return Badge(_("warming up"), "orange")
    return Badge(_("no worker"), "red") if worker is None else Badge(_("ready"), "green")


def is_warming_up(store: Store) -> bool:
    """Returns whether a supervisor is not ready yet, and will be without anybody's doing."""
    return _warms_up(store, _worker_at_work(store))


def _worker_at_work(store: Store) -> Worker | None:
    return store.workers.current() if worker_alive(store, store.settings) else None


def _warms_up(store: Store, worker: Worker | None) -> bool:
    return store.settings.start_worker if worker is None else not worker.ready


def worker_note(store: Store) -> Note | None:
    """Returns how to start a supervisor, where none is alive and the dashboard may not start one; whose machine it is not
    is told to wait.
    """
    if store.settings.start_worker or worker_alive(store, store.settings):
        return None
    if context().actor.role is not Role.ADMIN:
        return Note(
            _(
                "Nothing trains at the moment. What you start waits until whoever runs this has started it again."
            )
        )
    return Note(_("Nothing trains until this command runs next to the dashboard:"), "python -m dlcore worker")


def missing_worker() -> None:
    """Says in the page itself how to start a supervisor, where that is missing."""
    note = worker_note(context().store)
    if note is None:
        return
    st.caption(note.text)
    if note.code:
        st.code(note.code, language=None, wrap_lines=True)


STATUS = LiveTopic("status", status_view)
