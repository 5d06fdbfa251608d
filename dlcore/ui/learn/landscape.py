"""The loss around one's own trained model: a valley, or a ravine."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.analysis.learning.landscape import Landscape
from dlcore.errors import DlcoreError
from dlcore.plots.learn.landscapes import landscape_contour, landscape_surface
from dlcore.queue.mathematics import find_landscape, landscape_of, request_landscape
from dlcore.ui.learn.own_run import choose_run
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.jobs import show_until_done, wait_briefly
from dlcore.ui.shared.samples import draw_number
from dlcore.ui.shared.worker import wake_worker
from dlcore.web.context import context


def landscape() -> None:
    """Draws the topic."""
    st.markdown(
        _(
            "A network has too many weights to be seen. But from where it stands one can go along two random directions, α "
            "and β, and look at the loss. Each direction is as long as the filters themselves, so that networks can be "
            "compared."
        )
    )
    st.latex(
        r"L(\alpha, \beta) = L(W + \alpha\,D_1 + \beta\,D_2), \qquad \lVert D_{i} \rVert = \lVert W_{i} \rVert \text{ for each filter } i"
    )
    columns = st.columns([3, 2, 1])
    with columns[0]:
        run = choose_run()
    if run is None:
        return
    labels = show.labels()
    with columns[1]:
        part = st.selectbox(
            _("Part"),
            ["train", "validation", "test"],
            format_func=labels.__getitem__,
            key="learn_landscape_part",
        )
    with columns[2]:
        seed = draw_number("learn_landscape_seed")
    here = context()

    def request() -> None:
        request_landscape(here.store, run, part, seed, owner=here.actor.id, again=True)
        wake_worker()

    try:
        job = find_landscape(here.store, run, part, seed, owner=here.actor.id)
        if job is None:
            st.button(
                _("Compute the surface"), type="primary", icon=":material/landscape:", key="learn_landscape",
                on_click=request, help=_("The loss at 441 places; it takes from seconds to a few minutes."),
            )  # fmt: skip
            return
        if show_until_done(
            wait_briefly(job), _("Walking around your model …"), request, key="learn_landscape_again"
        ):
            _show(landscape_of(here.store, here.store.jobs.get(job.id)))
    except DlcoreError as error:
        st.error(say(error), icon=":material/error:")
        st.button(_("Try again"), icon=":material/refresh:", key="learn_landscape_retry", on_click=request)


def _show(found: Landscape) -> None:
    grid = found.grid
    middle = float(grid[len(grid) // 2, len(grid) // 2])
    with st.grid(3, min_column_width=show.CARD, gap="small"):
        st.metric(_("Loss of your model"), f"{middle:.4g}", border=True)
        st.metric(_("Lowest loss around it"), f"{np.nanmin(grid):.4g}", border=True)
        st.metric(_("Highest loss around it"), f"{np.nanmax(grid):.4g}", border=True)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("From above"), anchor=False)
        st.plotly_chart(landscape_contour(found, translate=_), key="landscape_contour")
    with right:
        st.subheader(_("As a surface"), anchor=False)
        st.plotly_chart(landscape_surface(found), key="landscape_surface")
    st.caption(
        _(
            "The mean loss of samples of this part, drawn by its logarithm; there are {count}. A wide valley means that small "
            "changes of the weights do not matter much."
        ).format(count=found.samples)
    )
