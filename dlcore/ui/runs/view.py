"""The live views of a run, and of the list of runs."""

from __future__ import annotations

from collections import Counter

from dlcore.queue import position
from dlcore.records import Run, RunState
from dlcore.records.verdict import verdicts
from dlcore.spec.metrics import METRICS, judging_metric
from dlcore.store import Store
from dlcore.store.run_files import DamagedArtifactError, read_evaluation
from dlcore.ui.components.live_view import Badge, Card, LiveTopic, Progress, View, fingerprint
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.speed import span_range, time_left, waiting_text
from dlcore.ui.shared.status import worker_note
from dlcore.ui.shared.title import page_title
from dlcore.web.context import context


def main_metric(run: Run) -> str:
    """Returns the metric a run is judged by; what it will be as long as nothing is measured yet."""
    measured = {name for logs in run.summary.values() for name in logs}
    return judging_metric(measured) or ("loss" if measured else next(iter(METRICS)))


def run_view(store: Store, run_id: str) -> View:
    """Returns the run's state, its numbers, how far it is, and what it waits for."""
    run = store.runs.get(run_id)
    return View(
        page=_page(run),
        live=not run.state.final,
        title=page_title(run.name, None if run.state.final else run.progress),
        badges=(Badge(_(show.STATE_NAMES[run.state]), show.STATE_COLORS[run.state]),),
        caption=" · ".join(
            (run.id, run.dataset, show.time_ago(run.created_at), run.device or _("no device yet"))
        ),
        cards=_cards(store, run),
        progress=None if run.state.final else Progress(run.progress, _progress_text(store, run)),
        note=worker_note(store) if run.state is RunState.QUEUED else None,
    )


def _page(run: Run) -> str:
    """Returns what buttons and messages of the page depend on."""
    reason = run.reason.text() if run.reason else ""
    said = (run.name, run.annotation)
    return fingerprint(run.attempt, run.state, run.stop_requested, run.epochs, reason, said)


def _cards(store: Store, run: Run) -> tuple[Card, ...]:
    labels = show.labels()
    cards = [Card(_("Epoch"), f"{run.epoch} / {run.epochs}", help=_("Finished and saved, out of the total."))]
    for name in dict.fromkeys(("loss", main_metric(run))):
        part = "validation" if name in run.summary.get("validation", {}) else "train"
        value = run.summary.get(part, {}).get(name)
        cards.append(Card(f"{labels[name]} · {labels[part]}", show.metric(name, value)))
    name = main_metric(run)
    value = run.summary.get("test", {}).get(name)
    if value is not None:
        title = f"{labels[name]} · {labels['test']}"
        return (*cards, Card(title, show.metric(name, value), under=_comparison(store, run)))
    left = time_left(run)
    if left is None:
        return (*cards, Card(_("Time left"), "–"))
    return (*cards, Card(_("Time left"), show.rough_duration(left.expected), under=span_range(left)))


def _comparison(store: Store, run: Run) -> str:
    """Returns how the run compares with the best of its fitted baselines, or of those that need no learning."""
    if not run.state.final:
        return ""
    try:
        found = read_evaluation(store.artifacts.folder(run.id))
    except DamagedArtifactError:  # the tab that shows it says so
        return ""
    given = verdicts(found) if found else ()
    return say(given[0].sentence) if given else ""


def _progress_text(store: Store, run: Run) -> str:
    if run.stop_requested:
        return _("Stopping: saving its state first.")
    if run.state is RunState.QUEUED:
        place = position(store, run.id)
        if not place:
            return _("Waiting to start")
        text = _("Queued: position {n}").format(n=place)
        return " · ".join(filter(None, [text, waiting_text(place)]))
    if run.state is RunState.STARTING or not run.steps:
        return _("Starting: loading data and building the model")
    return _("Step {step} of {steps} · {time}").format(
        step=f"{run.step:,}", steps=f"{run.steps:,}", time=show.duration(run.seconds)
    )


def runs_view(store: Store, _subject: str) -> View:
    """Returns which of your runs there are, and how many are at work:
    a list of them shows the same until it changes.
    """
    owner = context().actor
    unfinished = store.runs.unfinished(owner=owner)
    states = Counter(state for _run, state in unfinished)
    waiting = states.pop(RunState.QUEUED, 0)
    words = ((_("{n} running"), states.total()), (_("{n} queued"), waiting))
    said = " · ".join(text.format(n=n) for text, n in words if n)
    return View(
        page=fingerprint(store.runs.count(owner=owner, archived=False), unfinished),
        live=bool(unfinished),
        lines=(said,) if said else (),
    )


RUN = LiveTopic("run", run_view)
RUNS = LiveTopic("runs", runs_view)
