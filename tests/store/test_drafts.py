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
    with pytest.raises(PermissionDeniedError, match="somebody else"):
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
