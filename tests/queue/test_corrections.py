"""Requests to correct samples, to make a version of them, and to train on it; the supervisor is played by the test."""

import pytest

from dlcore.access.actors import Actor
from dlcore.datasets import facts
from dlcore.datasets.lineage import lineage_of
from dlcore.datasets.stored import open_stored, remove
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, DlcoreError, NotFoundError, SpecError
from dlcore.queue import submit
from dlcore.queue.corrections import (
    change_set_of,
    correct,
    corrected_versions,
    excluded_rows,
    find_version_job,
    lineage,
    needs_name,
    request_version,
    runs_on,
    take_back,
    train_again,
    version_of,
)
from dlcore.records import JobState, RunState
from dlcore.records.corrections import Correction, CorrectionKind
from dlcore.store.gate import open_to
from tests.datasets.makers import colours, stored
from tests.queue.jobs import do_jobs

RELABEL, EXCLUDE, ACCEPT = CorrectionKind.RELABEL, CorrectionKind.EXCLUDE, CorrectionKind.ACCEPT
ME = Actor("me")


@pytest.fixture
def dataset(settings, tmp_path):
    """Six green and six red pictures called `it`, of the owner `me`."""
    return stored(colours(tmp_path / "colours.zip"), settings)


@pytest.fixture
def run(store, dataset):
    return submit(store, proposal(dataset.facts), owner="me")


def done(store, job):
    do_jobs(store)
    found = store.jobs.get(job.id)
    assert found.state is JobState.DONE, found.reason
    return found


def test_corrections_become_a_version_and_a_run_on_it(store, run, dataset):
    mine = open_to(store, ME)
    correct(mine, run, [0], RELABEL, actor=ME, label="green", part="test")
    correct(mine, run, [3, 4], EXCLUDE, actor=ME)
    correct(mine, run, [5], ACCEPT, actor=ME)
    found = change_set_of(mine, run, owner="me")
    assert found.corrections[0] == Correction(0, RELABEL, "red", "green", "test")
    assert [one.kind for one in found.corrections] == [RELABEL, EXCLUDE, EXCLUDE, ACCEPT]
    job = done(store, request_version(mine, run, actor=ME))
    made = version_of(mine, job)
    assert (made.name, made.class_counts) == ("it", (7, 3))
    assert excluded_rows(mine, "it", made.version) == (3, 4)
    assert lineage(mine, "it", made.version).relabelled == 1
    assert not change_set_of(mine, run, owner="me").changes
    again = train_again(mine, run, made.name, made.version, actor=ME)
    assert again.spec["dataset"]["version"] == made.version
    assert {**again.spec, "dataset": 0} == {**run.spec, "dataset": 0}
    assert [one.id for one in runs_on(mine, corrected_versions(mine, run, actor=ME)[0], actor=ME)] == [
        again.id
    ]
    # What was accepted holds for the new version, too.
    assert change_set_of(mine, again, owner="me").corrections == (Correction(5, ACCEPT, "red"),)


def test_the_same_sample_in_two_tabs_is_what_was_said_last(store, run):
    correct(store, run, [0], EXCLUDE, actor=ME)
    correct(store, run, [0], RELABEL, actor=ME, label="green")
    assert change_set_of(store, run, owner="me").corrections == (Correction(0, RELABEL, "red", "green"),)
    take_back(store, run, [0], actor=ME)
    take_back(store, run, [0], actor=ME)
    assert not change_set_of(store, run, owner="me").corrections


def test_applied_twice_is_applied_once(store, run):
    correct(store, run, [0], EXCLUDE, actor=ME)
    first, second = (request_version(store, run, actor=ME) for _ in range(2))
    assert first.id == second.id == find_version_job(store, run, actor=ME).id
    done(store, first)
    assert find_version_job(store, run, actor=ME) is None
    with pytest.raises(DatasetError, match="nothing to change"):
        request_version(store, run, actor=ME)


def test_trained_again_twice_at_once_is_one_run(store, run):
    correct(store, run, [0], EXCLUDE, actor=ME)
    made = version_of(store, done(store, request_version(store, run, actor=ME)))
    first, second = (train_again(store, run, made.name, made.version, actor=ME) for _ in range(2))
    assert first.id == second.id
    store.runs.move(store.runs.get(first.id), RunState.STOPPED)
    assert train_again(store, run, made.name, made.version, actor=ME).id != first.id


def test_a_damaged_dataset_hides_no_other_version(store, run, settings):
    versions = []
    for sample in (0, 1):
        correct(store, run, [sample], EXCLUDE, actor=ME)
        versions.append(version_of(store, done(store, request_version(store, run, actor=ME))).version)
        take_back(store, run, actor=ME)
    folder = open_stored("it", settings, versions[0]).folder
    (folder / "manifest.json").write_text('{"lineage": 7}')
    assert [made.version for made in corrected_versions(store, run, actor=ME)] == [versions[1]]


def test_a_built_in_dataset_becomes_one_of_a_new_name(store, settings):
    run = submit(store, proposal(facts("digits", settings)), owner="me")
    correct(store, run, [7], RELABEL, actor=ME, label="9")
    correct(store, run, [1_796], EXCLUDE, actor=ME)
    assert needs_name(store, run)
    with pytest.raises(DatasetError, match="already exists"):
        request_version(store, run, actor=ME, name="mnist")
    made = version_of(store, done(store, request_version(store, run, actor=ME)))
    assert (made.name, made.size) == ("digits-corrected", 1_796)
    stored_version = open_stored("digits-corrected", settings, made.version)
    assert stored_version.targets[7] == 9
    assert (lineage_of(stored_version).dataset, lineage_of(stored_version).version) == ("digits", "")
    (listed,) = corrected_versions(store, run, actor=ME)
    assert (listed.name, listed.version, listed.lineage.excluded) == ("digits-corrected", made.version, 1)
    assert train_again(store, run, made.name, made.version, actor=ME).dataset == "digits-corrected"


def test_what_is_anothers_is_refused(store, run):
    eve = Actor("eve")
    hers = open_to(store, eve)
    with pytest.raises(NotFoundError):
        correct(hers, run, [0], EXCLUDE, actor=eve)
    with pytest.raises(DlcoreError):
        request_version(hers, run, actor=eve)
    store.corrections.save("it", run.spec["dataset"]["version"], [Correction(0, EXCLUDE)], owner="eve")
    with pytest.raises(SpecError):
        request_version(hers, run, actor=eve)
    with pytest.raises(NotFoundError):
        train_again(hers, run, "it", run.spec["dataset"]["version"], actor=eve)


def test_a_dataset_that_is_only_shared_is_not_changed(store, run):
    from dlcore.access.permissions import Kind
    from dlcore.records.shares import Thing

    eve = Actor("eve")
    store.shares.publish(Thing(Kind.DATASET, "it"), owner="me")
    hers = open_to(store, eve)
    theirs = submit(hers, proposal(facts("it", store.settings)), owner="eve")
    correct(hers, theirs, [0], EXCLUDE, actor=eve)
    with pytest.raises(DlcoreError, match="shared with you to look at"):
        request_version(hers, theirs, actor=eve)


def test_a_dataset_that_is_gone_is_said(store, run, settings):
    correct(store, run, [0], EXCLUDE, actor=ME)
    remove("it", settings)
    with pytest.raises(SpecError, match="dataset"):
        correct(store, run, [1], EXCLUDE, actor=ME)
    with pytest.raises(SpecError, match="dataset"):
        request_version(store, run, actor=ME)


@pytest.mark.parametrize(
    ("sample", "kind", "label", "message"),
    [
        (12, EXCLUDE, None, "there is no sample 12"),
        (-1, EXCLUDE, None, "there is no sample -1"),
        (0, RELABEL, "blue", "class"),
        (0, RELABEL, None, "class"),
    ],
)
def test_what_does_not_fit_is_refused(store, run, sample, kind, label, message):
    with pytest.raises(DlcoreError, match=message):
        correct(store, run, [sample], kind, actor=ME, label=label)
    assert not change_set_of(store, run, owner="me").corrections
