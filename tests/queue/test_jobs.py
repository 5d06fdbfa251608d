"""What people ask of jobs, and what these do: the supervisor is played by the test."""

import json
import os

import pytest

from dlcore.datasets import is_available
from dlcore.datasets.ingest import Choices
from dlcore.datasets.uploads import discard
from dlcore.errors import DatasetError, NotFoundError, SpecError
from dlcore.processes.jobs import JOBS
from dlcore.queue.jobs import (
    SourceFile,
    dataset_of,
    find_download,
    inspected_model,
    model_of,
    proposal_of,
    request_download,
    request_ingestion,
    request_inspection,
    request_model_inspection,
    request_model_storing,
)
from dlcore.records import JobState
from tests.datasets.makers import arrived, colours, people
from tests.models.samples import keras_file, small
from tests.network import cut_off
from tests.queue.jobs import do_jobs


def test_a_look_at_a_file_is_taken_once_until_the_file_is_another(store, tmp_path):
    file = people(tmp_path / "people.csv")
    job = request_inspection(store, SourceFile.at(file, "people.csv"), Choices(), owner="ann")
    do_jobs(store)
    proposal = proposal_of(store, store.jobs.get(job.id))
    assert (proposal.name, proposal.kind.value) == ("people", "table")
    same = request_inspection(store, SourceFile.at(file, "people.csv"), Choices(), owner="ann")
    assert (same.id, same.state) == (job.id, JobState.DONE)
    os.utime(file, (1, 1))
    assert request_inspection(store, SourceFile.at(file, "people.csv"), Choices(), owner="ann").id != job.id


def test_the_same_file_sent_again_is_not_looked_at_again_and_another_one_is(store, settings, tmp_path):
    content = people(tmp_path / "people.csv").read_bytes()
    first = request_inspection(
        store, SourceFile.of(arrived(settings, "people.csv", content, owner="ann")), Choices(), owner="ann"
    )
    do_jobs(store)
    again = arrived(settings, "people.csv", content, owner="ann")
    job = request_inspection(store, SourceFile.of(again), Choices(), owner="ann")
    assert (job.id, job.state, job.attempt) == (first.id, JobState.DONE, 1)
    other = SourceFile.of(arrived(settings, "people.csv", content + b"\n", owner="ann"))
    assert request_inspection(store, other, Choices(), owner="ann").id != first.id
    # Who else has such a file is nobody's business.
    assert request_inspection(store, SourceFile.of(again), Choices(), owner="eve").id != first.id


def test_a_file_sent_again_is_looked_at_where_it_is_now(store, settings, tmp_path):
    content = people(tmp_path / "people.csv").read_bytes()
    gone = arrived(settings, "people.csv", content, owner="ann")
    file = SourceFile.of(gone)
    discard(gone)
    job = request_inspection(store, file, Choices(), owner="ann")
    do_jobs(store)
    assert store.jobs.get(job.id).state is JobState.FAILED
    assert request_inspection(store, file, Choices(), owner="ann").state is JobState.FAILED

    job = request_inspection(
        store, SourceFile.of(arrived(settings, "people.csv", content, owner="ann")), Choices(), owner="ann"
    )
    do_jobs(store)

    assert proposal_of(store, store.jobs.get(job.id)).name == "people"


def test_a_model_is_inspected_and_kept_by_jobs(store, settings, tmp_path):
    path = keras_file(tmp_path / "net.keras", small())
    file = SourceFile.at(path, "net.keras")
    look = request_model_inspection(store, file, owner="ann")
    keep = request_model_storing(store, file, "Net", owner="ann")
    do_jobs(store)
    inspected = inspected_model(store, store.jobs.get(look.id))
    assert (inspected.name, inspected.report.parameters.total) == ("net", 10)
    kept = model_of(store, store.jobs.get(keep.id))
    assert (kept.name, kept.owner, kept.report.parameters.total) == ("Net", "ann", 10)


def test_a_file_that_is_not_there_is_not_looked_at(tmp_path):
    with pytest.raises(DatasetError, match="there is no such file or folder"):
        SourceFile.at(tmp_path / "none", "none")


def test_what_cannot_be_looked_at_says_why(store, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    job = request_inspection(store, SourceFile.at(tmp_path / "x.csv", "x.csv"), Choices(), owner="ann")
    do_jobs(store)
    failed = store.jobs.get(job.id)
    assert failed.state is JobState.FAILED
    assert "it contains no table" in failed.reason.text()


def test_a_file_is_stored_for_its_owner_and_once_more_when_it_was_removed(store, tmp_path):
    file = SourceFile.at(colours(tmp_path / "x.zip"), "x.zip")
    job = request_ingestion(store, file, Choices(name="it"), owner="ann")
    do_jobs(store)
    first = dataset_of(store, store.jobs.get(job.id))
    assert (first.facts.name, first.facts.owner, first.origin) == ("it", "ann", "x.zip")

    again = request_ingestion(store, file, Choices(name="it"), owner="ann")
    assert (again.id, again.state) == (job.id, JobState.QUEUED)
    with pytest.raises(DatasetError, match="a dataset called 'it'"):
        request_ingestion(store, file, Choices(name="it"), owner="eve")


def test_an_answer_that_was_swept_away_is_missed(store, tmp_path):
    file = SourceFile.at(people(tmp_path / "people.csv"), "people.csv")
    job = request_inspection(store, file, Choices(), owner="ann")
    do_jobs(store)
    store.jobs.sweep(before=1e12)
    with pytest.raises(NotFoundError):
        proposal_of(store, job)


def test_a_download_is_found_by_the_name_of_its_dataset(store):
    assert find_download(store, "digits") is None
    job = request_download(store, "digits", owner="ann")
    assert find_download(store, "digits") == job
    do_jobs(store)
    assert find_download(store, "digits").state is JobState.DONE
    assert is_available("digits", store.settings)


def test_a_download_that_fails_says_what_to_do_and_is_tried_again(store, monkeypatch):
    cut_off(monkeypatch)
    for name in ("mnist", "keras:boston_housing"):
        request_download(store, name, owner="ann")
        do_jobs(store)
        failed = find_download(store, name)
        assert failed.state is JobState.FAILED
        assert "could not be downloaded from" in failed.reason.text()
        assert request_download(store, name, owner="bob").state is JobState.QUEUED


@pytest.mark.parametrize("name", ["minst", "keras:imbd", "keras:mnist"])
def test_what_is_not_there_is_not_downloaded(name, store):
    with pytest.raises(SpecError):
        request_download(store, name, owner="ann")
    assert store.jobs.unfinished() == []


def test_what_reads_strangers_files_has_no_network_and_downloads_have_no_clock(settings):
    limits = {name: kind.limits(settings) for name, kind in JOBS.items()}
    assert {name for name, limit in limits.items() if limit.network} == {
        "arrays",
        "augmentation_preview",
        "belongings",  # it asks the store
        "correction",
        "disturbed_sample",
        "download",
        "explanation",
        "familiarity",
        "importance",
        "label_check",
        "loss_landscape",
        "mathematics",
        "layer_views",
        "network_map",
        "export",
        "robustness",
        "run_adding",  # of what another job has checked: the store may be a server
    }
    assert {name for name, limit in limits.items() if not limit.seconds} == {"download"}
    assert {name for name, kind in JOBS.items() if kind.needs_keras} == {
        "arrays",
        "augmentation_preview",
        "disturbed_sample",
        "explanation",
        "familiarity",
        "importance",
        "label_check",
        "loss_landscape",
        "mathematics",
        "layer_views",
        "network_map",
        "export",
        "robustness",
        "prediction",
    }


def test_arguments_of_jobs_are_plain_json(store, tmp_path):
    file = SourceFile.at(people(tmp_path / "people.csv"), "people.csv")
    job = request_inspection(store, file, Choices(roles={"a": "target"}), owner="ann")
    assert json.loads(json.dumps(job.arguments)) == job.arguments
