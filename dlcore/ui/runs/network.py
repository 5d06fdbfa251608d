"""The network of a run: its graph and its layers, and where its weights came from."""

from __future__ import annotations

import streamlit as st

from dlcore.errors import DatasetError, SpecError
from dlcore.records import Run
from dlcore.spec import ExperimentSpec, GraphReport
from dlcore.spec.checks import report
from dlcore.ui.runs.lineage import lineage
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.network import model_diagram, model_table
from dlcore.web.context import context

HEIGHT = 620
"""Of the diagram, which scrolls, in pixels."""


def network(run: Run) -> None:
    """Shows the diagram beside the table of layers, as they were for this run."""
    lineage(run)
    try:
        spec = ExperimentSpec.from_dict(run.spec)
    except SpecError as error:
        st.warning(say(error), icon=":material/warning:")
        return
    found = _report(run, spec)
    left, right = st.columns([2, 3], gap="small")
    with left, st.container(border=True, height=HEIGHT, horizontal_alignment="center"):
        model_diagram(spec.model, found or GraphReport({}, (), None))
    with right:
        if found is None:
            st.info(
                _("Its dataset is not here any more, so the shapes and sizes of its layers are not known."),
                icon=":material/database_off:",
            )
            return
        model_table(found)


def _report(run: Run, spec: ExperimentSpec) -> GraphReport | None:
    """Returns the network on the run's dataset; None if that is gone."""
    library = context().library.shown_with(run.id)
    try:
        return report(spec, library.facts_in(spec.dataset), library.vectors_for(spec))
    except (DatasetError, SpecError):
        return None
