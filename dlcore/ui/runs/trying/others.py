"""Other runs on the same dataset, whose models answer beside this one."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dlcore.records import Run
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.trained import can_be_tried
from dlcore.web.context import context

BESIDE = "beside"
MOST_OTHERS = 2
_LOOKED_AT = 200
"""Of more runs on the same dataset, the latest can be chosen."""


def choose_others(run: Run) -> list[Run]:
    """Draws the choice of runs that answer beside this one, and returns those that are chosen.

    Args:
        run: this one. The others are of the same dataset, so that they take the same samples.
    """
    here = context()
    latest = here.store.runs.list(
        owner=here.actor.id, datasets=[run.dataset], archived=False, limit=_LOOKED_AT
    )
    known = {one.id: one for one in latest if one.id != run.id and can_be_tried(one)}
    if not known:
        return []
    titles = _titles(list(known.values()))
    key = f"try_beside.{run.id}"
    before = st.session_state.get(key, st.query_params.get(BESIDE, "").split(","))
    # One that was deleted meanwhile is no option any more.
    st.session_state[key] = [one for one in before if one in known][:MOST_OTHERS]
    chosen = st.multiselect(
        _("Beside it"),
        list(known),
        format_func=titles.__getitem__,
        max_selections=MOST_OTHERS,
        key=key,
        placeholder=_("Other runs on this dataset"),
    )
    if chosen:
        st.query_params[BESIDE] = ",".join(chosen)
    else:
        st.query_params.pop(BESIDE, None)
    return [known[one] for one in chosen]


def _titles(runs: list[Run]) -> dict[str, str]:
    """Returns what each run is called by its id, no two alike."""
    named = Counter(one.name for one in runs)
    return {one.id: one.name if named[one.name] == 1 else f"{one.name} · {one.id}" for one in runs}
