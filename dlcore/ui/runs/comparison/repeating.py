"""One of the compared runs again with other seeds, to tell its settings from chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dlcore.errors import DlcoreError
from dlcore.queue.seeds import MOST_SEEDS, repeat_run
from dlcore.records import Run
from dlcore.ui.runs.comparison.source import GROUP, SETTING, ask_for
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context


def repeat_form(runs: Sequence[Run], names: Mapping[str, str]) -> None:
    """Offers it; the new runs are compared, too, and those of one setting are a group."""
    by_id = {run.id: run for run in runs}
    with st.form("repeat", border=False):
        st.markdown(
            f"**{_('Again with other seeds')}**",
            help=_("What differs between runs of one setting is chance."),
        )
        run_id = st.selectbox(_("Run"), list(by_id), format_func=names.__getitem__, key="repeat_run")
        seeds = st.number_input(_("Seeds"), 1, MOST_SEEDS, 2, key="repeat_seeds")
        if not st.form_submit_button(_("Start"), icon=":material/play_arrow:", key="repeat_start"):
            return
    here = context()
    try:
        new = repeat_run(here.store, by_id[run_id], seeds=int(seeds), actor=here.actor)
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        return
    wake_worker()
    st.session_state.pop(GROUP, None)
    st.query_params[GROUP] = SETTING
    ask_for([*by_id, *(run.id for run in new)])
