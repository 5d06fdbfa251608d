"""Drafts: what they are called, what they become, and what is called after them."""

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal
from dlcore.errors import NotFoundError, SpecError
from dlcore.queue import submit
from dlcore.queue.annotations import template_name
from dlcore.queue.drafts import create_draft, start_draft_search, submit_draft
from dlcore.search.spec import SearchSpec

DIGITS, MNIST = (CATALOGUE.get(name).facts for name in ("digits", "mnist"))
SPACE = {"training.batch_size": [16, 32]}


def save(store, draft, spec):
    """Saves a draft as the pages do; returns what it is called then."""
    template = template_name(spec, store)
    store.drafts.save(draft.id, spec.to_dict(), actor=Actor(draft.owner), template=template)
    return store.drafts.get(draft.id, actor=Actor(draft.owner)).name


def test_the_name_of_a_draft_follows_dataset_and_network_until_a_person_types_one(store):
    draft = create_draft(store, proposal(DIGITS, "cnn"), owner="ann")
    assert draft.name == "digits · cnn · 1"
    assert save(store, draft, proposal(DIGITS, "mlp")) == "digits · mlp · 1"
    assert save(store, draft, proposal(MNIST, "cnn")) == "mnist · cnn · 1"
    assert save(store, draft, proposal(DIGITS, "cnn").updated(name="mine")) == "mine"
    assert save(store, draft, proposal(MNIST, "cnn").updated(name="mine")) == "mine"
    assert save(store, draft, proposal(DIGITS, "cnn")) == "digits · cnn · 1"


def test_no_two_drafts_runs_and_studies_have_the_same_usual_name(store):
    spec = proposal(DIGITS, "cnn")
    first, second = (create_draft(store, spec, owner="ann") for _ in range(2))
    names = [first.name, second.name, submit(store, spec, owner="ann").name]
    assert names == ["digits · cnn · 1", "digits · cnn · 2", "digits · cnn · 3"]
    assert create_draft(store, spec, owner="bob").name == "digits · cnn · 1"


def test_a_run_is_called_as_its_draft_was_and_what_is_changed_then_gets_the_next_number(store):
    spec = proposal(DIGITS, "cnn")
    draft = create_draft(store, spec, owner="ann")
    run = submit_draft(store, draft.id, spec, actor=Actor("ann"))
    assert (run.name, store.drafts.get(draft.id, actor=Actor("ann")).became_id) == (
        "digits · cnn · 1",
        run.id,
    )
    assert store.drafts.get(draft.id, actor=Actor("ann")).name == "digits · cnn · 1"

    changed = spec.with_values({"training.epochs": 2})
    assert save(store, draft, changed) == "digits · cnn · 2"
    assert save(store, draft, changed.with_values({"seed": 7})) == "digits · cnn · 2"
    assert submit_draft(store, draft.id, changed, actor=Actor("ann")).name == "digits · cnn · 2"
    # Twice the same is two runs.
    assert submit_draft(store, draft.id, changed, actor=Actor("ann")).name == "digits · cnn · 3"


def test_a_search_is_called_as_its_draft_was(store):
    spec = SearchSpec.from_dict({**proposal(DIGITS, "cnn").to_dict(), "space": SPACE})
    draft = create_draft(store, spec.experiment, owner="ann")
    study = start_draft_search(store, draft.id, spec, actor=Actor("ann"))
    assert (study.name, store.drafts.get(draft.id, actor=Actor("ann")).became_id) == (
        "digits · cnn · 1",
        study.id,
    )


def test_nobody_starts_somebody_elses_draft_nor_one_that_is_gone(store):
    spec = proposal(DIGITS, "cnn")
    draft = create_draft(store, spec, owner="ann")
    with pytest.raises(NotFoundError):
        submit_draft(store, draft.id, spec, actor=Actor("eve"))
    with pytest.raises(NotFoundError):
        submit_draft(store, "gone", spec, actor=Actor("ann"))
    assert store.runs.list() == []


def test_a_draft_that_cannot_be_started_became_nothing(store):
    spec = proposal(DIGITS, "cnn").with_values({"model.layers": []})
    draft = create_draft(store, spec, owner="ann")
    with pytest.raises(SpecError):
        submit_draft(store, draft.id, spec, actor=Actor("ann"))
    assert store.drafts.get(draft.id, actor=Actor("ann")).became_id == ""


def test_a_draft_whose_data_is_gone_is_called_after_what_is_left(store):
    spec = proposal(DIGITS, "cnn").with_values({"dataset.name": "gone"})
    assert template_name(spec, store) == ""
    assert create_draft(store, spec, owner="ann").name == "gone · 1"
    assert store.drafts.create({}, owner="ann").name == "1"
