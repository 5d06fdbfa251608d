"""The label check of a run, and what is said of samples there: from a card to a run on the corrected data."""

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import open_stored, remove
from dlcore.design.templates import proposal
from dlcore.errors import StoreError
from dlcore.queue.corrections import change_set_of, correct, request_version
from dlcore.queue.label_checks import find_label_check
from dlcore.records.corrections import CorrectionKind
from dlcore.records.label_check import Evidence, LabelCheck, Likeness, Outlier, Suspicion
from dlcore.ui.lab import labels
from tests.comparison.runs import classified
from tests.datasets import makers
from tests.queue.jobs import do_jobs
from tests.ui.conftest import texts

WRONG = (3, 13, 25)
"""Two threes taken for a four, and a five for a six; row 3 of the dataset is the first."""


@pytest.fixture
def run(here):
    return classified(here.store, "a run", WRONG)


@pytest.fixture
def page(open_page, run):
    return open_page("lab", run=run.id, view="labels")


def said(here, run):
    """What was said of which sample."""
    found = change_set_of(here.store, run, owner=here.actor.id)
    return {one.sample: (one.kind.value, one.label) for one in found.corrections}


def test_suspicious_samples_are_cards_with_their_evidence(page):
    assert [box.label for box in page.checkbox] == ["Sample 3 · test", "Sample 13 · test", "Sample 25 · test"]
    assert "**3** → **4**" in texts(page)
    assert "3: 2.0% · 4: 82.0%" in texts(page)
    assert "**3** of 200 labels are likely to be wrong" in texts(page)
    assert "agree with 98.5% of the labels" in texts(page)


def test_the_first_one_is_decided_by_a_button_and_the_next_one_follows(page, here, run):
    page.button(key="suspects_suggested").click().run()
    assert said(here, run) == {3: ("relabel", "4")}
    page.button(key="suspects_exclude").click().run()
    page.button(key="suspects_accept").click().run()
    assert said(here, run) == {3: ("relabel", "4"), 13: ("exclude", None), 25: ("accept", None)}
    assert not page.checkbox
    assert "There is nothing to decide here." in texts(page)
    assert [one.value for one in page.metric[-3:]] == ["1", "1", "1"]
    page.toggle(key="suspects_decided").set_value(True).run()
    assert len(page.checkbox) == 3
    page.button(key="undo_all").click().run()
    assert said(here, run) == {}


def test_several_are_chosen_by_their_boxes_and_get_one_label(page, here, run):
    for sample in (13, 25):
        page.checkbox(key=f"suspect.{sample}").check()
    page.run()
    assert "For the 2 samples that are chosen." in texts(page)
    page.selectbox(key="suspects_label.13").set_value("7").run()
    page.button(key="suspects_relabel").click().run()
    assert said(here, run) == {13: ("relabel", "7"), 25: ("relabel", "7")}
    assert [box.value for box in page.checkbox] == [False]


def test_corrections_become_a_dataset_of_a_name_of_your_own_and_a_run_on_it(page, here, run):
    page.button(key="suspects_suggested").click().run()
    page.text_input(key="corrected_name").set_value("my-digits").run()
    page.button(key="apply").click().run()
    do_jobs(here.store)
    page.run()
    made = open_stored("my-digits", here.settings)
    assert made.facts.classes[made.targets[3]] == "4"
    assert "1 relabelled · 0 excluded" in texts(page)
    # What is corrected in a version is decided.
    assert len(page.checkbox) == 2
    page.button(key=f"train_again.my-digits.{made.facts.version}").click().run()
    (again,) = here.store.runs.list(owner=here.actor.id, datasets=("my-digits",))
    assert again.spec["dataset"]["version"] == made.facts.version
    assert {**again.spec, "dataset": 0, "name": 0} == {**run.spec, "dataset": 0, "name": 0}


def test_a_name_that_is_taken_is_refused(page, here, run):
    page.button(key="suspects_suggested").click().run()
    page.text_input(key="corrected_name").set_value("mnist").run()
    page.button(key="apply").click().run()
    assert "already exists" in page.error[0].value
    assert said(here, run)


def test_a_sample_of_the_lab_is_corrected_beside_its_answer(open_page, here, run):
    page = open_page("lab", run=run.id, sample="13")
    page.selectbox(key="relabel_to.13").set_value("8").run()
    page.button(key="one_relabel").click().run()
    assert said(here, run) == {13: ("relabel", "8")}
    assert "→ **8**" in texts(page)
    page.button(key="one_undo").click().run()
    assert said(here, run) == {}


def test_the_whole_dataset_is_checked_by_a_job(open_page, here, run):
    page = open_page("lab", run=run.id, view="labels", check="whole")
    page.button(key="check_whole").click().run()
    job = find_label_check(here.store, run, owner=here.actor.id)
    assert job.arguments == {"run": run.id, "folds": 3}


def test_near_duplicates_and_outliers_of_the_whole_dataset_are_listed(open_page, run, monkeypatch):
    found = LabelCheck(
        Evidence.CHANCES,
        1_797,
        3,
        (Suspicion(7, "train", "7", "1", 0.9, True, {"7": 0.05, "1": 0.95}),),
        1,
        duplicates=(Likeness(1_500, "test", 20, "train", 0.997, False),),
        outliers=(Outlier(33, "validation", 3.2),),
        compared=1_797,
    )
    monkeypatch.setattr(labels, "_whole", lambda run: found)
    page = open_page("lab", run=run.id, view="labels", check="whole")
    assert [box.label for box in page.checkbox] == ["Sample 7 · training"]
    page = open_page("lab", run=run.id, view="labels", check="whole", suspects="duplicates")
    assert [box.label for box in page.checkbox] == ["Sample 1,500 · test", "Sample 20 · training"]
    assert "99.7% like sample 20 (training)" in texts(page)
    assert "another label" in texts(page)
    page = open_page("lab", run=run.id, view="labels", check="whole", suspects="outliers")
    assert "3.2 times as far as usual" in texts(page)


def test_an_undo_that_the_store_refuses_is_said(page, here, run, monkeypatch):
    page.button(key="suspects_exclude").click().run()

    def refuse(*_given, **_more):
        raise StoreError("the disk of the store is full.")

    monkeypatch.setattr(type(here.store.corrections), "remove", refuse)
    page.button(key="undo_all").click().run()

    assert not page.exception
    assert [error.value for error in page.error] == ["The disk of the store is full."]


def test_a_dataset_that_is_gone_is_said_where_something_is_asked_of_it(open_page, here, tmp_path):
    kept = ingest(makers.colours(tmp_path / "it.zip"), here.settings, Choices(name="it"), owner=here.actor.id)
    run = classified(
        here.store,
        "gone",
        (3,),
        targets=np.arange(12) % 2,
        **{"dataset.name": "it", "dataset.version": kept.facts.version},
    )
    correct(here.store, run, [0], CorrectionKind.EXCLUDE, actor=here.actor)
    remove("it", here.settings)
    page = open_page("lab", run=run.id, view="labels")
    assert "dataset 'it'" in texts(page).replace("\\", "")
    page.button(key="suspects_exclude").click().run()
    assert page.error


def test_the_data_page_says_what_a_version_was_made_of(open_page, here, tmp_path):
    ingest(makers.colours(tmp_path / "it.zip"), here.settings, Choices(name="it"), owner=here.actor.id)
    run = classified(here.store, "r", (), targets=np.arange(12) % 2, **{"dataset.name": "it"})
    correct(here.store, run, [0], CorrectionKind.RELABEL, actor=here.actor, label="green")
    request_version(here.store, run, actor=here.actor)
    do_jobs(here.store)
    draft = here.store.drafts.create(
        proposal(open_stored("it", here.settings).facts).to_dict(), owner=here.actor.id
    )
    page = open_page("data", draft=draft.id)
    assert "1 relabelled, 0 excluded" in texts(page)
