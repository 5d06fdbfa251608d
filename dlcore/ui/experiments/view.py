"""The live view of the list of experiments."""

from __future__ import annotations

from collections import Counter

from dlcore.records import RunState, StudyState
from dlcore.store import Store
from dlcore.ui.components.live_view import LiveTopic, View, fingerprint
from dlcore.ui.shared.i18n import _, _n
from dlcore.web.context import context


def experiments_view(store: Store, _subject: str) -> View:
    """Returns which experiments you have, and how many are at work: a list of them shows the same until it changes."""
    owner = context().actor.id
    unfinished = store.runs.unfinished(owner=owner)
    searches = store.studies.states(owner=owner)
    drafts = store.drafts.unstarted(owner=owner)
    states = Counter(state for _run, state in unfinished)
    waiting = states.pop(RunState.QUEUED, 0)
    running = states.total() + sum(state is StudyState.RUNNING for _study, state in searches)
    words = (
        (_("{n} running"), running),
        (_("{n} queued"), waiting),
        (_n("{n} draft", "{n} drafts", len(drafts)), len(drafts)),
    )
    said = " · ".join(text.format(n=n) for text, n in words if n)
    return View(
        page=fingerprint(store.runs.count(owner=owner, archived=False), unfinished, searches, drafts),
        live=bool(running or waiting),
        lines=(said,) if said else (),
    )


EXPERIMENTS = LiveTopic("experiments", experiments_view)
