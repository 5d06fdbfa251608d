"""The experiment a person is working on: it lives in the store, the page holds only its id."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dlcore.datasets import DatasetFacts, facts
from dlcore.errors import DatasetError, NotFoundError, PermissionDeniedError, SpecError
from dlcore.records import Draft
from dlcore.spec import ExperimentSpec, GraphReport, infer
from dlcore.spec.templates import template
from dlcore.ui.context import context

KEY = "draft"
EXAMPLE_DATASET = "digits"


@dataclass(frozen=True)
class Working:
    """The draft of this session, checked, with the facts of its dataset."""

    id: str
    spec: ExperimentSpec
    facts: DatasetFacts

    @property
    def report(self) -> GraphReport:
        """Shapes and parameters of its model on its data."""
        return infer(self.spec.model, self.facts.input_shape, len(self.facts.classes))

    def save(self, spec: ExperimentSpec) -> None:
        """Stores the changed spec and runs the page again."""
        here = context()
        here.store.drafts.save(self.id, spec.to_dict(), actor=here.actor)
        st.rerun()

    @property
    def key(self) -> str:
        """Prefix for the keys of the widgets that edit this draft."""
        return f"{self.id}.{st.session_state.get('revision', 0)}"


def example() -> ExperimentSpec:
    """What a first visit offers: the first CNN on a dataset that needs no network."""
    shape = facts(EXAMPLE_DATASET).input_shape
    return ExperimentSpec.from_dict(
        {
            "name": "digits-cnn",
            "dataset": {"name": EXAMPLE_DATASET},
            "model": template("cnn").build(shape).model_dump(mode="json"),
        }
    )


def start_draft(spec: ExperimentSpec) -> str:
    """Makes a new draft the one this session works on; gives its id."""
    here = context()
    draft = here.store.drafts.create(spec.to_dict(), owner=here.actor)
    st.session_state[KEY] = draft.id
    forget_widgets()
    return draft.id


def forget_widgets() -> None:
    """Lets forms show the draft again instead of what was typed before."""
    st.session_state["revision"] = st.session_state.get("revision", 0) + 1


def working() -> Working:
    """The draft in the URL, else of this session, else the person's latest, else a new one.

    Its id is put into the URL, so that a reload or another device finds it again.
    """
    draft = _find(st.query_params.get(KEY)) or _find(st.session_state.get(KEY)) or _latest()
    draft_id = draft.id if draft else start_draft(example())
    spec = _checked(draft) if draft else example()
    if st.session_state.get(KEY) != draft_id:
        st.session_state[KEY] = draft_id
        forget_widgets()
    st.query_params[KEY] = draft_id
    try:
        return Working(draft_id, spec, facts(spec.dataset.name))
    except (DatasetError, SpecError):
        known = spec.with_values({"dataset.name": EXAMPLE_DATASET})
        return Working(draft_id, known, facts(EXAMPLE_DATASET))


def _find(draft_id: str | None) -> Draft | None:
    if not draft_id:
        return None
    here = context()
    try:
        return here.store.drafts.get(draft_id, actor=here.actor)
    except (NotFoundError, PermissionDeniedError):
        return None


def _latest() -> Draft | None:
    here = context()
    return here.store.drafts.latest(owner=here.actor)


def _checked(draft: Draft) -> ExperimentSpec:
    """The draft's spec; one that an older version wrote and this one refuses starts anew."""
    try:
        return ExperimentSpec.from_dict(draft.spec)
    except SpecError:
        return example()
