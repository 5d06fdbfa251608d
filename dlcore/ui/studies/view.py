"""The live views of a search, and of the list of searches."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.access.actors import Role
from dlcore.design.speeds import Span
from dlcore.queue.forecasts import study_left
from dlcore.queue.further import finished_share
from dlcore.records import Study, StudyRequest, StudyState, Trial, TrialState
from dlcore.spec.metrics import judging_metric
from dlcore.store import Store
from dlcore.ui.components.live_view import Badge, Card, LiveTopic, Progress, View, fingerprint
from dlcore.ui.shared import format as show
from dlcore.ui.shared.alerts import alert_badges
from dlcore.ui.shared.annotations import annotation_badges
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.speed import span_range
from dlcore.ui.shared.title import page_title
from dlcore.ui.studies.data import is_active, request_text, title_of, value_text
from dlcore.web.context import context

LAST = 20
"""Finished trials by which the time of the next ones is told."""
NAMED = 6
"""Running trials, and requests, that are named one by one."""


def study_view(store: Store, study_id: str) -> View:
    """Returns a search's state, its numbers, how far it is, and what its trials are at.

    Reads one row, the trials that run and the last ones that ended: its cost does not grow with the study.
    """
    study, requests = store.studies.get(study_id), store.studies.requests(study_id)
    running = store.studies.trials(study_id, state=TrialState.RUNNING)
    alerts = store.alerts.of_study(study_id)
    name, color = show.STUDY_STATES[study.state]
    share = finished_share(study) if study.state is not StudyState.COMPLETED else None
    return View(
        page=_page(study, requests),
        live=is_active(study) or bool(requests),
        title=page_title(study.name, share if is_active(study) else None),
        badges=(Badge(_(name), color), *alert_badges(alerts), *annotation_badges(study.annotation)),
        caption=" · ".join((study.dataset, show.time_ago(study.created_at), *_owner(study))),
        cards=_cards(store, study),
        progress=Progress(share, _counts(study)),
        lines=tuple(line for line in (_running(running), _pending(requests)) if line),
    )


def _page(study: Study, requests: Sequence[StudyRequest]) -> str:
    """Returns what buttons and figures of the page depend on."""
    asked_for = [request.id for request in requests]
    reason = study.reason.text() if study.reason else ""
    limits = (study.parallel, study.max_trials, study.max_seconds, study.target)
    said = (study.name, study.annotation)
    return fingerprint(
        study.state,
        is_active(study),
        bool(study.counts),
        study.best is not None,
        asked_for,
        limits,
        reason,
        said,
    )


def _owner(study: Study) -> tuple[str, ...]:
    """Returns whose the study is for who sees those of others, too; a visitor's own is an id that says nothing."""
    return (study.owner,) if context().actor.role is Role.ADMIN else ()


def _cards(store: Store, study: Study) -> tuple[Card, ...]:
    limit = f" / {study.max_trials:,}" if study.max_trials else ""
    left = _time_left(store, study) if study.state is StudyState.RUNNING else None
    return (
        _best(study),
        *_test(store, study),
        Card(_("Trials"), f"{study.finished:,}{limit}", help=_("Finished, out of the total.")),
        Card(_("Time spent"), show.duration(study.seconds), help=_("Across all restarts, without pauses.")),
        Card(_("Time left"), "–")
        if left is None
        else Card(_("Time left"), show.rough_duration(left.expected), under=span_range(left)),
    )


def _best(study: Study) -> Card:
    first = study.metrics[0]
    if len(study.metrics) > 1:
        names = ", ".join(title_of(name) for name in study.metrics)
        return Card(_("Goals"), str(len(study.metrics)), help=names)
    found = _("Trial {number}").format(number=study.best) if study.best is not None else ""
    title = _("Best {metric}").format(metric=title_of(first))
    return Card(title, value_text(first, study.best_value), under=found)


def _test(store: Store, study: Study) -> tuple[Card, ...]:
    """Returns what the best trial scores on the test part, which no trial is chosen by."""
    runs = store.runs.of_trial(study.id, study.best) if study.best is not None else []
    for run in runs:
        tested = run.summary.get("test", {})
        if name := judging_metric(set(tested)):
            title = f"{show.labels()[name]} · {show.labels()['test']}"
            return (Card(title, show.metric(name, tested[name]), help=_("Of the best trial.")),)
    return ()


def _time_left(store: Store, study: Study) -> Span | None:
    worker = store.workers.current()
    return study_left(study, store.studies.latest(study.id, LAST), worker.slots if worker else 1)


def _counts(study: Study) -> str:
    words = {
        TrialState.COMPLETE: _("{n} complete"),
        TrialState.PRUNED: _("{n} pruned"),
        TrialState.FAIL: _("{n} failed"),
        TrialState.RUNNING: _("{n} running"),
        TrialState.WAITING: _("{n} waiting"),
    }
    found = [text.format(n=f"{n:,}") for state, text in words.items() if (n := study.counts.get(state))]
    return " · ".join(found) or _("No trial has started.")


def _running(trials: Sequence[Trial]) -> str:
    named = [
        _("trial {number} at epoch {epoch}").format(number=trial.number, epoch=trial.epoch)
        for trial in trials[-NAMED:]
    ]
    return _with_rest(named, len(trials))


def _pending(requests: Sequence[StudyRequest]) -> str:
    """Returns what was asked for and is not done yet."""
    return _with_rest([request_text(request) for request in requests[:NAMED]], len(requests))


def _with_rest(named: list[str], count: int) -> str:
    more = [f"+{count - NAMED}"] if count > NAMED else []
    return " · ".join([*named, *more])


def trials_view(store: Store, study_id: str) -> View:
    """Returns which trials there are and how they ended: a table of them shows the same until it changes."""
    study, latest = store.studies.get(study_id), store.studies.latest(study_id, 1)
    return View(page=fingerprint(study.counts, [trial.revision for trial in latest]), live=is_active(study))


STUDY = LiveTopic("study", study_view)
TRIALS = LiveTopic("trials_table", trials_view)
