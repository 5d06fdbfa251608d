"""The live views of a run, and of the list of runs."""

from __future__ import annotations

from collections import Counter

from dlcore.queue import position
from dlcore.records import Draft, Run, RunState, Study
from dlcore.spec.metrics import METRICS, judging_metric
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge, Card, LiveTopic, Progress, View, fingerprint
from dlcore.ui.shared import format as show
from dlcore.ui.shared.alerts import alert_badges
from dlcore.ui.shared.annotations import annotation_badges
from dlcore.ui.shared.i18n import _, _n
from dlcore.ui.shared.speed import span_range, time_left, waiting_text
from dlcore.ui.shared.status import worker_note
from dlcore.ui.shared.title import page_title
from dlcore.web.context import context


def main_metric(run: Run | Study | Draft) -> str:
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
        badges=(
            Badge(_(show.STATE_NAMES[run.state]), show.STATE_COLORS[run.state]),
            *alert_badges(store.alerts.of_run(run.id)),
            *annotation_badges(run.annotation),
        ),
        caption=" · ".join(facts_of(run)),
        cards=() if run.state.final or run.state is RunState.QUEUED else _cards(run),
        progress=None if run.state.final else Progress(_share(run), _progress_text(store, run)),
        note=worker_note(store) if run.state is RunState.QUEUED else None,
    )


def _page(run: Run) -> str:
    """Returns what buttons and messages of the page depend on."""
    reason = run.reason.text() if run.reason else ""
    said = (run.name, run.annotation)
    return fingerprint(run.attempt, run.state, run.stop_requested, run.epochs, reason, said)


def facts_of(run: Run) -> list[str]:
    """Returns its dataset, how many epochs it has, how long they took, and how large its network is."""
    found = [run.dataset]
    if run.state.final and run.epoch < run.epochs:
        words = _n("{n} of {epochs} epoch", "{n} of {epochs} epochs", run.epochs)
        found.append(words.format(n=run.epoch, epochs=run.epochs))
    elif run.state.final:
        found.append(_n("{n} epoch", "{n} epochs", run.epochs).format(n=run.epochs))
    if run.state.final and run.seconds:
        found.append(show.duration(run.seconds))
    if count := run.workload.get("parameters"):
        found.append(_n("{n} parameter", "{n} parameters", count).format(n=f"{count:,}"))
    return found


def _cards(run: Run) -> tuple[Card, ...]:
    labels = show.labels()
    cards = [Card(_("Epoch"), f"{run.epoch} / {run.epochs}", help=_("Finished and saved, out of the total."))]
    for name in dict.fromkeys(("loss", main_metric(run))):
        part = "validation" if name in run.summary.get("validation", {}) else "train"
        value = run.summary.get(part, {}).get(name)
        cards.append(Card(f"{labels[name]} · {labels[part]}", show.metric(name, value)))
    left = time_left(run)
    if left is None:
        return (*cards, Card(_("Time left"), "–"))
    return (*cards, Card(_("Time left"), show.rough_duration(left.expected), under=span_range(left)))


def _share(run: Run) -> float | None:
    """Returns how far it is; None of one that has not begun, but for one that is to be resumed."""
    return None if run.state is RunState.QUEUED and not run.progress else run.progress


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
    owner = context().actor.id
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


def count_view(store: Store, _subject: str) -> View:
    """Returns how many runs you have, which a page is about that shows ended ones: it draws nothing."""
    return View(page=fingerprint(store.runs.count(owner=context().actor.id)))


RUN = LiveTopic("run", run_view)
RUNS = LiveTopic("runs", runs_view)
COUNT = LiveTopic("run_count", count_view)
