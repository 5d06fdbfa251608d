"""A store full of names that somebody chose with care: Markdown, addresses, tags, and some of 9,000 letters."""

import json
from dataclasses import dataclass

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.queue import submit
from dlcore.queue.processes import own_identity
from dlcore.queue.studies import start
from dlcore.records import ClassScore, Evaluation, Origin, RunState, StudyState, TrialState
from dlcore.search.spec import SearchSpec
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.store import Store

NAME = "**bold** $x$ https://evil.io :red[hi] <b> :tada:"
SIGNS = ":material/home: www.evil.io who@evil.io a -> b"
PATTERN = "^[^_]*_"
LONG = "x" * 9_000
CLASSES = (NAME, PATTERN, LONG, SIGNS)
RATE = "training.optimizer.learning_rate"


@dataclass(frozen=True)
class Nasty:
    """The ids of what is there: drafts on a table and on texts, a run that has ended, a study."""

    table: str
    texts: str
    run: str
    study: str


def fill_nasty(settings):
    """Fills the store; returns the ids."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    rows = [f'{n}.5,"{PATTERN if n % 2 else NAME}",{n % 7}.25,"{CLASSES[n % 4]}"' for n in range(60)]
    (home / "nasty.csv").write_text("\n".join([f'"{NAME}","{PATTERN}",{LONG},label', *rows]))
    words = [f'"so many words {n}","{CLASSES[n % 4]}"' for n in range(60)]
    (home / "texts.csv").write_text("\n".join(["text,label", *words]))
    roles = {"label": ColumnRole.TARGET}
    table = ingest(
        home / "nasty.csv",
        settings,
        Choices(name="nasty", title=NAME, kind=DataKind.TABLE, roles=roles),
        owner="local",
    )
    texts = ingest(
        home / "texts.csv",
        settings,
        Choices(name="nasty-texts", title=NAME, kind=DataKind.TEXT, roles=roles),
        owner="local",
    )
    store = Store.open(settings)
    specs = [_spec(one.facts) for one in (table, texts)]
    drafts = [store.drafts.create(spec.to_dict(), owner="local").id for spec in specs]
    nasty = Nasty(*drafts, _run(store, specs[0]), _study(store, specs[0]))
    store.close()
    return nasty


def _spec(facts):
    data = proposal(facts).to_dict() | {"name": NAME}
    weights = {"kind": "PerClass", "weights": dict.fromkeys(CLASSES, 2.0)}
    return ExperimentSpec.from_dict(data | {"training": data["training"] | {"class_weight": weights}})


def _run(store, spec):
    run = submit(store, spec, owner="local")
    store.runs.move(run, RunState.STARTING, device="cpu")
    store.runs.move(store.runs.get(run.id), RunState.RUNNING)
    evaluation = Evaluation(
        metrics={"accuracy": 0.9, "loss": 0.3},
        classes=CLASSES,
        confusion=((9, 1, 0, 0), (0, 9, 1, 0), (0, 0, 9, 1), (1, 0, 0, 9)),
        scores=tuple(ClassScore(name, 0.9, 0.9, 0.9, 10) for name in CLASSES),
        mistakes=(),
    )
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(evaluation.to_dict()))
    summary = {"test": {"accuracy": 0.9, "loss": 0.3}}
    store.runs.move(store.runs.get(run.id), RunState.COMPLETED, summary=summary)
    return run.id


def _study(store, spec):
    me = own_identity()
    assert store.workers.acquire(me, slots=1, lost_seconds=15, is_gone=lambda who: True)
    space = {RATE: {"low": 1e-4, "high": 1e-1, "log": True}}
    study = start(store, SearchSpec.from_dict({**spec.to_dict(), "space": space}), owner="local", name=NAME)
    with store.studies.driving(study.id, me.id) as write:
        for number, value in enumerate((0.5, 0.9)):
            write.add_trial(number, origin=Origin.SAMPLED, params={RATE: 0.01}, state=TrialState.RUNNING)
            write.set_trial(number, state=TrialState.COMPLETE, values=(value,), epoch=5)
        write.set_study(best=1, best_value=0.9, seconds=60.0, state=StudyState.COMPLETED)
    store.workers.release(me.id)
    return study.id
