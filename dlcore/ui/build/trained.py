"""Starting from trained weights on the Build page: a backbone, one of your runs, or an uploaded model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dlcore.design.transplant import build_on_backbone, transplant_body
from dlcore.errors import N_, DlcoreError
from dlcore.models import StoredModel
from dlcore.records import FINAL_STATES, Run
from dlcore.records.artifacts import MODEL_FILE
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import model_data
from dlcore.spec.data import DataKind
from dlcore.spec.fine_tuning import FromModel, FromRun
from dlcore.spec.layers import BACKBONES, Application
from dlcore.spec.signature import INPUT
from dlcore.text import shape_text, short_text
from dlcore.ui.shared import format as show
from dlcore.ui.shared.drafts import WorkingDraft
from dlcore.ui.shared.i18n import _
from dlcore.web.context import context

RUNS = 100
"""The latest runs are offered; of an older one, its own page has a button."""


@dataclass(frozen=True)
class _Start:
    """One body to begin with: what it is called, what to know of it, and the experiment on it."""

    title: str
    note: str
    build: Callable[[], ExperimentSpec]


BACKBONE, RUN, UPLOADED = N_("Backbone"), N_("My run"), N_("Uploaded model")


def trained_starts(draft: WorkingDraft, use: Callable[[Callable[[], ExperimentSpec]], None]) -> None:
    """Bodies with trained weights to choose from.

    Args:
        draft: what is worked on.
        use: takes over the experiment that is chosen.
    """
    sorts = {RUN: _runs, UPLOADED: _uploaded}
    if draft.facts.kind is DataKind.IMAGE:
        sorts = {BACKBONE: _backbones, **sorts}
    sort = st.segmented_control(
        _("Was trained on something else"),
        list(sorts),
        format_func=_,
        default=next(iter(sorts)),
        key="trained_sort",
        required=True,
        help=_("Its layers keep their weights; only the last one starts with new ones."),
    )
    starts = sorts[str(sort)](draft)
    if not starts:
        st.caption(_(_EMPTY[str(sort)]))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            _("Body"),
            list(starts),
            format_func=lambda one: starts[one].title,
            key=f"trained_{sort}",
            help=_("Replaces all layers of this draft."),
        )
        pressed = st.button(_("Use"), key="use_trained", icon=":material/moving:")
    st.caption(starts[name].note)
    if pressed:
        use(starts[name].build)


_EMPTY = {
    RUN: N_("None of your runs has a model yet."),
    UPLOADED: N_("None yet: upload a .keras file in the tab “Import and export” below."),
}


def _backbones(draft: WorkingDraft) -> dict[str, _Start]:
    """All backbones, from the fewest weights to the most."""

    def start(kind: type[Application]) -> _Start:
        facts, count = kind.facts, show.count(kind.facts.parameters.total)
        worth = _(
            "{n} parameters, pretrained on ImageNet: {accuracy} of its images are classified correctly, "
            "at {side} × {side} pixels."
        ).format(n=count, accuracy=f"{facts.accuracy}%", side=facts.side)
        return _Start(
            f"{kind.__name__} · {count}",
            f"{_(kind.summary)} {worth}",
            lambda: build_on_backbone(draft.spec, kind.__name__, draft.facts),
        )

    return {kind.__name__: start(kind) for kind in BACKBONES}


def _runs(draft: WorkingDraft) -> dict[str, _Start]:
    here = context()
    found = here.store.runs.list(owner=here.actor.id, states=FINAL_STATES, limit=RUNS)
    return {
        run.id: _Start(
            f"{short_text(run.name)} · {run.dataset} · {show.time_ago(run.created_at)}",
            _("Its data preparation is copied, too."),
            lambda run=run: _on_run(draft, run),  # type: ignore[misc]
        )
        for run in found
        if (here.store.artifacts.folder(run.id) / MODEL_FILE).is_file()
    }


def _on_run(draft: WorkingDraft, run: Run) -> ExperimentSpec:
    source = ExperimentSpec.from_dict(run.spec)
    try:
        seen = model_data(source, context().library.facts_in(source.dataset)).inputs
        shape = seen[INPUT].shape if INPUT in seen else ()
    except DlcoreError:  # its dataset is gone: whether its layers fit will show
        shape = ()
    prepared = draft.spec.updated(preprocessing=source.preprocessing)
    return transplant_body(prepared, source.model, FromRun(run=run.id), shape, draft.facts)


def _uploaded(draft: WorkingDraft) -> dict[str, _Start]:
    here = context()

    def start(model: StoredModel) -> _Start:
        shape = ", ".join(shape_text(one) for one in model.inputs.values())
        return _Start(
            short_text(model.name),
            _("{n} parameters, takes {shape}. Prepare the data as it was for this model.").format(
                n=show.count(model.parameters), shape=shape
            ),
            lambda: start_from_model(draft, model),
        )

    return {one.id: start(one) for one in here.library.models() if one.owner == here.actor.id}


def start_from_model(draft: WorkingDraft, model: StoredModel) -> ExperimentSpec:
    """Returns the draft's experiment on the body of an uploaded model."""
    return transplant_body(
        draft.spec, model.model, FromModel(model=model.id), model.inputs.get(INPUT, ()), draft.facts
    )
