"""All that somebody has is removed at their wish, and nothing of anybody else's."""

import time

import pytest
from sqlalchemy import update

from dlcore.access.actors import Actor, Role
from dlcore.access.claims import Identity
from dlcore.access.permissions import Kind
from dlcore.errors import PermissionDeniedError
from dlcore.queue.departures import leave, remove_belongings
from dlcore.queue.disk import DiskUse, disk_use
from dlcore.records import RunState, StudyAction, StudyState
from dlcore.records.shares import Thing
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.store.gate import open_to
from dlcore.store.tables import studies
from dlcore.worker.departures import DAY_SECONDS, SETTLED_SECONDS, DepartureDriver
from tests.access.things import make_things
from tests.store.samples import moved, queued


@pytest.fixture
def whole(tmp_path):
    opened = Store.open(Settings(home=tmp_path / "home", mode="demo", visitor_days=3))
    for who in ("ann", "bob"):
        opened.visitors.add(Actor(who, Role.VISITOR))
    yield opened
    opened.close()


def what_is_left(whole, owner):
    return (
        whole.runs.count(owner=owner, trials=True),
        len(whole.studies.list(owner=owner)),
        len(whole.drafts.list(owner=owner)),
        len(whole.jobs.owners(owner)),
        disk_use(whole, owner),
    )


def end_all(whole, owner):
    """Does what the supervisor and the driver of searches do of what they are asked."""
    for run in whole.runs.list(owner=owner, trials=True):
        if run.stop_requested and not run.state.final:
            moved(whole, run, RunState.STOPPED)
    for study in whole.studies.list(owner=owner):
        asked = {request.action for request in whole.studies.requests(study.id)}
        if StudyAction.DELETE in asked:
            whole.studies.delete(study.id)
        elif StudyAction.STOP in asked:
            with whole.database.write() as connection:
                state = {"state": StudyState.STOPPED.value}
                connection.execute(update(studies).where(studies.c.id == study.id).values(**state))
    whole.removals.sweep()


def test_all_of_one_is_removed_once_it_is_over_and_nothing_of_another(whole, tmp_path):
    make_things(whole, "ann", tmp_path, "hers")
    make_things(whole, "bob", tmp_path, "his")
    before = what_is_left(whole, "bob")

    for _round in range(5):
        if remove_belongings(whole, "ann"):
            break
        end_all(whole, "ann")
    else:
        pytest.fail(f"something is left: {what_is_left(whole, 'ann')}")

    assert what_is_left(whole, "ann") == (0, 0, 0, 0, DiskUse())
    assert what_is_left(whole, "bob") == before


@pytest.fixture
def later(monkeypatch):
    """Lets so many seconds pass for the driver."""
    return lambda seconds: monkeypatch.setattr("dlcore.worker.departures.now", lambda: time.time() + seconds)


def test_who_leaves_is_known_no_more_and_their_things_go(whole, later):
    store = open_to(whole, Actor("ann", Role.VISITOR))
    draft = store.drafts.create({"dataset": {"name": "digits"}}, owner="ann")
    lines = []
    driver = DepartureDriver(whole, log=lines.append)
    driver.tick()
    assert whole.drafts.get(draft.id, actor=Actor("ann"))

    leave(store)
    assert whole.visitors.find("ann").not_before > 0
    driver.tick()
    assert whole.drafts.list(owner="ann") == []
    # A page that another server drew of hers just before it knew that she has left.
    whole.drafts.create({"dataset": {"name": "digits"}}, owner="ann")

    later(SETTLED_SECONDS + 1)
    driver.tick()

    assert whole.drafts.list(owner="ann") == []
    assert whole.departures.going() == []
    assert lines == ["all that somebody had who has left is removed"]


def test_what_somebody_has_shared_is_shared_no_more_once_they_leave(whole):
    run = queued(whole)
    store, thing = open_to(whole, Actor("ann", Role.VISITOR)), Thing(Kind.RUN, run.id)
    store.shares.publish(thing, owner="ann")
    store.shares.add_link([thing], owner="ann", link_id="link", token_hash="hash")

    leave(store)

    assert whole.shares.of(Kind.RUN, [run.id], {run.id: "ann"}) == {}
    assert whole.shares.opened("hash") is None


def test_a_member_who_leaves_is_forgotten_and_signs_in_anew_once_all_is_removed(whole, later):
    mia = Identity("https://id.example.org", "7", "Mia", "mia@example.org")
    ends_at = time.time() + 3600
    secret = whole.members.sign_in(mia, Role.MEMBER, ends_at=ends_at)
    actor = whole.members.find(secret).actor
    whole.drafts.create({"dataset": {"name": "digits"}}, owner=actor.id)

    leave(open_to(whole, actor))

    assert whole.members.find(secret) is None
    with pytest.raises(PermissionDeniedError, match="still being removed"):
        whole.members.sign_in(mia, Role.MEMBER, ends_at=ends_at)
    later(SETTLED_SECONDS + 1)
    DepartureDriver(whole, log=lambda line: None).tick()
    assert whole.members.list() == []
    assert whole.drafts.list(owner=actor.id) == []
    assert whole.members.find(whole.members.sign_in(mia, Role.MEMBER, ends_at=ends_at)).actor == actor


def test_what_a_visitor_has_made_goes_some_days_after_their_last_visit_but_a_members_stays(
    whole, monkeypatch
):
    whole.visitors.add(Actor("mia", Role.MEMBER))
    for who in ("ann", "bob", "mia"):
        whole.drafts.create({"dataset": {"name": "digits"}}, owner=who)
    late = whole.visitors.find("ann").last_seen + 2 * DAY_SECONDS
    monkeypatch.setattr("dlcore.store.visitors.now", lambda: late)
    whole.visitors.see(whole.visitors.find("bob"))
    monkeypatch.setattr("dlcore.worker.departures.now", lambda: late + DAY_SECONDS + 60)

    driver = DepartureDriver(whole, log=lambda line: None)
    driver.tick()
    driver.tick()

    assert [len(whole.drafts.list(owner=who)) for who in ("ann", "bob", "mia")] == [0, 1, 1]
    assert whole.visitors.find("ann").not_before == 0  # they may come back, and begin anew


def test_who_comes_back_in_time_keeps_what_is_there(whole, monkeypatch):
    whole.drafts.create({"dataset": {"name": "digits"}}, owner="ann")
    seen = whole.visitors.find("ann")
    whole.departures.begin_old_visitors(before=seen.last_seen + 60)
    assert sorted(whole.departures.going()) == ["ann", "bob"]

    monkeypatch.setattr("dlcore.store.visitors.now", lambda: seen.last_seen + 1000)
    whole.visitors.see(seen)

    assert whole.departures.going() == ["bob"]


def test_the_owner_of_the_machine_cannot_leave(whole):
    with pytest.raises(PermissionDeniedError):
        leave(whole)


def test_at_home_nobody_leaves(tmp_path):
    opened = Store.open(Settings(home=tmp_path))
    opened.visitors.add(Actor("ann", Role.VISITOR))
    opened.departures.begin("ann")
    draft = opened.drafts.create({"dataset": {"name": "digits"}}, owner="ann")

    DepartureDriver(opened, log=lambda line: None).tick()

    assert opened.drafts.get(draft.id, actor=Actor("ann"))
    opened.close()
