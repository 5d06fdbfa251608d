"""The controls of a study: pause and resume, its limits, and trials made by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dlcore.access.permissions import Kind
from dlcore.errors import N_, DlcoreError
from dlcore.plots.studies import short_names
from dlcore.queue import studies as requests
from dlcore.queue.further import narrow_search
from dlcore.records import Run, Study, StudyState, TrialState
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.shares import Thing
from dlcore.search.dimensions import Choices, Label, Presence, Range, Repeat, TrialDimension
from dlcore.search.drafted import SearchDraft
from dlcore.search.spec import SearchSpec
from dlcore.ui.shared import format as show
from dlcore.ui.shared.buttons import icon_key, icon_popover, menu, menu_item, pressed_item
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import start_draft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import COMPARE_PAGE, RUN_PAGE, RUNS_PAGE, SEARCH_PAGE, STUDY_PAGE
from dlcore.ui.shared.markdown import escape_markdown, escape_name
from dlcore.ui.shared.requests import attempt
from dlcore.ui.shared.sharing import share_dialog, share_item
from dlcore.ui.shared.worker import wake_worker
from dlcore.ui.studies.data import ENDED, goals, param_text, study_snapshot
from dlcore.web.context import context

MOST_TRIALS, MOST_PARALLEL = 1_000_000, 1_000
HOURS = 3_600.0
LONGEST = 120
"""Characters of a dimension in words."""
UNSET = N_("chosen by the sampler")


MENU, LIMITS = icon_key("study_menu"), icon_key("study_limits")


def controls(study: Study) -> None:
    """Shows the buttons that the state and the owner allow: one that stands out, the limits, and a menu."""
    others, model = study.owner != context().actor.id, best_model(study)
    _limits(study, others)
    if study.state in ENDED and model is not None:
        _get_model(model, kind="primary")
    else:
        _course(study, others, kind="primary")
    with menu(MENU):
        if study.state in ENDED and model is not None:
            _course(study, others, kind="tertiary")
        elif model is not None:
            _get_model(model, kind="tertiary")
        _trials(study, others)
        if study.counts.get(TrialState.COMPLETE, 0) > 1:
            st.page_link(
                COMPARE_PAGE,
                label=_("Compare the best"),
                icon=":material/compare_arrows:",
                query_params={"study": study.id},
            )
        if not others:
            share_item()
        _endings(study, others)
    match pressed_item():
        case "share":
            share_dialog([Thing(Kind.STUDY, study.id)])
        case "study_add":
            add_like(study, {})
        case "study_around":
            st.dialog(_("Search around the best"), icon=":material/zoom_in_map:")(_around)(study)
        case "study_stop":
            _confirm_stop(study)
        case "study_delete":
            confirm_delete([study])


def best_model(study: Study) -> Run | None:
    """Returns the run of the best trial, if it has left a model."""
    store = context().store
    runs = store.runs.of_trial(study.id, study.best) if study.best is not None else []
    return next((run for run in runs if (store.artifacts.folder(run.id) / MODEL_FILE).is_file()), None)


Emphasis = Literal["primary", "tertiary"]


def _get_model(run: Run, *, kind: Emphasis) -> None:
    if st.button(
        _("Get this model"), icon=":material/deployed_code:", key="study_model", type=kind,
        help=_("The model of the best trial, in a format of your choice."),
    ):  # fmt: skip
        st.switch_page(RUN_PAGE, query_params={"run": run.id, "view": "take_away"})


def _waiting(study: Study) -> set[str]:
    return {request.action.value for request in context().store.studies.requests(study.id)}


def _course(study: Study, others: bool, *, kind: Emphasis) -> None:
    """Shows the button that pauses or continues."""
    here, waiting = context(), _waiting(study)
    store, actor = here.store, here.actor
    if study.state is StudyState.RUNNING:
        if st.button(
            _("Pause"), icon=":material/pause:", key="study_pause", type=kind,
            disabled=others or "pause" in waiting,
            help=_("Running trials finish normally; no new ones start."),
        ):  # fmt: skip
            attempt(lambda: requests.pause(store, study.id, actor=actor))
    elif st.button(
        _("Continue"), icon=":material/play_arrow:", key="study_resume", type=kind,
        disabled=others or "resume" in waiting, help=_("It continues where it left off."),
    ):  # fmt: skip
        attempt(lambda: requests.resume(store, study.id, actor=actor))


def _trials(study: Study, others: bool) -> None:
    """Shows the forms for a trial made by hand, for retrying failed ones, and for a narrower search."""
    here = context()
    menu_item(
        _("Add a trial"), "add", "study_add", disabled=others,
        help=_("With values of your own; the sampler chooses those you leave empty."),
    )  # fmt: skip
    failed = study.counts.get(TrialState.FAIL, 0)
    if failed and st.button(
        _("Try {n} failed again").format(n=failed), icon=":material/replay:", key="study_retry",
        type="tertiary", disabled=others or "retry" in _waiting(study),
        help=_("Retries the parameters of each failed trial, as new trials."),
    ):  # fmt: skip
        attempt(lambda: requests.retry(here.store, study.id, actor=here.actor))
    if study.counts.get(TrialState.COMPLETE):
        menu_item(
            _("Search around the best"), "zoom_in_map", "study_around",
            help=_("A new, narrower study; this one stays as it is."),
        )  # fmt: skip


def _endings(study: Study, others: bool) -> None:
    """Shows the buttons that stop and delete."""
    if study.state not in ENDED:
        menu_item(
            _("Stop"), "stop", "study_stop", disabled=others or "stop" in _waiting(study),
            help=_("Running trials save their state and stop. Asks for confirmation."),
        )  # fmt: skip
    if study.state is not StudyState.RUNNING:
        menu_item(
            _("Delete"), "delete", "study_delete", disabled=others,
            help=_("Including its trials and their runs. Asks for confirmation."),
        )  # fmt: skip


def _confirm_stop(study: Study) -> None:
    running = study.counts.get(TrialState.RUNNING, 0)
    here = context()
    ask(
        Question(
            _("Stop the search?"),
            _n(
                "Its {n} running trial saves its state, and it can be resumed later.",
                "Its {n} running trials save their state, and it can be resumed later.",
                running,
            ).format(n=running),
            _("Stop"),
            lambda: attempt(lambda: requests.stop(here.store, study.id, actor=here.actor)),
            names=[study.name],
            icon="stop",
            key="study_stop_sure",
        )
    )


def confirm_delete(studies: Sequence[Study]) -> None:
    """Asks for confirmation, then deletes studies with all their trials."""
    trials = sum(sum(study.counts.values()) for study in studies)

    def act() -> None:
        here = context()
        for study in studies:
            requests.delete(here.store, study.id, actor=here.actor)
        st.switch_page(RUNS_PAGE)

    ask(
        Question(
            _("Delete this study?") if len(studies) == 1 else _("Delete {n} studies?").format(n=len(studies)),
            _n(
                "Its {trials} trial is deleted, too, with its runs and models. This cannot be undone.",
                "All {trials} trials, their runs and models are deleted, too. This cannot be undone.",
                trials,
            ).format(trials=f"{trials:,}"),
            _("Delete"),
            act,
            names=[show.with_id(study.name, study.id) for study in studies],
            key="study_delete_sure",
        )
    )


def _limits(study: Study, others: bool) -> None:
    """Shows how much, how long and how many at once; only what was changed is asked for."""
    with icon_popover(_("Limits"), "tune", LIMITS, kind="secondary"):
        now = (study.parallel, study.max_trials, study.max_seconds, study.target)
        with st.form(f"limits_{study.id}_{now}", border=False):
            values: dict[str, Any] = {
                "parallel": st.number_input(
                    _("Parallel trials"), 0, MOST_PARALLEL, study.parallel, key="limit_parallel",
                    help=_("0: as many as fit."),
                ),
                "max_trials": st.number_input(
                    _("Trials in all"), 1, MOST_TRIALS, study.max_trials, key="limit_trials",
                    placeholder=_("no limit"),
                ),
            }  # fmt: skip
            hours = st.number_input(
                _("Hours of work"), 0.0, None, study.max_seconds / HOURS if study.max_seconds else None,
                step=0.5, format="%.4g", key="limit_hours", placeholder=_("no limit"),
            )  # fmt: skip
            same = study.max_seconds is not None and hours == study.max_seconds / HOURS
            values["max_seconds"] = study.max_seconds if same else hours * HOURS if hours else None
            if len(study.metrics) == 1:
                values["target"] = st.number_input(
                    _("Good enough at"), value=study.target, format="%.6g", key="limit_target",
                    placeholder=_("no target"), help=escape_markdown(goals(study)[0].title),
                )  # fmt: skip
            if st.form_submit_button(
                _("Change"), type="primary", icon=":material/check:", disabled=others, key="limits_go"
            ):
                _change(study, values)


def _change(study: Study, values: Mapping[str, Any]) -> None:
    changed = {name: value for name, value in values.items() if value != getattr(study, name)}
    here = context()
    if changed:
        attempt(lambda: requests.change(here.store, study.id, actor=here.actor, **changed))


def add_like(study: Study, params: Mapping[str, Label]) -> None:
    """Shows the form for a trial made by hand, beginning with some values."""
    st.dialog(_("Add a trial"), icon=":material/add:", width="medium")(_add)(study, dict(params))


def _add(study: Study, params: Mapping[str, Label]) -> None:
    here = context()
    try:
        space = requests.space_of(here.store, study)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    names = short_names(space.distributions)
    st.caption(_("Empty fields are chosen by the sampler."))
    with st.form("add_trial", border=False):
        given: dict[str, Label] = {}
        with st.grid(2, min_column_width=220, gap="small"):
            for one in space.asked:
                value = _field(one, names[one.name], params.get(one.name))
                if value is not None:
                    given[one.name] = value
        if st.form_submit_button(_("Add"), type="primary", icon=":material/add:", key="add_trial_go"):
            attempt(lambda: requests.add_trial(here.store, study.id, given, actor=here.actor))


def _field(one: TrialDimension, name: str, value: Label) -> Label:
    """Shows a number, or one of the choices; None if it is left to the sampler."""
    spread, key = one.distribution, f"add_{one.name}"
    if isinstance(spread, CategoricalDistribution):
        return _choice(spread.choices, escape_name(name), value, key, one.name)
    assert isinstance(spread, (FloatDistribution, IntDistribution))
    # Limits are checked when the form is read: the widget would show a value beyond them and give another.
    ends = _("{path}, from {low} to {high}").format(
        path=escape_markdown(one.name), low=f"{spread.low:g}", high=f"{spread.high:g}"
    )
    number = value if isinstance(value, (int, float)) else None
    if isinstance(spread, IntDistribution):
        whole = None if number is None else int(number)
        return st.number_input(
            escape_name(name), value=whole, step=1, key=key, placeholder=_(UNSET), help=ends
        )
    real = None if number is None else float(number)
    step = spread.step or 10.0 ** math.floor(math.log10((spread.high - spread.low) / 10 or 1.0))
    return st.number_input(
        escape_name(name), value=real, step=step, format="%.6g", key=key, placeholder=_(UNSET), help=ends
    )


def _choice(choices: Sequence[Label], name: str, value: Label, key: str, path: str) -> Label:
    places = range(len(choices))
    start = next((place for place in places if value is not None and choices[place] == value), None)
    place = st.selectbox(
        name,
        places,
        start,
        format_func=lambda place: param_text(choices[place]),
        key=key,
        placeholder=_(UNSET),
        help=escape_markdown(path),
    )
    return None if place is None else choices[place]


def _around(study: Study) -> None:
    here = context()
    try:
        spec = narrow_search(here.store, study, study_snapshot(study.id).trials)
        before = requests.space_of(here.store, study)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    names = short_names(before.distributions)
    st.caption(_("Ranges a quarter as wide around the best trial, and the choices of the best fifth."))
    st.table(
        [
            {
                _("Parameter"): escape_name(names[one.name]),
                _("So far"): escape_name(dimension_text(one.dimension), LONGEST),
                _("Now"): escape_name(dimension_text(spec.space.get(one.name, one.dimension)), LONGEST),
            }
            for one in before.asked
        ],
        border="horizontal",
    )
    count = st.number_input(
        _("Trials in all"), 1, MOST_TRIALS, spec.search.max_trials or 50, key="around_trials"
    )
    wanted = spec.updated(search=spec.search.updated(max_trials=int(count)))
    with st.container(horizontal=True):
        if st.button(_("Start the search"), type="primary", icon=":material/play_arrow:", key="around_go"):
            _begin(wanted)
        if st.button(
            _("Change it first"),
            icon=":material/edit:",
            key="around_draft",
            help=_("Opens it as a draft on the Search page."),
        ):
            start_draft(wanted.experiment, SearchDraft.of(wanted))
            st.switch_page(SEARCH_PAGE)


def _begin(spec: SearchSpec) -> None:
    here = context()
    try:
        new = requests.start(here.store, spec, owner=here.actor.id)
        wake_worker()
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.switch_page(STUDY_PAGE, query_params={"study": new.id})


def dimension_text(dimension: Any) -> str:
    """Returns a dimension as users read it."""
    match dimension:
        case Range():
            log = f" ({_('log')})" if dimension.log else ""
            return f"{dimension.low:.4g} – {dimension.high:.4g}{log}"
        case Repeat():
            return f"{dimension.low} – {dimension.high} ×"
        case Choices():
            return ", ".join(param_text(label) for label in dimension.labels)
        case Presence():
            return _("with or without it")
        case _:
            return str(dimension)
