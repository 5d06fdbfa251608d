"""How far somebody is with a lesson is kept in the store, for each owner by itself."""

import pytest

from dlcore.access.actors import Actor, Role
from dlcore.errors import PermissionDeniedError
from dlcore.store.gate import open_to


def test_a_lesson_is_begun_continued_and_begun_anew(store):
    store.lessons.begin("cnn", "d1", owner="ann")
    store.lessons.go("cnn", 3, owner="ann")
    for step in (1, 0, 1):
        store.lessons.note_done("cnn", step, owner="ann")

    now = store.lessons.current(owner="ann")
    assert (now.name, now.draft_id, now.step, now.done) == ("cnn", "d1", 3, frozenset({0, 1}))
    store.lessons.close(owner="ann")
    assert store.lessons.current(owner="ann") is None
    assert store.lessons.all(owner="ann")["cnn"].step == 3
    store.lessons.open("cnn", owner="ann")
    assert store.lessons.current(owner="ann").step == 3

    store.lessons.begin("cnn", "d2", owner="ann")
    again = store.lessons.current(owner="ann")
    assert (again.draft_id, again.step, again.done) == ("d2", 0, frozenset())
    assert again.began_at >= now.began_at


def test_one_guide_is_shown_at_a_time(store):
    for name in ("cnn", "tuning"):
        store.lessons.begin(name, "d", owner="ann")
    assert store.lessons.current(owner="ann").name == "tuning"
    store.lessons.open("cnn", owner="ann")
    assert store.lessons.current(owner="ann").name == "cnn"
    assert {name: one.is_open for name, one in store.lessons.all(owner="ann").items()} == {
        "cnn": True,
        "tuning": False,
    }


def test_each_has_their_own_progress(store):
    store.lessons.begin("cnn", "d", owner="ann")
    eve = open_to(store, Actor("eve", Role.VISITOR))

    assert eve.lessons.current() is None and eve.lessons.all() == {}
    eve.lessons.begin("cnn", "e")
    eve.lessons.go("cnn", 5)
    assert (store.lessons.current(owner="ann").step, store.lessons.current(owner="eve").step) == (0, 5)
    for ask in (eve.lessons.current, eve.lessons.close, eve.lessons.all):
        with pytest.raises(PermissionDeniedError):
            ask(owner="ann")
    with pytest.raises(AttributeError, match="forget is not open"):
        _ = eve.lessons.forget
    store.lessons.forget(owner="ann")
    assert store.lessons.all(owner="ann") == {} and len(store.lessons.all(owner="eve")) == 1


def test_what_a_lesson_that_was_never_begun_is_told_changes_nothing(store):
    store.lessons.note_done("cnn", 1, owner="ann")
    store.lessons.go("cnn", 1, owner="ann")
    store.lessons.open("cnn", owner="ann")
    assert store.lessons.all(owner="ann") == {}
