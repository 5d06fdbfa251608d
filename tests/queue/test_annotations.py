"""Who may name, tag and archive what."""

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal
from dlcore.errors import NotFoundError
from dlcore.queue import annotate, submit
from dlcore.records import AnnotationEdit

DIGITS = CATALOGUE.get("digits").facts


def test_the_name_of_a_run_follows_dataset_and_template_until_a_person_types_one(store):
    spec = proposal(DIGITS, "mlp")
    assert submit(store, spec, owner="ann").name == "digits · mlp · 1"
    moved = proposal(CATALOGUE.get("mnist").facts, "cnn")
    assert submit(store, moved, owner="ann").name == "mnist · cnn · 1"
    assert submit(store, spec.updated(name="mine"), owner="ann").name == "mine"
    assert submit(store, spec, owner="ann").name == "digits · mlp · 3"


def test_nobody_annotates_what_is_somebody_elses(store):
    run = submit(store, proposal(DIGITS), owner="ann")
    with pytest.raises(NotFoundError):
        annotate(store, run.id, AnnotationEdit(favorite=True), actor=Actor("eve"))
    assert store.runs.get(run.id).annotation.favorite is False
    assert (
        annotate(store, run.id, AnnotationEdit(favorite=True), actor=Actor("ann")).annotation.favorite is True
    )


def test_an_unknown_id_is_said_so(store):
    with pytest.raises(NotFoundError, match="there is no run or study 'abc'"):
        annotate(store, "abc", AnnotationEdit(favorite=True), actor=Actor("ann"))
