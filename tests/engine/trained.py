"""Runs of a store that are trained in this process, without a queue."""

from __future__ import annotations

from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.queue import submit
from dlcore.records import Run
from dlcore.spec.data import DatasetFacts
from dlcore.store import Store


def trained_run(store: Store, known: DatasetFacts, *, epochs: int = 1, owner: str = "local") -> Run:
    """Returns a run of what is proposed for a dataset, with all files of a finished one; it still is queued."""
    spec = proposal(known).with_values({"training.epochs": epochs})
    run = submit(store, spec, owner=owner)
    folder = store.artifacts.folder(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    train(spec, MemoryHandle(folder), settings=store.settings)
    return run
