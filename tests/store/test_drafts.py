import pytest

from dlcore.errors import NotFoundError, PermissionDeniedError


def test_a_draft_is_kept_as_it_was_saved_last(store):
    draft = store.drafts.create({"a": 1}, owner="ann")
    store.drafts.save(draft.id, {"a": 2}, actor="ann")
    found = store.drafts.get(draft.id, actor="ann")
    assert (found.id, found.owner, found.spec) == (draft.id, "ann", {"a": 2})
    assert found.updated_at >= draft.updated_at


def test_a_draft_is_seen_and_changed_by_its_owner_alone(store):
    draft = store.drafts.create({"a": 1}, owner="ann")
    with pytest.raises(PermissionDeniedError, match="belongs to another user"):
        store.drafts.get(draft.id, actor="bob")
    with pytest.raises(PermissionDeniedError):
        store.drafts.save(draft.id, {}, actor="bob")
    assert store.drafts.get(draft.id, actor="ann").spec == {"a": 1}


def test_the_latest_draft_is_the_one_changed_last_by_that_person(store):
    first = store.drafts.create({}, owner="ann")
    second = store.drafts.create({}, owner="ann")
    store.drafts.create({}, owner="bob")
    assert store.drafts.latest(owner="ann").id == second.id
    store.drafts.save(first.id, {}, actor="ann")
    assert store.drafts.latest(owner="ann").id == first.id
    assert store.drafts.latest(owner="eve") is None


def test_a_draft_that_is_not_there_is_said_so(store):
    with pytest.raises(NotFoundError, match="there is no draft 'none'"):
        store.drafts.get("none", actor="ann")
    with pytest.raises(NotFoundError):
        store.drafts.save("none", {}, actor="ann")


def test_drafts_are_listed_by_owner_the_latest_change_first(store):
    first = store.drafts.create({"n": 1}, owner="ann")
    second = store.drafts.create({"n": 2}, owner="ann")
    store.drafts.create({"n": 3}, owner="bob")
    store.drafts.save(first.id, {"n": 4}, actor="ann")
    assert [(one.id, one.spec) for one in store.drafts.list(owner="ann")] == [
        (first.id, {"n": 4}),
        (second.id, {"n": 2}),
    ]
    assert [one.id for one in store.drafts.list(owner="ann", limit=1)] == [first.id]
    assert store.drafts.list(owner="eve") == []


def test_a_draft_is_deleted_by_its_owner_alone(store):
    mine, other = store.drafts.create({}, owner="ann"), store.drafts.create({}, owner="ann")
    with pytest.raises(PermissionDeniedError):
        store.drafts.delete(mine.id, actor="bob")
    store.drafts.delete(mine.id, actor="ann")
    assert [one.id for one in store.drafts.list(owner="ann")] == [other.id]
    with pytest.raises(NotFoundError):
        store.drafts.delete(mine.id, actor="ann")


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
