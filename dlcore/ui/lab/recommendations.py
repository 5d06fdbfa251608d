"""What a user would be shown: the items that the model expects them to rate highest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.datasets.samples import Samples
from dlcore.errors import DlcoreError
from dlcore.records import Run
from dlcore.spec.data import ColumnRole
from dlcore.ui.lab.source import LabSource
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.trained import ask_model

MOST_USERS = 2_000
"""Of more, those with the most ratings can be chosen."""
MOST_ITEMS = 2_000
"""Of more, the model is asked for those with the most ratings."""
SHOWN = 10


def recommendations_view(source: LabSource) -> None:
    """Shows the items that a user has not rated and would rate highest, beside those that they did rate so."""
    samples = source.dataset()
    if samples is None:
        st.info(_("The dataset of this run is no longer here."), icon=":material/info:")
        return
    frame = samples.frame
    users = frame["user"].value_counts().index[:MOST_USERS].tolist()
    user = st.selectbox(_("User"), users, key="lab_user", width=260)
    own = frame[frame["user"] == user]
    items = frame["item"].value_counts().index
    unknown = [item for item in items if item not in set(own["item"])][:MOST_ITEMS]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{_('Expected to be rated highest')}**")
        if not unknown:
            st.info(_("This user has rated every item."), icon=":material/info:")
            return
        st.caption(
            _("Items that the user has not rated; the model was asked for this many: {n}").format(
                n=f"{len(unknown):,}"
            )
        )
        _expected(source.run, samples, str(user), unknown)
    with right:
        st.markdown(f"**{_('Rated highest so far')}**")
        st.caption(_("Ratings of this user: {n}").format(n=f"{len(own):,}"))
        rated = own.sort_values("rating", ascending=False, kind="stable").head(SHOWN)
        _items(rated["item"].tolist(), rated["rating"].tolist(), key="lab_rated")


def _expected(run: Run, samples: Samples, user: str, items: Sequence[str]) -> None:
    try:
        said = _answers(run.id, run.attempt, run.epoch, user, tuple(items), run, samples)
    except DlcoreError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    order = np.argsort(-said, kind="stable")[:SHOWN]
    _items([items[place] for place in order], said[order].tolist(), key="lab_expected")


@st.cache_data(max_entries=64, show_spinner=False)
def _answers(
    run_id: str, attempt: int, epoch: int, user: str, items: tuple[str, ...], _run: Run, _samples: Samples
) -> np.ndarray:
    """(items,) what the model answers for a user and each of some items.

    Args:
        run_id: of the run, which with the next two says which model it is.
        attempt: of the run.
        epoch: of the run.
        user: whose.
        items: which.
    """
    user_column, item_column = (
        _samples.facts.columns_of(role)[0].name for role in (ColumnRole.USER, ColumnRole.ITEM)
    )
    answer = ask_model(_run, [{user_column: user, item_column: item} for item in items])
    assert answer.predictions is not None, "something was given"
    return np.asarray(answer.predictions.answers[:, 0], np.float64)


def _items(items: Sequence[str], ratings: Sequence[float], *, key: str) -> None:
    st.dataframe(
        pd.DataFrame({"item": [str(item) for item in items], "rating": ratings}),
        hide_index=True,
        key=key,
        column_config={
            "item": st.column_config.TextColumn(_("Item"), pinned=True),
            "rating": st.column_config.NumberColumn(_("Rating"), format="%.3g"),
        },
    )
