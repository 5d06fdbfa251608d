"""Ids: too long to be guessed, and short enough for people."""

import re

import pytest
from sqlalchemy import update

from dlcore.errors import NotFoundError
from dlcore.store.tables import runs
from tests.store.samples import SPEC, queued
from tests.store.test_studies import new_study


def renamed(store, run, run_id):
    """The run under another id, as an older program would have made it."""
    with store.database.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(id=run_id))
    return store.runs.get(run_id)


def test_new_ids_hold_128_bits(store):
    made = [queued(store).id, store.drafts.create(SPEC, owner="ann").id, new_study(store).id]

    assert [one for one in made if not re.fullmatch(r"[0-9a-f]{32}", one)] == []
    assert len(set(made)) == 3


def test_a_person_may_type_the_beginning_of_an_id(store):
    run, draft = queued(store), store.drafts.create(SPEC, owner="ann")

    assert store.ids.whole(run.id[:10]) == run.id
    assert store.ids.whole(run.id) == run.id
    assert store.ids.whole(draft.id[:10]) == draft.id


def test_the_short_ids_of_older_programs_go_on_working(store):
    old = renamed(store, queued(store), "0123456789")
    renamed(store, queued(store), "0123456789abcdef0123456789abcdef")

    assert store.ids.whole("0123456789") == old.id
    assert store.runs.get("0123456789").id == "0123456789"


def test_a_beginning_of_several_ids_is_refused_with_more_of_each(store):
    for one in ("aaaa1111bbbb", "aaaa1122bbbb"):
        renamed(store, queued(store), one)

    with pytest.raises(NotFoundError, match="several ids begin with 'aaaa': aaaa1111, aaaa1122"):
        store.ids.whole("aaaa")


@pytest.mark.parametrize("text", ["", "aaa", "a%_a", "my model@2", "ａａａａ"])
def test_what_is_no_beginning_of_an_id_stays_as_it_is(store, text):
    renamed(store, queued(store), "aaaa1111bbbb")

    assert store.ids.whole(text) == text
