"""Wherever a page says how long something takes, the range stands beside it, or that nothing is known."""

import re

import pytest

from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.slots import slots_here
from dlcore.records import RunState
from dlcore.ui.runs.view import RUN
from tests.queue.timed import SPEC, STEPS, at_work, done, whole
from tests.store.samples import moved

RANGE = r"\d.* \(\d.* – \d.*\)"


@pytest.fixture
def trained(here):
    """Seconds that a run of the spec has taken on this machine."""
    return done(here.store, 100.0, slots=slots_here(here.settings))


def rows(page):
    """What stands in the table of what will run."""
    (table,) = page.table
    return dict(zip(table.value.index, table.value.iloc[:, 0], strict=True))


def test_before_any_run_has_trained_nothing_is_made_up(open_page):
    page = open_page("train")

    assert rows(page)["Time"] == "not known until a run has trained on this machine"
    assert rows(page)["Queue"] == "starts immediately"


def test_a_run_does_not_start_immediately_while_the_supervisor_is_warming_up(open_page, here):
    me = own_identity()
    assert here.store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    assert not here.store.workers.current().ready
    assert rows(open_page("train"))["Queue"] == "starts when warmed up"


def test_what_will_run_takes_about_as_long_as_a_run_like_it(open_page, here, trained):
    draft = here.store.drafts.create(SPEC.to_dict(), owner="local")
    page = open_page("train", draft=draft.id)

    assert re.fullmatch(f"about {RANGE}", rows(page)["Time"])


def test_early_stopping_makes_it_a_limit(open_page, here, trained):
    spec = SPEC.with_values({"training.early_stopping": {}})
    draft = here.store.drafts.create(spec.to_dict(), owner="local")

    assert re.fullmatch(f"at most about {RANGE}", rows(open_page("train", draft=draft.id))["Time"])


def test_the_queue_says_when_the_run_would_begin(open_page, here, trained):
    submit(here.store, SPEC, owner="local")

    assert re.fullmatch(f"1 run before it · begins in about {RANGE}", rows(open_page("train"))["Queue"])


def test_behind_a_run_that_nothing_is_known_of_no_time_is_made_up(open_page, here):
    at_work(here.store, slots=slots_here(here.settings))

    assert rows(open_page("train"))["Queue"] == "begins when a run has ended"


def test_a_search_takes_its_trials_times_one_of_them(open_page, here, trained):
    from dlcore.search.drafted import SearchDraft
    from dlcore.search.spec import SearchSpec

    search = {
        "space": {"training.optimizer.learning_rate": {"low": 1e-4, "high": 1e-2}},
        "search": {"max_trials": 30},
    }
    whole_spec = SearchSpec.from_dict({**SPEC.to_dict(), **search})
    draft = here.store.drafts.create(
        SPEC.to_dict(), owner="local", search=SearchDraft.of(whole_spec).to_dict()
    )

    assert re.fullmatch(f"at most about {RANGE}", rows(open_page("search", draft=draft.id))["Time"])


def card(here, run, label):
    (found,) = [one for one in RUN.view(here.store, run.id, "en").cards if one.label == label]
    return found


def test_a_run_at_work_says_what_is_left(here, trained):
    run = at_work(
        here.store, slots=slots_here(here.settings), timing=lambda load: whole(load, 100.0, epochs=2), epoch=2,
        step=2 * STEPS, steps=5 * STEPS, first_batch_at=1.0,
    )  # fmt: skip
    left = card(here, run, "Time left")

    assert re.fullmatch(r"\d.*", left.value)
    assert re.fullmatch(r"\d.* – \d.*", left.under)


def test_a_run_that_waits_says_for_how_long(here, trained):
    for _ in range(2):
        run = submit(here.store, SPEC, owner="local")
    said = RUN.view(here.store, run.id, "en").progress.text

    assert re.fullmatch(f"Queued: position 2 · begins in about {RANGE}", said)


def test_a_run_that_has_ended_has_no_time_left(here, trained):
    run = moved(here.store, submit(here.store, SPEC, owner="local"), RunState.STOPPED)

    assert "Time left" not in [one.label for one in RUN.view(here.store, run.id, "en").cards]
