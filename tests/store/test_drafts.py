import pytest

from dlcore.access.actors import Actor
from dlcore.errors import NotFoundError
from dlcore.records import Annotation, AnnotationEdit
from dlcore.store.database import now
from tests.store.samples import SPEC, queued


def test_a_draft_is_kept_as_it_was_saved_last(store):
    draft = store.drafts.create({"a": 1}, owner="ann")
    store.drafts.save(draft.id, {"a": 2}, actor=Actor("ann"))
    found = store.drafts.get(draft.id, actor=Actor("ann"))
    assert (found.id, found.owner, found.spec) == (draft.id, "ann", {"a": 2})
    assert found.updated_at >= draft.updated_at


def test_a_draft_is_seen_and_changed_by_its_owner_alone(store):
    draft = store.drafts.create({"a": 1}, owner="ann")
    with pytest.raises(NotFoundError):
        store.drafts.get(draft.id, actor=Actor("bob"))
    with pytest.raises(NotFoundError):
        store.drafts.save(draft.id, {}, actor=Actor("bob"))
    assert store.drafts.get(draft.id, actor=Actor("ann")).spec == {"a": 1}


def test_the_latest_draft_is_the_one_changed_last_by_that_person(store):
    first = store.drafts.create({}, owner="ann")
    second = store.drafts.create({}, owner="ann")
    store.drafts.create({}, owner="bob")
    assert store.drafts.latest(owner="ann").id == second.id
    store.drafts.save(first.id, {}, actor=Actor("ann"))
    assert store.drafts.latest(owner="ann").id == first.id
    assert store.drafts.latest(owner="eve") is None


def test_a_draft_that_is_not_there_is_said_so(store):
    with pytest.raises(NotFoundError, match="there is no draft 'none'"):
        store.drafts.get("none", actor=Actor("ann"))
    with pytest.raises(NotFoundError):
        store.drafts.save("none", {}, actor=Actor("ann"))


def test_drafts_are_listed_by_owner_the_latest_change_first(store):
    first = store.drafts.create({"n": 1}, owner="ann")
    second = store.drafts.create({"n": 2}, owner="ann")
    store.drafts.create({"n": 3}, owner="bob")
    store.drafts.save(first.id, {"n": 4}, actor=Actor("ann"))
    assert [(one.id, one.spec) for one in store.drafts.list(owner="ann")] == [
        (first.id, {"n": 4}),
        (second.id, {"n": 2}),
    ]
    assert [one.id for one in store.drafts.list(owner="ann", limit=1)] == [first.id]
    assert store.drafts.list(owner="eve") == []


def test_a_draft_is_deleted_by_its_owner_alone(store):
    mine, other = store.drafts.create({}, owner="ann"), store.drafts.create({}, owner="ann")
    with pytest.raises(NotFoundError):
        store.drafts.delete(mine.id, actor=Actor("bob"))
    store.drafts.delete(mine.id, actor=Actor("ann"))
    assert [one.id for one in store.drafts.list(owner="ann")] == [other.id]
    with pytest.raises(NotFoundError):
        store.drafts.delete(mine.id, actor=Actor("ann"))


def test_a_sweep_takes_old_drafts_that_are_just_as_they_began(store):
    began = {"name": "example", "model": {"layers": []}}
    searched = {"space": {"seed": [1, 2]}}
    kinds = {
        "untouched": store.drafts.create(began, owner="ann"),
        "somebody else's": store.drafts.create(began, owner="bob"),
        "changed": store.drafts.create({**began, "name": "mine"}, owner="ann"),
        "searched": store.drafts.create(began, owner="ann", search=searched),
    }
    moment = max(one.updated_at.timestamp() for one in kinds.values())
    assert store.drafts.sweep(began, before=moment - 60) == 0
    assert store.drafts.sweep(began, before=moment + 60) == 2
    left = {one.id for owner in ("ann", "bob") for one in store.drafts.list(owner=owner)}
    assert left == {kinds["changed"].id, kinds["searched"].id}


def test_what_is_said_of_a_draft_makes_it_no_other_experiment(store):
    draft = store.drafts.create(SPEC, owner="ann", template="cnn")
    run = queued(store)
    store.drafts.note_start(draft.id, run.id)
    store.annotations.edit(draft, AnnotationEdit(name="mine", add_tags=("paper",)))
    found = store.drafts.get(draft.id, actor=Actor("ann"))
    assert (found.name, found.spec["name"], found.updated_at) == ("mine", "mine", draft.updated_at)
    assert store.drafts.unstarted(owner="ann") == []
    store.annotations.edit(draft, AnnotationEdit(name=""))
    assert store.drafts.get(draft.id, actor=Actor("ann")).name == "digits · cnn · 1"


def test_what_is_started_begins_with_what_was_said_of_the_draft(store):
    draft, run = store.drafts.create(SPEC, owner="ann"), queued(store)
    store.annotations.edit(draft, AnnotationEdit(notes="why", add_tags=("paper",), favorite=True))
    store.drafts.note_start(draft.id, run.id)
    assert store.runs.get(run.id).annotation == Annotation("why", ("paper",), favorite=True)


def test_a_draft_that_is_put_away_is_not_the_latest(store):
    first, second = (store.drafts.create(SPEC, owner="ann") for _ in range(2))
    store.annotations.edit(second, AnnotationEdit(archived=True))
    assert store.drafts.latest(owner="ann").id == first.id
    assert [one.id for one in store.drafts.list(owner="ann", archived=True)] == [second.id]


def test_a_draft_that_somebody_tagged_is_not_swept(store):
    kept, empty = (store.drafts.create(SPEC, owner="ann") for _ in range(2))
    store.annotations.edit(kept, AnnotationEdit(add_tags=("paper",)))
    assert store.drafts.sweep(kept.spec, before=now() + 1) == 1
    assert [one.id for one in store.drafts.list(owner="ann")] == [kept.id]
    with pytest.raises(NotFoundError):
        store.drafts.get(empty.id, actor=Actor("ann"))
