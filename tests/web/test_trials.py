"""What a study's page is told of its trials."""

import pytest

from dlcore.queue import studies
from dlcore.queue.processes import own_identity
from dlcore.records import Origin, StudyState, TrialState
from dlcore.web import charts
from dlcore.web.feed import Ask
from tests.search.runs import search


@pytest.fixture
def driven(store):
    """A study, and what its driver writes: trials in a state, and the study's own."""
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: False)
    study = studies.start(store, search(), owner="ada")

    def write(*trials: tuple[int, TrialState], state: StudyState = StudyState.RUNNING) -> None:
        with store.studies.driving(study.id, me.id) as write:
            for number, trial in trials:
                write.add_trial(number, origin=Origin.SAMPLED, params={})
                write.set_trial(number, state=trial)
            write.set_study(state=state)

    return study, write


def ask(store, study, since):
    return charts.trials(store, Ask("trials", study.id, since))


def numbers(news):
    return [trial["number"] for trial in news["trials"]]


def test_many_trials_come_in_pieces_until_there_are_no_more(store, driven, monkeypatch):
    study, write = driven
    monkeypatch.setattr(charts, "TRIALS_AT_ONCE", 2)
    write(*[(number, TrialState.COMPLETE) for number in range(3)])

    first = ask(store, study, "0")
    second = ask(store, study, str(first["revision"]))

    assert (numbers(first), first["more"], first["live"]) == ([0, 1], True, True)
    assert (numbers(second), second["more"], second["live"]) == ([2], False, True)
    assert second["revision"] == store.studies.get(study.id).revision


def test_a_study_at_work_with_nothing_new_is_not_told_again(store, driven):
    study, write = driven
    write((0, TrialState.COMPLETE))
    revision = str(store.studies.get(study.id).revision)

    assert ask(store, study, revision) is None


@pytest.mark.parametrize(
    ("trial", "live"), [(TrialState.COMPLETE, False), (TrialState.RUNNING, True), (TrialState.WAITING, False)]
)
def test_a_study_lives_as_long_as_one_of_its_trials_trains(store, driven, trial, live):
    study, write = driven
    write((0, trial), state=StudyState.PAUSED)

    assert ask(store, study, "0")["live"] is live


def test_a_study_that_has_ended_says_so_even_if_nothing_is_new(store, driven):
    study, write = driven
    write((0, TrialState.COMPLETE), state=StudyState.STOPPED)
    revision = store.studies.get(study.id).revision

    assert ask(store, study, str(revision)) == {
        "revision": revision, "more": False, "live": False, "trials": [],
    }  # fmt: skip
