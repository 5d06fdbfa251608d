"""Models that people keep: versions that count, one in production, and runs that stay."""

import pytest
from sqlalchemy import func, select, update

from dlcore.errors import NotFoundError, SpecError, StoreError
from dlcore.records import RunState
from dlcore.records.registry import ModelStage, UseKind
from dlcore.store.tables import model_uses, model_versions, registered_models, runs
from tests.store.samples import in_state
from tests.store.test_studies import new_study


def ended(store):
    return in_state(store, RunState.COMPLETED)


def kept(store, name="digits", owner="ann", **values):
    return store.registry.keep(ended(store).id, name, owner=owner, **values)


def stages(store, name="digits"):
    return {one.number: one.stage.value for one in store.registry.get(name, owner="ann").versions}


def rows(store, table):
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_versions_of_a_name_count_by_owner_and_the_newest_comes_first(store):
    first = kept(store, "  my   digits ", notes="as in the paper")
    second, other = kept(store, "my digits"), kept(store, "my digits", owner="bob")
    assert [one.reference for one in (first, second, other)] == ["my digits@1", "my digits@2", "my digits@1"]
    (model,) = store.registry.list(owner="ann")
    assert [(one.number, one.notes, one.stage) for one in model.versions] == [
        (2, "", ModelStage.NONE),
        (1, "as in the paper", ModelStage.NONE),
    ]
    assert store.registry.list(owner="eve") == []
    with pytest.raises(NotFoundError, match="there is no model 'my digits'"):
        store.registry.get("my digits", owner="eve")


def test_models_are_listed_in_alphabetical_order(store):
    for name in ("b", "A", "c"):
        kept(store, name)
    assert [one.name for one in store.registry.list(owner="ann")] == ["A", "b", "c"]


@pytest.mark.parametrize("name", ["", " ", "a@b", "x" * 101])
def test_a_name_has_to_be_a_line_of_text_without_what_stands_before_a_version(store, name):
    with pytest.raises(SpecError, match="name: expected one line of text without @"):
        kept(store, name)
    assert rows(store, registered_models) == 0


def test_notes_have_an_end(store):
    with pytest.raises(SpecError, match="notes: expected a text whose length is at most 2000, got 2001"):
        kept(store, notes="x" * 2001)


def test_the_same_model_is_kept_once_under_a_name(store):
    run = ended(store)
    store.registry.keep(run.id, "digits", owner="ann")
    with pytest.raises(SpecError, match=f"digits: the model of run {run.id} is its version 1 already"):
        store.registry.keep(run.id, "digits", owner="ann")
    store.registry.keep(run.id, "other", owner="ann")
    assert {one.reference for one in store.registry.of_run(run.id)} == {"digits@1", "other@1"}


def test_one_version_at_most_is_in_production(store):
    first, second = kept(store), kept(store)
    elsewhere = kept(store, "other")
    for version in (elsewhere, first, second):
        store.registry.set_stage(version, ModelStage.PRODUCTION)
    assert stages(store) == {1: "archived", 2: "production"}
    assert stages(store, "other") == {1: "production"}
    store.registry.set_stage(first, ModelStage.STAGING)
    assert stages(store) == {1: "staging", 2: "production"}


def test_no_number_is_used_twice_and_a_model_goes_with_its_last_version(store):
    first, second = kept(store), kept(store)
    store.registry.note_use(second.run_id, UseKind.TRY, "page")
    store.registry.remove(second)
    assert rows(store, model_uses) == 0
    third = kept(store)
    assert third.number == 3
    for version in (first, third):
        store.registry.remove(version)
    assert store.registry.list(owner="ann") == []
    with pytest.raises(NotFoundError, match="digits@1: this version was removed in the meantime"):
        store.registry.set_stage(first, ModelStage.STAGING)
    assert store.runs.get(first.run_id).id == first.run_id


def test_what_is_done_with_a_kept_model_is_counted_and_with_others_is_not(store):
    version, other = kept(store), ended(store)
    for kind, detail in (("try", "page"), ("try", "page"), ("export", "onnx"), ("try", "browser")):
        store.registry.note_use(version.run_id, UseKind(kind), detail)
        store.registry.note_use(other.id, UseKind(kind), detail)
    (found,) = store.registry.of_run(version.run_id)
    assert [(one.kind.value, one.detail, one.count) for one in found.uses] == [
        ("export", "onnx", 1),
        ("try", "browser", 1),
        ("try", "page", 2),
    ]
    assert found.details(UseKind.TRY) == ("browser", "page")
    assert rows(store, model_uses) == 3


def test_the_store_itself_deletes_no_run_whose_model_is_kept(store):
    """Whatever way leads there, also through its study."""
    version, study = kept(store), new_study(store)
    with pytest.raises(StoreError):
        store.runs.delete(store.runs.get(version.run_id))
    with store.database.write() as connection:
        of_study = {"study_id": study.id, "trial": 0, "repeat": 0}
        connection.execute(update(runs).where(runs.c.id == version.run_id).values(**of_study))
    assert [one.reference for one in store.registry.of_study(study.id)] == ["digits@1"]
    with pytest.raises(StoreError):
        store.studies.delete(study.id)
    assert (rows(store, runs), rows(store, model_versions), store.removals.pending()) == (1, 1, [])

    store.registry.remove(version)
    store.studies.delete(study.id)
    assert rows(store, runs) == 0


def test_a_model_is_renamed_with_all_its_versions(store):
    version = kept(store)
    store.registry.note_use(version.run_id, UseKind.TRY, "page")
    kept(store)
    store.registry.edit("digits", owner="ann", to="  written  digits ")
    model = store.registry.get("written digits", owner="ann")
    assert [(one.reference, len(one.uses)) for one in model.versions] == [
        ("written digits@2", 0), ("written digits@1", 1)
    ]  # fmt: skip
    assert kept(store, "written digits").number == 3
    with pytest.raises(NotFoundError, match="there is no model 'digits'"):
        store.registry.edit("digits", owner="ann", notes="gone")


def test_a_model_is_not_called_as_another_one_of_the_same_person(store):
    kept(store), kept(store, "letters"), kept(store, "sounds", owner="bob")
    with pytest.raises(SpecError, match="name: there is another model 'letters'"):
        store.registry.edit("digits", owner="ann", to="letters", notes="lost")
    with pytest.raises(SpecError, match="name: expected one line of text"):
        store.registry.edit("digits", owner="ann", to="a@b")
    store.registry.edit("digits", owner="ann", to="digits")
    store.registry.edit("digits", owner="ann", to="sounds")
    assert [(one.name, one.notes) for one in store.registry.list(owner="ann")] == [
        ("letters", ""), ("sounds", "")
    ]  # fmt: skip
    with pytest.raises(NotFoundError):
        store.registry.edit("letters", owner="bob", to="mine")


def test_a_model_and_its_versions_have_notes_of_their_own(store):
    version = kept(store, notes="first")
    store.registry.edit("digits", owner="ann", notes="for **all**")
    store.registry.set_notes(version, "for this one")
    model = store.registry.get("digits", owner="ann")
    assert (model.notes, model.versions[0].notes) == ("for **all**", "for this one")
    with pytest.raises(SpecError, match="notes: expected a text whose length is at most 2000, got 2001"):
        store.registry.set_notes(version, "x" * 2001)
    store.registry.remove(version)
    with pytest.raises(NotFoundError, match="this version was removed in the meantime"):
        store.registry.set_notes(version, "late")
