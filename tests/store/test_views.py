"""Views that people keep: each owner's by their names."""

import pytest

from dlcore.errors import SpecError
from dlcore.store.views import MOST_VIEWS, SavedView


def test_views_are_kept_by_owner_and_name(store):
    store.views.save(SavedView("best", {"q": "accuracy > 0.9"}), owner="ann")
    store.views.save(SavedView("  by   rate ", {"group": "training.batch_size"}), owner="ann")
    store.views.save(SavedView("best", {"q": "tag:x"}), owner="bob")
    found = store.views.list(owner="ann")
    assert [(one.name, one.query) for one in found] == [
        ("best", {"q": "accuracy > 0.9"}),
        ("by rate", {"group": "training.batch_size"}),
    ]


def test_a_view_of_the_same_name_is_replaced_and_a_deleted_one_is_gone(store):
    for query in ({"q": "a"}, {"q": "b"}):
        store.views.save(SavedView("best", query), owner="ann")
    assert [one.query for one in store.views.list(owner="ann")] == [{"q": "b"}]
    store.views.delete("best", owner="bob")
    assert len(store.views.list(owner="ann")) == 1
    store.views.delete("best", owner="ann")
    store.views.delete("best", owner="ann")
    assert store.views.list(owner="ann") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_view_needs_a_name(store, name):
    with pytest.raises(SpecError, match=r"name: expected one line of text, its length from 1 to 100"):
        store.views.save(SavedView(name), owner="ann")


def test_views_are_not_without_end_but_can_be_replaced(store):
    for number in range(MOST_VIEWS):
        store.views.save(SavedView(f"{number}"), owner="ann")
    with pytest.raises(SpecError, match="may be at most 200"):
        store.views.save(SavedView("more"), owner="ann")
    store.views.save(SavedView("7", {"q": "x"}), owner="ann")
    assert len(store.views.list(owner="ann")) == MOST_VIEWS
