"""Names that count, and what people say of runs and studies."""

import pytest
from sqlalchemy import MetaData, insert

from dlcore.errors import NotFoundError, SpecError
from dlcore.records import Annotation, AnnotationEdit, Origin
from dlcore.store import Store, StudyWriter
from tests.store.samples import SPEC, queued
from tests.store.test_schema import RUN, made_by

STUDY = {
    "owner": "ann", "spec": {}, "dataset": "digits", "metrics": ["val_loss"], "directions": ["minimize"],
    "parallel": 1, "max_trials": 3, "max_seconds": None, "target": None,
}  # fmt: skip


def unnamed(store, **values):
    return queued(store, **{"name": "", "template": "cnn", **values})


def test_runs_and_studies_without_a_name_are_counted_together_by_owner_dataset_and_template(store):
    names = [
        unnamed(store).name,
        store.studies.create(**STUDY, template="cnn").name,
        unnamed(store, name="mine").name,
        unnamed(store).name,
        unnamed(store, template="mlp").name,
        unnamed(store, dataset="mnist").name,
        unnamed(store, owner="bob").name,
    ]
    assert names == [
        "digits · cnn · 1", "digits · cnn · 2", "mine", "digits · cnn · 4", "digits · mlp · 1",
        "mnist · cnn · 1", "digits · cnn · 1",
    ]  # fmt: skip


def test_an_empty_name_brings_the_usual_one_back(store):
    run = unnamed(store, name="mine")
    assert not run.has_usual_name
    store.annotations.edit(run, AnnotationEdit(name=""))
    assert store.runs.get(run.id).name == "digits · cnn · 1"
    assert store.runs.get(run.id).has_usual_name


def test_a_change_leaves_alone_what_it_does_not_name(store):
    run = unnamed(store)
    store.annotations.edit(run, AnnotationEdit(notes="*first*", add_tags=("Paper", "seeds"), favorite=True))
    store.annotations.edit(run, AnnotationEdit(add_tags=("paper", " two  words "), remove_tags=("SEEDS",)))
    found = store.runs.get(run.id)
    assert found.name == "digits · cnn · 1"
    assert found.annotation.to_dict() == {
        "notes": "*first*", "tags": ["Paper", "two words"], "favorite": True, "archived": False,
    }  # fmt: skip
    assert store.annotations.tags(owner="ann") == ["Paper", "two words"]
    assert store.annotations.tags(owner="bob") == []


def test_the_runs_of_a_study_follow_its_name_unless_someone_named_them(store):
    study = store.studies.create(**STUDY, name="old")
    with store.database.write() as connection:
        write = StudyWriter(connection, study.id)
        columns = {"spec": SPEC, "spec_hash": "01", "owner": "ann", "dataset": "digits", "epochs": 1}
        for number, name in ((0, "old · 0"), (1, "by hand")):
            write.add_trial(number, origin=Origin.SAMPLED, params={})
            write.add_run(number, 0, name=name, workload={}, **columns)
    store.annotations.edit(study, AnnotationEdit(name="new"))
    trials = {run.trial: run for run in store.runs.list(study=study.id)}
    assert {number: run.name for number, run in trials.items()} == {0: "new · 0", 1: "by hand"}
    store.annotations.edit(trials[1], AnnotationEdit(name=""))
    assert store.runs.get(trials[1].id).name == "new · 1"


def test_lists_tell_what_is_archived_from_what_is_not(store):
    here, away = unnamed(store), unnamed(store)
    store.annotations.edit(away, AnnotationEdit(archived=True))
    assert [run.id for run in store.runs.list(archived=False)] == [here.id]
    assert [run.id for run in store.runs.list(archived=True)] == [away.id]
    assert store.runs.count(archived=True) == 1
    assert store.runs.count() == 2
    # Who asks for one by its id finds it.
    assert [run.id for run in store.runs.list(archived=False, search=away.id)] == [away.id]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"name": "a\nb"}, "name: expected one line of text, its length at most 200"),
        ({"name": "n" * 201}, "name: expected one line of text, its length at most 200, got 201"),
        ({"add_tags": ("a,b",)}, "tags: expected a word or a few as a tag, got 'a,b'"),
        ({"add_tags": ("  ",)}, "tags: expected a word or a few as a tag"),
        ({"add_tags": ("t" * 41,)}, "tags: expected one line of text, its length at most 40, got 41"),
        ({"notes": "n" * 20_001}, "notes: expected a text whose length is at most 20000, got 20001"),
    ],
)
def test_what_no_store_should_hold_is_refused(values, says):
    with pytest.raises(SpecError) as refused:
        AnnotationEdit(**values)
    assert str(refused.value).startswith(says)


def test_too_many_tags_are_refused_and_none_is_added(store):
    run = unnamed(store)
    with pytest.raises(SpecError, match="tags: the number of tags may be at most 20, got 21"):
        store.annotations.edit(run, AnnotationEdit(add_tags=tuple(f"t{n}" for n in range(21))))
    assert store.runs.get(run.id).annotation.tags == ()


def test_what_was_deleted_in_the_meantime_is_said_so(store):
    run = unnamed(store)
    assert store.runs.delete(run)
    with pytest.raises(NotFoundError, match=f"'{run.id}' was deleted in the meantime"):
        store.annotations.edit(run, AnnotationEdit(favorite=True))


def test_runs_of_an_older_program_keep_their_names_and_are_numbered(settings):
    database = made_by(settings, "0009")
    columns = {key: value for key, value in RUN.items() if key not in ("work", "heartbeat_at", "pid_started")}
    found = MetaData()
    with database.write() as connection:
        found.reflect(connection, only=["runs"])
        for name, created in (("later", 200.0), ("earlier", 100.0)):
            row = {**columns, "id": name, "name": name, "created_at": created}
            connection.execute(insert(found.tables["runs"]).values(**row))
    database.close()
    store = Store.open(settings)
    assert [(store.runs.get(one).name, store.runs.get(one).number) for one in ("earlier", "later")] == [
        ("earlier", 1), ("later", 2),
    ]  # fmt: skip
    assert unnamed(store, template="").name == "digits · 3"
    assert store.runs.get("later").annotation == Annotation()
    store.close()
