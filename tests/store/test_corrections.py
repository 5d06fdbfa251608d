"""Change sets in the store: each owner's, by version and sample."""

import pytest

from dlcore.errors import SpecError
from dlcore.records.corrections import Correction, CorrectionKind
from dlcore.store import corrections as module

RELABEL, EXCLUDE, ACCEPT = CorrectionKind.RELABEL, CorrectionKind.EXCLUDE, CorrectionKind.ACCEPT


def test_what_was_said_of_a_sample_last_counts(store):
    store.corrections.save(
        "it", "a1", [Correction(3, RELABEL, "x", "y", "test"), Correction(1, EXCLUDE)], owner="ann"
    )
    store.corrections.save("it", "a1", [Correction(3, ACCEPT, "x")], owner="ann")
    found = store.corrections.of("it", "a1", owner="ann")
    assert found.corrections == (Correction(1, EXCLUDE), Correction(3, ACCEPT, "x"))
    assert found.changes == (Correction(1, EXCLUDE),)
    assert (found.count(EXCLUDE), found.count(RELABEL)) == (1, 0)


def test_several_labels_and_numbers_come_back_as_they_were(store):
    made = (
        Correction(1, RELABEL, ["a"], ["a", "b"]),
        Correction(2, RELABEL, 1.5, 2.25),
        Correction(3, RELABEL, [1.0], [2.0]),
    )
    store.corrections.save("it", "a1", made, owner="ann")
    assert store.corrections.of("it", "a1", owner="ann").corrections == made


def test_others_and_other_versions_are_apart(store):
    store.corrections.save("it", "a1", [Correction(3, EXCLUDE)], owner="ann")
    assert not store.corrections.of("it", "a1", owner="bob").corrections
    assert not store.corrections.of("it", "a2", owner="ann").corrections
    store.corrections.remove("it", "a1", owner="bob")
    assert store.corrections.of("it", "a1", owner="ann").corrections


def test_one_or_all_are_taken_back(store):
    store.corrections.save("it", "a1", [Correction(row, EXCLUDE) for row in range(1_200)], owner="ann")
    store.corrections.remove("it", "a1", [5, 5_000], owner="ann")
    assert len(store.corrections.of("it", "a1", owner="ann").corrections) == 1_199
    store.corrections.remove("it", "a1", owner="ann")
    assert not store.corrections.of("it", "a1", owner="ann").corrections


def test_what_was_applied_is_gone_what_was_accepted_is_so_in_both_and_what_came_meanwhile_stays(store):
    made = [Correction(1, EXCLUDE), Correction(2, RELABEL, "x", "y"), Correction(3, ACCEPT, "x")]
    store.corrections.save("it", "a1", made, owner="ann")
    applied = store.corrections.of("it", "a1", owner="ann")
    store.corrections.save(
        "it", "a1", [Correction(2, RELABEL, "x", "z"), Correction(9, EXCLUDE)], owner="ann"
    )
    store.corrections.conclude(applied, "it", "a2", owner="ann")
    assert store.corrections.of("it", "a1", owner="ann").corrections == (
        Correction(2, RELABEL, "x", "z"),
        Correction(3, ACCEPT, "x"),
        Correction(9, EXCLUDE),
    )
    assert store.corrections.of("it", "a2", owner="ann").corrections == (Correction(3, ACCEPT, "x"),)
    store.corrections.conclude(applied, "it", "a2", owner="ann")
    assert len(store.corrections.of("it", "a2", owner="ann").corrections) == 1


def test_they_are_not_without_end(store, monkeypatch):
    monkeypatch.setattr(module, "MOST_CORRECTIONS", 2)
    store.corrections.save("it", "a1", [Correction(1, EXCLUDE), Correction(2, EXCLUDE)], owner="ann")
    store.corrections.save("it", "a1", [Correction(2, ACCEPT)], owner="ann")
    with pytest.raises(SpecError, match="at most 2"):
        store.corrections.save("it", "a1", [Correction(3, EXCLUDE)], owner="ann")


def test_moves_are_counted(store):
    made = [Correction(row, RELABEL, "3", "5") for row in range(2)] + [Correction(7, RELABEL, ["a"], [])]
    store.corrections.save("it", "", made, owner="ann")
    found = store.corrections.of("it", "", owner="ann")
    assert found.moves == {("3", "5"): 2, ("a", "–"): 1}
    assert found.of(7).label == [] and found.of(8) is None


def test_who_leaves_leaves_nothing_and_who_signs_in_takes_them_along(store):
    store.corrections.save("it", "a1", [Correction(1, EXCLUDE), Correction(2, EXCLUDE)], owner="visitor")
    store.corrections.save("it", "a1", [Correction(2, ACCEPT)], owner="member")
    store.belongings.move("visitor", "member")
    assert store.corrections.of("it", "a1", owner="member").corrections == (
        Correction(1, EXCLUDE),
        Correction(2, ACCEPT),
    )
    store.corrections.forget(owner="member")
    assert not store.corrections.of("it", "a1", owner="member").corrections
