"""What can be done with the chosen experiments."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from dlcore.errors import DlcoreError, NotFoundError
from dlcore.queue import delete, request_stop
from dlcore.queue import studies as searches
from dlcore.records import Draft, Run, Study, StudyState
from dlcore.store.experiments import Experiment
from dlcore.ui.shared import format as show
from dlcore.ui.shared.annotations import annotation_actions
from dlcore.ui.shared.dialogs import Question, ask
from dlcore.ui.shared.drafts import KEY, copy_draft, leave_draft
from dlcore.ui.shared.i18n import _, _n, say
from dlcore.ui.shared.links import COMPARE_PAGE, DATA_PAGE, STUDIES_PAGE, page_of
from dlcore.ui.shared.markdown import escape_name
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context


def actions(chosen: Sequence[Experiment], total: int) -> None:
    """Shows what can be done with the chosen experiments.

    Without any the buttons rest, so that the table stays in its place.
    """
    words = _n("{total} experiment, {chosen} chosen", "{total} experiments, {chosen} chosen", total)
    st.caption(words.format(total=f"{total:,}", chosen=len(chosen)), width="content")
    if len(chosen) == 1:
        page, query = page_of(chosen[0])
        label = _("Open {name}").format(name=escape_name(chosen[0].name))
        st.page_link(page, label=label, icon=":material/open_in_new:", query_params=query)
    _compare(chosen)
    if len(chosen) == 1 and isinstance(chosen[0], Draft):
        _duplicate(chosen[0])
    annotation_actions(chosen, key="experiments", at_rest=not chosen)
    going = [one for one in chosen if _can_stop(one)]
    if going and st.button(
        _("Stop {n}").format(n=len(going)),
        icon=":material/stop:",
        key="stop_experiments",
        help=_("They save their state so that they can be resumed later."),
    ):
        _stop(going)
    gone = [one for one in chosen if _can_be_deleted(one)]
    if st.button(
        _("Delete {n}").format(n=len(gone)) if gone else _("Delete"),
        icon=":material/delete:",
        key="delete_experiments",
        disabled=not gone,
        help=_("Including their trials, curves, models and logs. Asks for confirmation."),
    ):
        _confirm_delete(gone)


def _compare(chosen: Sequence[Experiment]) -> None:
    """Shows the link to the comparison of several runs, or of several searches."""
    for kind, page, parameter in ((Run, COMPARE_PAGE, "runs"), (Study, STUDIES_PAGE, "studies")):
        ids = [one.id for one in chosen if isinstance(one, kind)]
        if len(ids) > 1:
            st.page_link(
                page,
                label=_("Compare {n}").format(n=len(ids)),
                icon=":material/compare_arrows:",
                query_params={parameter: ",".join(ids)},
            )


def _duplicate(draft: Draft) -> None:
    if not st.button(_("Duplicate"), icon=":material/content_copy:", key="duplicate_draft"):
        return
    try:
        copy = copy_draft(draft.id)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    st.switch_page(DATA_PAGE, query_params={KEY: copy})


def _can_stop(one: Experiment) -> bool:
    if isinstance(one, Run):
        return not one.state.final and not one.stop_requested
    return isinstance(one, Study) and one.state is StudyState.RUNNING


def _stop(going: Sequence[Experiment]) -> None:
    here = context()
    for one in going:
        try:
            if isinstance(one, Run):
                request_stop(here.store, one.id, actor=here.actor)
            else:
                searches.stop(here.store, one.id, actor=here.actor)
                wake_worker()
        except DlcoreError as error:
            st.error(say(error), icon=":material/error:")


def _can_be_deleted(one: Experiment) -> bool:
    if isinstance(one, Run):
        return one.state.final
    return isinstance(one, Draft) or one.state is not StudyState.RUNNING


def _confirm_delete(gone: Sequence[Experiment]) -> None:
    """Asks for confirmation, then deletes the experiments with all that belongs to them."""

    def act() -> None:
        for one in gone:
            with suppress(NotFoundError):  # it was deleted in another tab
                _delete(one)
        st.rerun()

    ask(
        Question(
            _n("Delete this experiment?", "Delete {n} experiments?", len(gone)).format(n=len(gone)),
            _("Trials, curves, models and logs are deleted, too. This cannot be undone."),
            _("Delete"),
            act,
            names=[show.with_id(one.name, one.id) for one in gone],
            key="delete_sure",
        )
    )


def _delete(one: Experiment) -> None:
    here = context()
    match one:
        case Run():
            delete(here.store, one.id, actor=here.actor)
        case Study():
            searches.delete(here.store, one.id, actor=here.actor)
        case Draft():
            here.store.drafts.delete(one.id, actor=here.actor)
            leave_draft(one.id)
