"""What somebody made as a visitor becomes theirs as a member, all of it and nobody else's."""

import pytest
from sqlalchemy import update

from dlcore.access.actors import Actor, Role
from dlcore.access.permissions import Kind
from dlcore.datasets.stored import open_stored, stored_damage
from dlcore.errors import NotFoundError, StateError
from dlcore.queue import cancel_job, submit
from dlcore.queue.belongings import Possessions, possessions, take_along
from dlcore.queue.ready import example
from dlcore.records import StudyState
from dlcore.store.belongings import NAMED, PLAIN, STAYS
from dlcore.store.gate import open_to
from dlcore.store.tables import metadata, studies
from dlcore.store.views import SavedView
from tests.access.things import make_things

VISITOR, MEMBER, OTHER = Actor("v" * 32), Actor("m" * 32, Role.MEMBER), Actor("o" * 32)


def rest(store, things, owner):
    """Ends what goes on of somebody's things."""
    with store.database.write() as connection:
        here = studies.c.id == things.ids[Kind.STUDY]
        connection.execute(update(studies).where(here).values(state=StudyState.STOPPED))
    cancel_job(store, things.ids[Kind.JOB], actor=owner)


@pytest.fixture
def things(store, tmp_path):
    made = make_things(store, VISITOR.id, tmp_path, "mine")
    make_things(store, OTHER.id, tmp_path, "others")
    return made


def test_all_of_it_is_the_members_and_nothing_of_others(store, things):
    rest(store, things, VISITOR)
    store.views.save(SavedView("quick", {"q": "a"}), owner=VISITOR.id)
    before = possessions(store, VISITOR)
    take_along(store, VISITOR, MEMBER)

    assert before.experiments >= 4 and (before.data, before.models) == (2, 1)
    assert possessions(store, VISITOR) == Possessions(0, 0, 0)
    assert possessions(store, MEMBER) == before
    assert possessions(store, OTHER) == before
    mine = open_to(store, MEMBER)
    assert mine.runs.get(things.ids[Kind.RUN]).owner == MEMBER.id
    assert [one.name for one in mine.views.list()] == ["quick"]
    with pytest.raises(NotFoundError):
        open_to(store, VISITOR).runs.get(things.ids[Kind.RUN])
    assert open_stored(things.ids[Kind.DATASET], store.settings).facts.owner == MEMBER.id
    assert list(stored_damage(store.settings, whole=True)) == []


def test_nothing_is_taken_along_while_more_of_it_is_made(store, things):
    with pytest.raises(StateError, match="a search or a job still makes something"):
        take_along(store, VISITOR, MEMBER)
    assert possessions(store, MEMBER) == Possessions(0, 0, 0)


def test_what_both_have_by_one_name_stays_apart(store):
    for owner in (VISITOR, MEMBER):
        store.views.save(SavedView("quick", {"q": owner.id}), owner=owner.id)
        store.registry.keep(submit(store, example(), owner=owner.id).id, "best", owner=owner.id)
    take_along(store, VISITOR, MEMBER)

    assert [one.query for one in store.views.list(owner=MEMBER.id)] == [{"q": MEMBER.id}]
    assert sorted(one.name for one in store.registry.list(owner=MEMBER.id)) == ["best", "best-2"]


def test_every_table_that_says_whose_something_is_is_moved():
    owned = {table.name for table in metadata.tables.values() if "owner" in table.c}

    assert owned == {table.name for table in (*PLAIN, *NAMED, *STAYS)}
