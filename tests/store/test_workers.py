"""The lease of the one supervisor."""

import threading

from sqlalchemy import update

from dlcore.store import Identity
from dlcore.store.tables import workers

ONE, TWO = Identity("one", "here", 11, 1.0), Identity("two", "here", 22, 2.0)


def acquire(store, who, *, gone=False):
    return store.workers.acquire(who, slots=2, lost_seconds=15.0, is_gone=lambda holder: gone)


def grow_old(store, seconds):
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=workers.c.heartbeat_at - seconds))


def test_a_free_lease_is_taken(store):
    assert store.workers.current() is None
    assert acquire(store, ONE)
    worker = store.workers.current()
    assert (worker.id, worker.pid, worker.ready, worker.slots) == ("one", 11, False, 2)
    assert store.workers.identity() == ONE


def test_a_second_supervisor_does_not_get_the_lease_of_one_that_lives(store):
    acquire(store, ONE)
    grow_old(store, 14.0)
    assert not acquire(store, TWO)
    assert store.workers.identity() == ONE


def test_the_lease_of_a_process_that_has_ended_is_taken_at_once(store):
    acquire(store, ONE)
    asked = []
    assert store.workers.acquire(TWO, slots=1, lost_seconds=15.0, is_gone=lambda who: not asked.append(who))
    assert asked == [ONE]
    assert store.workers.identity() == TWO


def test_the_lease_of_one_that_was_silent_for_too_long_is_taken(store):
    acquire(store, ONE)
    grow_old(store, 16.0)
    assert acquire(store, TWO)


def test_one_that_lost_its_lease_learns_it_at_its_next_sign_of_life(store):
    acquire(store, ONE)
    assert store.workers.renew("one", ready=True)
    assert store.workers.current().ready
    acquire(store, TWO, gone=True)
    assert not store.workers.renew("one", ready=True)
    store.workers.release("one")
    assert store.workers.identity() == TWO


def test_a_lease_that_was_given_back_is_free(store):
    acquire(store, ONE)
    store.workers.release("one")
    assert store.workers.identity() is None
    assert acquire(store, TWO)


def test_a_sign_of_life_keeps_the_lease(store):
    acquire(store, ONE)
    grow_old(store, 16.0)
    store.workers.renew("one", ready=True)
    assert not acquire(store, TWO)


def test_of_many_that_ask_at_once_one_gets_the_lease(store):
    acquire(store, ONE)
    barrier, won = threading.Barrier(6), []

    def ask(number):
        barrier.wait()
        who = Identity(f"n{number}", "here", number, 1.0)
        won.append(store.workers.acquire(who, slots=1, lost_seconds=15.0, is_gone=lambda old: old == ONE))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]
