"""A store with something of everything, so that no page is empty."""

import json
from dataclasses import dataclass

from dlcore.datasets import open_samples
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.vectors.storing import store_vectors
from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.ready import example
from dlcore.queue.studies import start
from dlcore.records import (
    Axis,
    ClassScore,
    Evaluation,
    Metric,
    Origin,
    RunState,
    Scope,
    SeriesKey,
    StudyState,
    TrialState,
)
from dlcore.search.spec import SearchSpec
from dlcore.spec import ExperimentSpec
from dlcore.spec.experiment import DatasetSpec
from dlcore.store import Store
from tests.comparison.runs import SAMPLES, classified

LONG = "a-rather-long-name-of-an-experiment-that-somebody-has-given-to-it"
RATE = "training.optimizer.learning_rate"


@dataclass(frozen=True)
class Filled:
    """The ids of what is there."""

    done: str
    live: str
    study: str
    texts: str
    compared: tuple[str, str]


def fill(settings):
    """Fills the store; gives the ids."""
    table = settings.home / "points.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    ingest(table, settings, Choices(name="points", title="Points on a line"), owner="local")
    store = Store.open(settings)
    done, live = finished(store), working(store)
    submit(store, example(), owner="local")
    store.registry.keep(done, LONG, owner="local", notes=LONG)
    filled = Filled(done, live, studied(store), on_texts(store), compared(store))
    store.close()
    return filled


def compared(store):
    """Two runs that answered the same samples of digits, one of them with fewer mistakes."""
    samples = open_samples(DatasetSpec(name="digits"), store.settings, use_network=False)
    targets = samples.targets[:SAMPLES]
    runs = []
    for name, mistakes, rate in (("base", 40, 0.001), ("better", 10, 0.01)):
        run = classified(
            store, name, range(mistakes), targets=targets, owner="local", points=epochs(), **{RATE: rate}
        )
        runs.append(run.id)
    return tuple(runs)


def on_texts(store):
    """A draft on texts with word vectors; not the latest draft, which other pages open."""
    folder = store.settings.home
    texts, vectors = folder / "texts.csv", folder / "glove.6B.3d.txt"
    texts.write_text(
        "text,label\n" + "".join(f"a {word} day {n},{word}\n" for n in range(20) for word in ("good", "bad"))
    )
    ingest(texts, store.settings, Choices(name="texts"), owner="local")
    vectors.write_text("good 1 2 3\nbad 4 5 6\n")
    store_vectors(vectors, store.settings, owner="local", origin=vectors.name)
    words = {"kind": "Embedding", "output_dim": 3, "vectors": "glove-6b-3d"}
    layers = [words, {"kind": "GlobalAveragePooling1D"}, {"kind": "Dense"}]
    spec = ExperimentSpec.from_dict(
        {"dataset": {"name": "texts"}, "preprocessing": ["TextVectorization"], "model": {"layers": layers}}
    )
    draft = store.drafts.create(spec.to_dict(), owner="local")
    store.drafts.create(example().to_dict(), owner="local")
    return draft.id


def epochs():
    """Curves over three epochs."""
    return [
        Metric(SeriesKey(metric, scope, Axis.EPOCH), float(epoch), 1 / epoch)
        for metric in ("loss", "accuracy")
        for scope in (Scope.TRAIN, Scope.VALIDATION)
        for epoch in range(1, 4)
    ]


def begun(store, name):
    run = submit(store, example().updated(name=name), owner="local")
    store.runs.move(run, RunState.STARTING, device="cpu")
    store.runs.move(store.runs.get(run.id), RunState.RUNNING, step=120, steps=410, epoch=3)
    run = store.runs.get(run.id)
    report = {"epoch": 3, "summary": {"validation": {"accuracy": 0.91, "loss": 0.3}}}
    store.reports.write(run.id, run.attempt, report, metrics=epochs())
    return store.runs.get(run.id)


def finished(store):
    run = begun(store, LONG)
    classes = tuple("0123456789")
    counts = tuple(tuple(30 if row == column else row % 3 for column in range(10)) for row in range(10))
    evaluation = Evaluation(
        metrics={"accuracy": 0.9, "loss": 0.3},
        classes=classes,
        confusion=counts,
        scores=tuple(ClassScore(name, 0.9, 0.9, 0.9, 36) for name in classes),
        mistakes=(),
    )
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(evaluation.to_dict()))
    store.runs.move(run, RunState.COMPLETED, summary={"test": {"accuracy": 0.9, "loss": 0.3}})
    return run.id


def working(store):
    return begun(store, "digits-cnn").id


def studied(store):
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    space = {RATE: {"low": 1e-4, "high": 1e-1, "log": True}, "training.batch_size": [16, 32]}
    study = start(
        store, SearchSpec.from_dict({**example().to_dict(), "space": space}), owner="local", name=LONG
    )
    with store.studies.driving(study.id, me.id) as write:
        for number, value in enumerate((0.5, 0.9, 0.7, 0.8)):
            params = {RATE: 10.0 ** -(number % 3 + 1), "training.batch_size": 16 * (number % 2 + 1)}
            write.add_trial(number, origin=Origin.SAMPLED, params=params, state=TrialState.RUNNING)
            write.set_trial(number, state=TrialState.COMPLETE, values=(value,), epoch=5)
        write.set_study(best=1, best_value=0.9, seconds=60.0, state=StudyState.COMPLETED)
    store.workers.release(me.id)
    return study.id
