"""The parts of a study's page."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError
from dlcore.queue.further import finished_share, seconds_left
from dlcore.records import Study, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import STUDIES_PAGE
from dlcore.ui.shared.markdown import plain
from dlcore.ui.studies.controls import pending
from dlcore.ui.studies.data import active, state_badge, title_of, value_text
from dlcore.ui.studies.figures import CHOSEN
from dlcore.web.context import context

OPEN = "study_open"
SEEN = "study_seen"
LAST = 20
"""Finished trials by which the time of the next ones is told."""
NAMED = 6
"""Running trials that are named one by one."""


def chosen_study() -> Study:
    """The study named in the URL, else the one seen last; without one, the page says so and ends."""
    # A change of page by a button leaves an entry without the id in the browser's history.
    study_id = st.query_params.get("study") or st.session_state.get(OPEN, "")
    try:
        study = context().store.studies.get(study_id)
    except NotFoundError:
        st.title(_("Study"))
        st.warning(
            _("There is no study '{id}'. It may have been deleted.").format(id=plain(study_id))
            if study_id
            else _("Choose a study first."),
            icon=":material/search_off:",
        )
        st.page_link(STUDIES_PAGE, label=_("All studies"), icon=":material/travel_explore:")
        st.stop()
    if st.session_state.get(OPEN) != study.id:
        st.session_state.pop(CHOSEN, None)
    st.session_state[OPEN] = st.query_params["study"] = study.id
    return study


def progress(study: Study) -> None:
    """Name, state and the numbers that move; asks the store once a second while they do."""
    waits = bool(context().store.studies.requests(study.id))
    st.fragment(_progress, run_every=1.0 if active(study) or waits else None)(study.id)


def _progress(study_id: str) -> None:
    """Reads one row and the trials that run: its cost does not grow with the study."""
    store = context().store
    study = store.studies.get(study_id)
    requests = tuple(request.id for request in store.studies.requests(study_id))
    before = st.session_state.get(SEEN)
    now = (study.id, study.state, active(study), requests, study.parallel, study.max_trials)
    st.session_state[SEEN] = now
    _numbers(study)
    if before is not None and before[0] == study_id and before != now:
        # Buttons and the end of the polling depend on these: the whole page has to follow.
        st.rerun(scope="app")


def _numbers(study: Study) -> None:
    st.title(f"{plain(study.name)} {state_badge(study.state)}")
    st.caption(f"`{study.id}` · {study.dataset} · {show.ago(study.created_at)} · {plain(study.owner)}")
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        _best(study)
        limit = f" / {study.max_trials:,}" if study.max_trials else ""
        st.metric(
            _("Trials"),
            f"{study.finished:,}{limit}",
            border=True,
            height="stretch",
            help=_("Finished, of how many."),
        )
        st.metric(
            _("Time at work"),
            show.duration(study.seconds),
            border=True,
            height="stretch",
            help=_("Over all restarts, without pauses."),
        )
        left = _seconds_left(study) if study.state is StudyState.RUNNING else None
        st.metric(_("Time left"), "–" if left is None else show.duration(left), border=True, height="stretch")
    share = finished_share(study)
    if study.state is not StudyState.COMPLETED:
        st.progress(share or 0.0, text=_counts(study)) if share is not None else st.caption(_counts(study))
    else:
        st.caption(_counts(study))
    _running(study)
    pending(study)
    if study.reason is not None:
        st.info(say(study.reason), icon=":material/info:")


def _best(study: Study) -> None:
    first = study.metrics[0]
    if len(study.metrics) > 1:
        names = ", ".join(title_of(name) for name in study.metrics)
        st.metric(_("Goals"), str(len(study.metrics)), border=True, height="stretch", help=plain(names))
        return
    found = _("Trial {number}").format(number=study.best) if study.best is not None else None
    st.metric(
        _("Best {metric}").format(metric=title_of(first)),
        value_text(first, study.best_value),
        delta=found,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )


def _seconds_left(study: Study) -> float | None:
    store = context().store
    worker = store.workers.current()
    return seconds_left(study, store.studies.latest(study.id, LAST), worker.slots if worker else 1)


def _counts(study: Study) -> str:
    words = {
        TrialState.COMPLETE: _("{n} complete"),
        TrialState.PRUNED: _("{n} pruned"),
        TrialState.FAIL: _("{n} failed"),
        TrialState.RUNNING: _("{n} running"),
        TrialState.WAITING: _("{n} waiting"),
    }
    found = [text.format(n=f"{n:,}") for state, text in words.items() if (n := study.counts.get(state))]
    return " · ".join(found) or _("No trial has begun.")


def _running(study: Study) -> None:
    if not study.counts.get(TrialState.RUNNING):
        return
    trials = context().store.studies.trials(study.id, state=TrialState.RUNNING)
    named = [
        _("trial {number} at epoch {epoch}").format(number=trial.number, epoch=trial.epoch)
        for trial in trials[-NAMED:]
    ]
    more = f" · +{len(trials) - NAMED}" if len(trials) > NAMED else ""
    st.caption(f":material/sync: {' · '.join(named)}{more}")


def settings(study: Study) -> None:
    """The search as it was when the study began, and how to look at it with Optuna's own dashboard."""
    with st.expander(_("Settings of the search"), icon=":material/settings:"):
        try:
            text = SearchSpec.from_dict(study.spec).to_yaml()
        except DlcoreError as error:
            st.warning(say(error), icon=":material/warning:")
            st.json(study.spec)
        else:
            st.download_button(
                _("Download"), text, file_name=f"{study.id}.yaml", icon=":material/download:",
                key="study_spec", on_click="ignore",
            )  # fmt: skip
            st.code(text, language="yaml")
    with st.expander(_("Optuna dashboard"), icon=":material/monitoring:"):
        st.caption(
            _(
                "The trials are also in Optuna's own storage, where its dashboard reads them. It only looks: steer here."
            )
        )
        url = context().settings.optuna_storage_url
        st.code(f'pip install optuna-dashboard\noptuna-dashboard "{url}"', language="bash", wrap_lines=True)
