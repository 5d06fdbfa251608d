"""Nobody gets more than their budget, whatever way they ask, and each refusal says what is left and when more is free."""

import time
from collections import namedtuple

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.access.claims import Identity
from dlcore.budgets import Limit
from dlcore.datasets import CATALOGUE
from dlcore.design.templates import proposal, templates_of
from dlcore.errors import BudgetError
from dlcore.queue import repeat_run, resume, studies, submit
from dlcore.queue.budgets import Account, budget_of, free_again
from dlcore.queue.drafts import create_draft
from dlcore.queue.jobs import request_preview
from dlcore.records import RunState
from dlcore.search.spec import SearchOptions, SearchSpec
from dlcore.settings import Settings
from dlcore.spec.checks import check as check_spec
from dlcore.store import Store
from dlcore.store.gate import open_to
from dlcore.store.turns import Stretch
from tests.queue.test_requests import spec
from tests.store.samples import moved

LIMITS = "minutes=10,queued=2,epochs=5,parameters=5000,memory_mb=1000,trials=6,dataset_mb=1,uploads=2,drafts=1,jobs=1,disk_mb=1"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def whole(tmp_path):
    settings = Settings(home=tmp_path, mode="demo", visitor_limits=LIMITS, member_limits="epochs=50")
    opened = Store.open(settings)
    opened.visitors.add(Actor("ann", Role.VISITOR))
    yield opened
    opened.close()


@pytest.fixture
def ann(whole):
    """The store as a visitor sees it."""
    return open_to(whole, Actor("ann", Role.VISITOR))


def trained(whole, run, seconds, end=RunState.COMPLETED):
    """A run that has had a slot for so long."""
    run = moved(whole, moved(whole, run, RunState.STARTING), RunState.RUNNING)
    with pytest.MonkeyPatch.context() as patch:
        at = run.started_at.timestamp() + seconds
        patch.setattr("dlcore.store.runs.now", lambda: at)
        return moved(whole, run, end)


def account(whole, at=None, who="ann"):
    found = Account.of_owner(whole, who)
    return found if at is None else Account(whole, who, found.budget, clock=lambda: at)


def search_of(trials, seeds=1):
    return SearchSpec.from_dict(
        {
            **spec().to_dict(),
            "space": {"training.batch_size": {"low": 16, "high": 32}},
            "search": {"max_trials": trials, "seeds": seeds},
        }
    )


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"training": {"epochs": 6}}, "training.epochs", "the number of epochs may be at most 5, got 6."),
        (
            {"model": {"layers": ["Flatten", {"kind": "Dense", "units": 100}, "Dense"]}},
            "model",
            "the number of parameters may be at most 5,000, got 7,510.",
        ),
    ],
)
def test_a_run_that_is_too_large_is_refused_with_its_field(whole, ann, changes, where, says):
    with pytest.raises(BudgetError) as caught:
        submit(ann, spec(**changes), owner="ann")

    assert caught.value.message.where == where
    assert says in str(caught.value)
    assert whole.runs.count() == 0


def test_the_estimated_memory_of_a_run_is_limited(tmp_path):
    opened = Store.open(Settings(home=tmp_path, mode="demo", visitor_limits="memory_mb=1"))
    with pytest.raises(
        BudgetError,
        match=r"training\.batch_size: training would need about .* MB of memory; a run may use 1 MB",
    ):
        submit(open_to(opened, Actor("ann")), spec(), owner="ann")
    opened.close()


def test_no_more_runs_wait_than_there_are_places(whole, ann):
    first, _second = (submit(ann, spec(), owner="ann") for _ in range(2))
    with pytest.raises(BudgetError) as caught:
        submit(ann, spec(), owner="ann")
    assert str(caught.value) == (
        "at most 2 of your runs may wait at the same time; you asked for 1 more, left: 0. "
        "A place is free as soon as one of them begins."
    )

    moved(whole, first, RunState.STARTING)
    with pytest.raises(BudgetError, match="you asked for 2 more, left: 1"):
        repeat_run(ann, first, seeds=2, actor=Actor("ann"))
    assert whole.runs.count() == 2
    submit(ann, spec(), owner="ann")
    submit(open_to(whole, Actor("bob")), spec(), owner="bob")  # whose places are others


def test_minutes_are_those_of_all_attempts_and_of_deleted_runs(whole, ann):
    run = trained(whole, submit(ann, spec(), owner="ann"), 240, RunState.STOPPED)
    trained(whole, resume(ann, run.id, actor=Actor("ann")), 120)
    killed = trained(whole, submit(ann, spec(), owner="ann"), 180, RunState.FAILED)
    assert whole.runs.delete(killed)

    left = account(whole).left_of(Limit.MINUTES)

    assert left.used == pytest.approx(9.0, abs=0.01)
    assert left.left == pytest.approx(1.0, abs=0.01)
    assert left.free_in is None


def test_once_all_minutes_are_used_nothing_more_is_taken_until_they_are_free(whole, ann):
    run = trained(whole, submit(ann, spec(), owner="ann"), 600, RunState.STOPPED)

    for ask in (
        lambda: submit(ann, spec(), owner="ann"),
        lambda: resume(ann, run.id, actor=Actor("ann")),
        lambda: studies.start(ann, search_of(2), owner="ann"),
    ):
        with pytest.raises(BudgetError) as caught:
            ask()
        assert str(caught.value).startswith("all of the minutes that you may train are used, 10 a day")
        assert "Free again in 2" in str(caught.value)

    began = run.started_at.timestamp()
    assert account(whole, at=began + 600).left_of(Limit.MINUTES).free_in == pytest.approx(86_400 - 540, abs=2)
    assert account(whole, at=began + 86_400 + 120).left_of(Limit.MINUTES).left == pytest.approx(2, abs=0.1)
    assert account(whole, at=began + 2 * 86_400).left_of(Limit.MINUTES).left == 10


def test_a_minute_is_free_again_when_as_much_is_a_day_old():
    stretches = [Stretch(0.0, 600.0), Stretch(1000.0, 1300.0)]

    assert free_again(stretches, 900.0, at=1300.0) == 86_400 + 60
    assert free_again(stretches, 300.0, at=1300.0) == 86_400 + 1060


def test_a_run_that_is_resumed_is_held_to_the_same_limits(whole, ann):
    run = trained(whole, submit(ann, spec(), owner="ann"), 1)
    with pytest.raises(BudgetError, match="the number of epochs may be at most 5, got 9"):
        resume(ann, run.id, actor=Actor("ann"), epochs=9)

    submit(ann, spec(), owner="ann")
    submit(ann, spec(), owner="ann")
    with pytest.raises(BudgetError, match="may wait at the same time"):
        resume(ann, run.id, actor=Actor("ann"), epochs=5)


def test_an_added_run_with_a_large_model_is_not_resumed(whole, ann):
    large = spec(model={"layers": ["Flatten", {"kind": "Dense", "units": 999}, "Dense"]})
    run = moved(whole, submit(whole, large, owner="ann"), RunState.STOPPED)

    with pytest.raises(BudgetError, match="the number of parameters may be at most 5,000"):
        resume(ann, run.id, actor=Actor("ann"))


def test_a_search_makes_no_more_runs_than_it_may(whole, ann):
    for trials, seeds, got in ((7, 1, "7"), (3, 3, "9"), (None, 1, "∞")):
        with pytest.raises(
            BudgetError, match=f"the number of trials, each seed counted, may be at most 6, got {got}"
        ):
            studies.start(ann, search_of(trials, seeds), owner="ann")
    study = studies.start(ann, search_of(6), owner="ann")

    with pytest.raises(BudgetError, match="got 8"):
        studies.change(ann, study.id, actor=Actor("ann"), max_trials=8)
    with pytest.raises(BudgetError, match="got ∞"):
        studies.change(ann, study.id, actor=Actor("ann"), max_trials=None)
    with pytest.raises(BudgetError, match="got 7"):
        studies.add_trial(ann, study.id, {}, actor=Actor("ann"))
    studies.change(ann, study.id, actor=Actor("ann"), max_trials=4)


def test_drafts_and_jobs_are_counted(ann):
    create_draft(ann, spec(), owner="ann")
    with pytest.raises(
        BudgetError, match=r"the number of your drafts may be at most 1, now: 1, left: 0\. Delete one"
    ):
        create_draft(ann, spec(), owner="ann")

    first = request_preview(ann, {"rows": [1]}, owner="ann")
    with pytest.raises(BudgetError, match="at most 1 of your jobs may be at work at the same time, left: 0"):
        request_preview(ann, {"rows": [2]}, owner="ann")
    assert request_preview(ann, {"rows": [1]}, owner="ann").id == first.id  # looked at again, it is no more


def test_files_are_counted_when_they_begin_to_be_sent(whole):
    at = 1_000_000.0
    visitor = account(whole)
    with pytest.raises(BudgetError, match=r"expected a file of at most 1 MB, got 1\.5 MB"):
        visitor.begin_upload(1_500_000)
    with pytest.MonkeyPatch.context() as patch:
        for moment in (at, at + 3600):
            patch.setattr("dlcore.store.sendings.now", lambda moment=moment: moment)
            visitor.begin_upload(1000)

    later = account(whole, at=at + 7200)
    with pytest.raises(BudgetError) as caught:
        later.begin_upload(1000)
    assert str(caught.value) == (
        "the number of files that you send a day may be at most 2, sent: 2; nothing is left. Free again in 22 h 0 min."
    )
    account(whole, at=at + 86_401).begin_upload(1000)


def test_what_is_on_the_disk_is_counted_for_its_owner_alone(whole, ann):
    run = moved(whole, submit(ann, spec(), owner="ann"), RunState.STOPPED)
    whole.artifacts.create(run.id).joinpath("weights.bin").write_bytes(bytes(1_200_000))

    with pytest.raises(BudgetError, match=r"your things may take 1 MB of the disk and take 1\.2 MB"):
        submit(ann, spec(), owner="ann")
    submit(open_to(whole, Actor("bob")), spec(), owner="bob")


def test_a_disk_that_is_nearly_full_takes_nothing_new_from_anybody(tmp_path, monkeypatch):
    opened = Store.open(Settings(home=tmp_path))
    run = moved(opened, submit(opened, spec(), owner="local"), RunState.STOPPED)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage(10**12, 10**12, 499 * 10**6))

    for ask in (
        lambda: submit(opened, spec(), owner="local"),
        lambda: resume(opened, run.id, actor=Actor("local", Role.ADMIN)),
        lambda: studies.start(opened, search_of(2), owner="local"),
        lambda: request_preview(opened, {"rows": [1]}, owner="local"),
    ):
        with pytest.raises(
            BudgetError, match="the disk is nearly full: 499 MB are free, and 500 MB are kept free"
        ):
            ask()
    opened.close()


@pytest.mark.parametrize(
    ("mode", "actor"), [("local", Actor("ann", Role.VISITOR)), ("demo", Actor("host", Role.ADMIN))]
)
def test_at_home_and_for_the_owner_of_the_machine_nothing_is_limited(tmp_path, mode, actor):
    opened = Store.open(Settings(home=tmp_path, mode=mode, visitor_limits="epochs=1,queued=0,minutes=0"))

    submit(open_to(opened, actor), spec(), owner=actor.id)

    assert Account.of(open_to(opened, actor)).left() == []
    opened.close()


def test_a_member_has_a_budget_of_their_own(whole):
    identity = Identity("https://id.example.org", "7", "Mia", "mia@example.org")
    mia = whole.members.find(whole.members.sign_in(identity, Role.MEMBER, ends_at=time.time() + 60)).actor
    store = open_to(whole, mia)

    submit(store, spec(training={"epochs": 50}), owner=mia.id)
    with pytest.raises(BudgetError, match="the number of epochs may be at most 50, got 51"):
        submit(store, spec(training={"epochs": 51}), owner=mia.id)
    assert account(whole, who=mia.id).budget[Limit.EPOCHS] == 50
    assert account(whole, who="host").budget == {}  # nobody's visit: the owner of the machine


def test_all_that_is_left_is_told(whole, ann):
    submit(ann, spec(), owner="ann")

    left = {one.limit: (one.used, one.most) for one in account(whole).left()}

    assert set(left) == set(Limit)
    assert (left[Limit.QUEUED], left[Limit.AT_ONCE], left[Limit.MINUTES]) == ((1, 2), (0, 1), (0, 10))


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_what_is_proposed_fits_a_visitors_usual_budget(tmp_path, name):
    opened, known = Store.open(Settings(home=tmp_path, mode="demo")), CATALOGUE.get(name).facts
    here = Account(opened, "ann", budget_of(opened.settings, Role.VISITOR))

    for one in templates_of(known):
        if one.name == "empty":
            continue
        proposed = proposal(known, one.name)
        here.check_run(proposed, known, check_spec(proposed, known))
        here.check_search(proposed, SearchOptions().max_trials)
    opened.close()
