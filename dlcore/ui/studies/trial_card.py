"""One trial of a study: its details, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.errors import N_, DlcoreError
from dlcore.plots.studies import short_names
from dlcore.queue import studies as requests
from dlcore.queue.further import train_longer
from dlcore.records import Origin, Run, Study, Trial, TrialState
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.links import BUILD_PAGE, RUN_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.sharing import sees_all
from dlcore.ui.shared.worker import wake_worker
from dlcore.ui.studies.controls import add_like
from dlcore.ui.studies.data import goals, param_text, title_of, trial_badge, value_text
from dlcore.web.context import context

MOST_EPOCHS = 100_000
ORIGINS = {
    Origin.SAMPLED: N_("chosen by the sampler"),
    Origin.DEFAULTS: N_("the experiment's values"),
    Origin.FIRST: N_("enqueued to be tried first"),
    Origin.MANUAL: N_("added by hand"),
    Origin.RETRY: N_("a retry of a failed trial"),
}


def trial_detail(study: Study, trial: Trial | None) -> None:
    """Shows the chosen trial; how to choose one as long as none is."""
    if trial is None:
        st.caption(_("Choose a trial in the table or click a point in a figure to see its details."))
        return
    runs = context().store.runs.of_trial(study.id, trial.number)
    with st.container(border=True, key="trial_detail"):
        best = f" :green-badge[:material/trophy: {_('best')}]" if trial.number == study.best else ""
        st.markdown(f"#### {_('Trial {number}').format(number=trial.number)} {trial_badge(trial)}{best}")
        left, right = st.columns(2, gap="large")
        with left:
            names = short_names(dict.fromkeys(trial.params))
            rows = {
                escape_name(names[path]): escape_name(param_text(value))
                for path, value in trial.params.items()
            }
            if rows:
                st.table(rows, border="horizontal")
        with right:
            st.table(_facts(study, trial), border="horizontal")
        if trial.reason is not None:
            box = st.error if trial.state is TrialState.FAIL else st.info
            box(say(trial.reason), icon=":material/info:")
        _run_links(runs)
        _actions(study, trial, runs)


def _facts(study: Study, trial: Trial) -> dict[str, str]:
    found = {}
    for place, goal in enumerate(goals(study)):
        value = trial.values[place] if place < len(trial.values) else None
        found[escape_markdown(goal.title)] = value_text(study.metrics[place], value)
    known = {name: value for name, value in trial.measured.items() if name not in study.metrics}
    found |= {
        escape_markdown(title_of(name)): value_text(name, value) for name, value in list(known.items())[:8]
    }
    if trial.violation > 0:
        found[_("Violates its constraints by")] = f"{trial.violation:.1%}"
    took = trial.seconds
    found[_("Epochs")] = str(trial.epoch)
    found[_("Took")] = "–" if took is None else show.duration(took)
    found[_("Source of the parameters")] = _(ORIGINS[trial.origin])
    return found


def _run_links(runs: Sequence[Run]) -> None:
    with st.container(horizontal=True):
        for place, run in enumerate(runs, start=1):
            label = _("Open the run") if len(runs) == 1 else _("Run {n}").format(n=place)
            st.page_link(RUN_PAGE, label=label, icon=":material/monitoring:", query_params={"run": run.id})


def _actions(study: Study, trial: Trial, runs: Sequence[Run]) -> None:
    here = context()
    store, actor, number = here.store, here.actor, trial.number
    others = study.owner != actor.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if here.library.may_read(study.dataset) and st.button(
            _("Use these parameters"),
            icon=":material/content_copy:",
            key="trial_use",
            help=_("A new draft with these parameters, to change and to train."),
        ):
            _use(study, trial)
        if not sees_all(study):
            return
        _longer(study, trial, runs)
        if st.button(
            _("Add a similar trial"),
            icon=":material/add:",
            key="trial_like",
            disabled=others,
            help=_("A new trial that starts from these values, to be changed by hand."),
        ):
            add_like(study, trial.params)
        if not trial.state.finished:
            _asking(
                _("Prune"), "content_cut", "trial_prune", others,
                lambda: requests.prune(store, study.id, number, actor=actor),
                _("It saves its state and ends as pruned."),
            )  # fmt: skip
        if trial.state is TrialState.FAIL:
            _asking(
                _("Try again"), "replay", "trial_retry", others,
                lambda: requests.retry(store, study.id, [number], actor=actor),
                _("Runs its parameters again as a new trial."),
            )  # fmt: skip
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED):
            _asking(
                _("Mark as good") if trial.bad else _("Mark as bad"),
                "undo" if trial.bad else "thumb_down", "trial_mark", others,
                lambda: requests.mark(store, study.id, number, bad=not trial.bad, actor=actor),
                _("A bad trial stays in the table, but is never the best, and the sampler ignores it."),
            )  # fmt: skip


def _asking(label: str, icon: str, key: str, disabled: bool, action: Callable[[], object], hint: str) -> None:
    if st.button(label, icon=f":material/{icon}:", key=key, disabled=disabled, help=hint):
        attempt(action)


def _use(study: Study, trial: Trial) -> None:
    try:
        spec = requests.experiment_of(context().store, study, trial)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    start_draft(spec)
    st.switch_page(BUILD_PAGE)


def _longer(study: Study, trial: Trial, runs: Sequence[Run]) -> None:
    """Shows how to train for more epochs: the run is resumed, or trained again if it is gone."""
    had = runs[0].epochs if runs else max(1, trial.epoch)
    working = trial.state is TrialState.RUNNING
    with st.popover(_("Train longer"), icon=":material/fast_forward:", disabled=working, key="longer"):
        st.caption(
            _("Its run resumes from epoch {n} with its full state.").format(n=runs[0].epoch)
            if runs
            else _("Its run was deleted, so it is trained from the start.")
        )
        epochs = st.number_input(
            _("Epochs in all"),
            min_value=1,
            max_value=MOST_EPOCHS,
            value=min(MOST_EPOCHS, 2 * had),
            key=f"longer_{study.id}_{trial.number}",
        )
        if st.button(_("Train"), icon=":material/play_arrow:", key="longer_go", type="primary"):
            continue_training(study, trial, int(epochs))


def continue_training(study: Study, trial: Trial, epochs: int) -> None:
    """Trains a trial to so many epochs and shows its run; a problem is shown where the button is."""
    here = context()
    try:
        run = train_longer(here.store, study, trial, epochs=epochs, actor=here.actor)
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.switch_page(RUN_PAGE, query_params={"run": run.id})
