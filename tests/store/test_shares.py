"""What is shared is known by hashes, counts as long as its owner owns it, and ends with the thing."""

import pytest

from dlcore.access.links import link_token, token_hash
from dlcore.access.permissions import Kind, Sharing
from dlcore.errors import StateError
from dlcore.queue import submit
from dlcore.queue.ready import example
from dlcore.records import RunState
from dlcore.records.shares import Thing
from dlcore.store.tables import metadata

OWNER, OTHER = "ann", "eve"


def link(store, *things, link_id="1" * 32, owner=OWNER):
    return store.shares.add_link(things, owner=owner, link_id=link_id, token_hash=token_hash(link_id))


def run_of(store, owner=OWNER):
    return submit(store, example(), owner=owner)


def sharing(store, run):
    return store.shares.of(Kind.RUN, [run.id], {run.id: run.owner}).get(run.id)


def test_a_run_is_shown_by_its_link_and_publicly_until_that_is_taken_back(store):
    run = run_of(store)
    thing = Thing(Kind.RUN, run.id)
    assert sharing(store, run) is None

    found = link(store, thing)
    store.shares.publish(thing, owner=OWNER)
    store.shares.publish(thing, owner=OWNER)
    assert sharing(store, run) == Sharing(True, frozenset({found.token_hash}))
    assert [one.id for one in store.shares.public_runs(limit=9)] == [run.id]
    assert store.shares.opened(found.token_hash) == found

    store.shares.withdraw(thing, owner=OWNER)
    assert sharing(store, run) == Sharing(False, frozenset({found.token_hash}))
    store.shares.revoke(found.id, owner=OTHER)
    assert sharing(store, run) is not None
    store.shares.revoke(found.id, owner=OWNER)
    assert sharing(store, run) is None
    assert store.shares.opened(found.token_hash) is None
    assert store.shares.count_public_runs() == 0


def test_what_somebody_else_shares_counts_for_nothing(store):
    run = run_of(store)
    store.shares.publish(Thing(Kind.RUN, run.id), owner=OTHER)
    link(store, Thing(Kind.RUN, run.id), owner=OTHER)
    store.shares.publish(Thing(Kind.DATASET, "faces"), owner=OTHER)

    assert sharing(store, run) is None
    assert store.shares.public_runs(limit=9) == []
    assert store.shares.of(Kind.DATASET, ["faces"], {"faces": OWNER}) == {}
    assert store.shares.of(Kind.DATASET, ["faces"], {"faces": OTHER}) == {"faces": Sharing(True)}
    store.shares.forget_dataset("faces")
    assert store.shares.of(Kind.DATASET, ["faces"], {"faces": OTHER}) == {}


def test_what_is_shared_ends_with_the_run_and_a_link_shows_what_is_left(store):
    first, second = run_of(store), run_of(store)
    both = [Thing(Kind.RUN, run.id) for run in (second, first)]
    found = link(store, *both)
    store.shares.publish(both[1], owner=OWNER)
    assert store.shares.opened(found.token_hash).things == tuple(both)
    for run in (first, second):
        assert store.runs.move(store.runs.get(run.id), RunState.STOPPED)
    assert store.runs.delete(store.runs.get(first.id))

    assert store.shares.opened(found.token_hash).things == (both[0],)
    assert store.shares.count_public_runs() == 0
    assert store.runs.delete(store.runs.get(second.id))
    assert store.shares.opened(found.token_hash) is None


def test_no_token_is_in_the_store(store):
    token = link_token("k" * 32, "1" * 32)
    run = run_of(store)
    store.shares.add_link(
        [Thing(Kind.RUN, run.id)], owner=OWNER, link_id="1" * 32, token_hash=token_hash(token)
    )

    with store.database.read() as connection:
        rows = [
            str(row)
            for name in ("links", "shares")
            for row in connection.execute(metadata.tables[name].select())
        ]
    assert rows and not any(token in row for row in rows)
    assert len(token) == 22
    assert link_token("k" * 32, "2" * 32) != token != link_token("l" * 32, "1" * 32)


def test_an_owner_has_so_many_links(store, monkeypatch):
    monkeypatch.setattr("dlcore.store.shares.MOST_LINKS", 2)
    thing = Thing(Kind.RUN, run_of(store).id)
    for number in "12":
        link(store, thing, link_id=number * 32)

    with pytest.raises(StateError, match="at most 2"):
        link(store, thing, link_id="3" * 32)
    store.shares.revoke("1" * 32, owner=OWNER)
    link(store, thing, link_id="3" * 32)
