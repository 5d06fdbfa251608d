"""The lease of the one supervisor."""

import threading

import pytest
from sqlalchemy import update

from dlcore.errors import Message
from dlcore.records import Program
from dlcore.store import PROGRAM, Identity
from dlcore.store.tables import workers

ONE, TWO = Identity("one", "here", 11, "boot:1"), Identity("two", "here", 22, "boot:2")


def acquire(store, who, *, program=PROGRAM, gone=False):
    return store.workers.acquire(
        who, program=program, slots=2, lost_seconds=15.0, is_gone=lambda holder: gone
    )


def grow_old(store, seconds):
    with store.database.write() as connection:
        connection.execute(update(workers).values(heartbeat_at=workers.c.heartbeat_at - seconds))


def test_a_free_lease_is_taken(store):
    assert store.workers.current() is None
    assert acquire(store, ONE)
    worker = store.workers.current()
    assert (worker.id, worker.pid, worker.ready, worker.slots) == ("one", 11, False, 2)
    assert (worker.program, worker.trouble) == (PROGRAM, None)
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


@pytest.mark.parametrize(
    ("held", "wants", "gets"),
    [
        (("0.1.0", "0005"), ("0.1.0", "0005"), False),
        (("0.9.0", "0005"), ("0.10.0", "0005"), True),
        (("0.10.0", "0005"), ("0.9.0", "0005"), False),
        (("0.2.0rc1", "0005"), ("0.2.0", "0005"), True),
        (("0.2.0", "0005"), ("0.1.0", "0006"), True),
        (("0.1.0", "0006"), ("0.2.0", "0005"), False),
    ],
)
def test_a_program_takes_the_lease_of_an_older_one_that_lives_and_never_of_a_newer_one(
    store, held, wants, gets
):
    assert acquire(store, ONE, program=Program(*held))
    assert acquire(store, TWO, program=Program(*wants)) is gets
    assert store.workers.identity() == (TWO if gets else ONE)
    assert store.workers.current().program == Program(*(wants if gets else held))
    assert store.workers.renew("one", ready=True) is not gets


def test_an_older_program_takes_the_lease_of_a_newer_one_that_has_ended(store):
    acquire(store, ONE, program=Program("9.0.0", "0005"))
    assert acquire(store, TWO, program=Program("0.1.0", "0005"), gone=True)


def test_what_keeps_a_supervisor_from_the_searches_is_told_until_it_is_over(store):
    acquire(store, ONE)
    store.workers.renew("one", ready=True, trouble=Message("the disk is full."))
    assert store.workers.current().trouble == Message("the disk is full.")
    store.workers.renew("one", ready=True)
    assert store.workers.current().trouble is None


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
        who = Identity(f"n{number}", "here", number, "boot:1")
        won.append(store.workers.acquire(who, slots=1, lost_seconds=15.0, is_gone=lambda old: old == ONE))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]
