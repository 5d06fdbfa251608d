"""One thing of each kind that belongs to an owner, and all that may be tried on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlcore.access.actors import Actor
from dlcore.access.permissions import Kind, Verb
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.vectors.storing import store_vectors
from dlcore.design.templates import proposal
from dlcore.errors import StateError
from dlcore.models.stored import remove
from dlcore.models.storing import store_model
from dlcore.queue import annotate, cancel_job, delete, remove_dataset, request_stop, studies, submit
from dlcore.queue.drafts import submit_draft
from dlcore.queue.library import Library
from dlcore.queue.ready import example
from dlcore.queue.registry import keep_model
from dlcore.queue.sharing import Visibility, share
from dlcore.queue.sources import source_path
from dlcore.queue.vectors import remove_stored_vectors
from dlcore.records import AnnotationEdit, Axis, Metric, RunState, Scope, SeriesKey
from dlcore.records.artifacts import MODEL_FILE
from dlcore.records.shares import Thing
from dlcore.search.spec import SearchSpec
from dlcore.spec.fine_tuning import FromModel
from dlcore.store import Store
from tests.datasets.makers import arrived
from tests.models.samples import keras_file

EDIT = AnnotationEdit(notes="tried")
LOSS = SeriesKey("loss", Scope.TRAIN, Axis.BATCH)
SEARCH = {"space": {"training.epochs": {"low": 2, "high": 4}}}


@dataclass(frozen=True)
class Things:
    """The ids and names of somebody's things, by their kinds, and the id of a run that has ended."""

    ids: Mapping[Kind, str]
    ended: str


def make_things(store: Store, owner: str, folder: Path, name: str) -> Things:
    """One of each kind, as its owner's requests would have made it."""
    table = folder / f"{name}.csv"
    table.write_text("a,b,label\n" + "".join(f"{n},{n % 7},{'xy'[n % 2]}\n" for n in range(40)))
    vectors = folder / f"words_{name}.txt"
    vectors.write_text(f"good 1 2\nbad 3 4\n{name} 5 6\n")
    ended = submit(store, example(), owner=owner, name=f"ended {name}")
    for state in (RunState.STARTING, RunState.RUNNING):
        assert store.runs.move(store.runs.get(ended.id), state)
    at_work = store.runs.get(ended.id)
    points = [Metric(LOSS, float(step), 1 / step) for step in range(1, 9)]
    assert (
        store.reports.write(
            ended.id, at_work.attempt, {"epoch": 1}, metrics=points, lines=[(0.0, f"log {name}")]
        )
        is False
    )
    assert store.runs.move(store.runs.get(ended.id), RunState.COMPLETED)
    (store.artifacts.create(ended.id) / MODEL_FILE).write_bytes(b"weights")
    search = SearchSpec.from_dict({**example().to_dict(), **SEARCH})
    ids = {
        Kind.RUN: submit(store, example(), owner=owner, name=f"run {name}").id,
        Kind.STUDY: studies.start(store, search, owner=owner, name=f"study {name}").id,
        Kind.DRAFT: store.drafts.create(example().to_dict(), owner=owner).id,
        Kind.DATASET: ingest(table, store.settings, Choices(name=f"data_{name}"), owner=owner).facts.name,
        Kind.MODEL: store_model(keras_file(folder / f"{name}.keras"), store.settings, name=name, owner=owner).id,
        Kind.VECTORS: store_vectors(vectors, store.settings, owner=owner, origin=vectors.name).name,
        Kind.UPLOAD: arrived(store.settings, f"{name}.csv", b"a,b\n1,2\n", owner=owner).token,
        Kind.JOB: store.jobs.request("inspection", {"path": str(table)}, owner=owner).id,
    }  # fmt: skip
    return Things(ids, ended.id)


Attempt = Callable[[Store, Actor, Things, str], object]
"""Tries something on a thing for an actor; raises, or returns nothing, where it is refused."""


def _trained_on(store: Store, actor: Actor, things: Things, name: str) -> object:
    """A run on a dataset, which is stopped at once, so that it holds the dataset no longer."""
    try:
        run = submit(store, proposal(Library.of(store).facts(name)), owner=actor.id)
    except StateError:
        return True
    store.whole.runs.move(run, RunState.STOPPED)
    return run


def _removed_study(store: Store, actor: Actor, things: Things, study_id: str) -> object:
    """The check comes first: that the study still runs is another refusal."""
    try:
        return studies.delete(store, study_id, actor=actor) or True
    except StateError:
        return True


def _published(store: Store, actor: Actor, things: Things, name: str) -> object:
    """The dataset shown to everybody, and at once no longer."""
    for visibility in (Visibility.PUBLIC, Visibility.PRIVATE):
        share(store, [Thing(Kind.DATASET, name)], visibility, actor=actor)
    return True


def _done(call: Callable[..., object]) -> Attempt:
    """An attempt that answers nothing where it succeeds."""
    return lambda store, actor, things, name: call(store, name, actor=actor) or True


ATTEMPTS: Mapping[tuple[Kind, Verb], Attempt] = {
    (Kind.RUN, Verb.LOOK): lambda store, actor, things, name: store.runs.get(name),
    (Kind.RUN, Verb.READ): lambda store, actor, things, name: store.artifacts.folder(name),
    (Kind.RUN, Verb.USE): lambda store, actor, things, name: keep_model(store, things.ended, "kept", actor=actor),
    (Kind.RUN, Verb.CHANGE): lambda store, actor, things, name: annotate(store, name, EDIT, actor=actor),
    (Kind.RUN, Verb.STOP): _done(request_stop),
    (Kind.RUN, Verb.DELETE): lambda store, actor, things, name: (
        (store.whole.runs.move(store.whole.runs.get(name), RunState.STOPPED) and delete(store, name, actor=actor)) or True
    ),
    (Kind.STUDY, Verb.LOOK): lambda store, actor, things, name: store.studies.get(name),
    (Kind.STUDY, Verb.CHANGE): lambda store, actor, things, name: annotate(store, name, EDIT, actor=actor),
    (Kind.STUDY, Verb.STOP): _done(studies.stop),
    (Kind.STUDY, Verb.DELETE): _removed_study,
    (Kind.DRAFT, Verb.READ): lambda store, actor, things, name: store.drafts.get(name, actor=actor),
    (Kind.DRAFT, Verb.USE): lambda store, actor, things, name: submit_draft(store, name, example(), actor=actor),
    (Kind.DRAFT, Verb.CHANGE): lambda store, actor, things, name: annotate(store, name, EDIT, actor=actor),
    (Kind.DRAFT, Verb.DELETE): lambda store, actor, things, name: store.drafts.delete(name, actor=actor) or True,
    (Kind.DATASET, Verb.READ): lambda store, actor, things, name: Library.of(store).facts(name),
    (Kind.DATASET, Verb.USE): _trained_on,
    (Kind.DATASET, Verb.CHANGE): _published,
    (Kind.DATASET, Verb.DELETE): _done(remove_dataset),
    (Kind.MODEL, Verb.READ): lambda store, actor, things, name: Library.of(store).model(name),
    (Kind.MODEL, Verb.USE): lambda store, actor, things, name: (
        source_path(store, FromModel(model=name), owner=actor.id)
    ),
    (Kind.MODEL, Verb.DELETE): lambda store, actor, things, name: (
        remove(name, store.settings, actor=actor) or True
    ),
    (Kind.VECTORS, Verb.READ): lambda store, actor, things, name: (
        [one for one in Library.of(store).vectors() if one.name == name]
    ),
    (Kind.VECTORS, Verb.DELETE): _done(remove_stored_vectors),
    (Kind.UPLOAD, Verb.USE): lambda store, actor, things, name: Library.of(store).upload(name),
    (Kind.JOB, Verb.READ): lambda store, actor, things, name: store.jobs.get(name),
    (Kind.JOB, Verb.STOP): _done(cancel_job),
}  # fmt: skip
"""Whatever a request can do to a thing, by its kind and its verb, in an order in which all can be done."""
