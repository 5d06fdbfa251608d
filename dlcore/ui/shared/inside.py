"""The ways to a sample of a run: all that is known of it, and the network at work on it."""

from __future__ import annotations

import streamlit as st

from dlcore.records import Run
from dlcore.ui.shared.i18n import _
from dlcore.ui.shared.links import LAB_PAGE, LEARN_PAGE
from dlcore.ui.shared.sharing import sees_all
from dlcore.ui.shared.trained import can_be_tried
from dlcore.web.context import context


def lead_to_card(run: Run, part: str, sample: int) -> None:
    """Draws a link to a sample in the evaluation lab, for who sees all of its run.

    Args:
        run: whose.
        part: `validation` or `test`.
        sample: its row in the dataset as it was stored.
    """
    if sees_all(run):
        st.page_link(
            LAB_PAGE,
            label=_("In the lab"),
            icon=":material/biotech:",
            query_params={"run": run.id, "part": part, "sample": str(sample)},
            help=_("The sample with its answer: why it was given, and what each layer makes of it."),
            width="content",
        )


def lead_to_forward(run: Run, part: str, sample: int) -> None:
    """Draws a link to a sample's way through the network, with all numbers, for the owner of a run that has a model.

    Args:
        run: whose.
        part: `validation` or `test`.
        sample: its row in the dataset as it was stored.
    """
    if run.owner == context().actor.id and can_be_tried(run):
        st.page_link(
            LEARN_PAGE,
            label=_("Forward"),
            icon=":material/functions:",
            query_params={"topic": "forward", "run": run.id, "part": part, "sample": str(sample)},
            help=_("The sample's way through the network, layer by layer, with every number."),
            width="content",
        )
