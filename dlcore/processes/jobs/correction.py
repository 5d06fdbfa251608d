"""A new version of a dataset, made of a change set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.datasets.builtin.catalogue import CATALOGUE
from dlcore.datasets.corrections import correct_dataset
from dlcore.datasets.loader import load
from dlcore.datasets.stored import StoredDataset, open_stored
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import export_limits
from dlcore.records import JobUnit
from dlcore.records.corrections import ChangeSet, Correction
from dlcore.store import Store


def _gather(arguments: Arguments, store: Store) -> Arguments:
    return {}


def _conclude(arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
    store.corrections.conclude(
        _change_set(arguments), result["name"], result["version"], owner=arguments["owner"]
    )
    return result


def _change_set(arguments: Arguments) -> ChangeSet:
    made = tuple(map(Correction.from_dict, arguments["corrections"]))
    return ChangeSet(arguments["dataset"], arguments["version"], made)


# No process of a stranger: it opens none of their files but as numbers, and links them as they are.
@JOBS.register(limits=export_limits, is_long=True, store_side=StoreSide(_gather, _conclude))
def correction(arguments: Arguments, handle: JobHandle) -> Mapping[str, Any]:
    """Stores the corrected version; returns its `name` and `version`.

    Args:
        arguments: the `dataset` and its `version`; the `corrections`, each as `Correction.to_dict`; the `name` of the
            dataset that gets the new version, and its `owner`.
        handle: is told how many samples of a built-in dataset are copied.
    """
    changes = _change_set(arguments)
    parent = _own(arguments, handle)
    made = correct_dataset(
        parent,
        changes.changes,
        handle.settings,
        name=arguments["name"],
        owner=arguments["owner"],
        copy_of=arguments["dataset"] if arguments["dataset"] in CATALOGUE else "",
    )
    return {"name": made.facts.name, "version": made.facts.version}


def _own(arguments: Arguments, handle: JobHandle) -> StoredDataset:
    """Returns the version that is corrected; of a built-in dataset, a copy."""
    name, settings = arguments["dataset"], handle.settings
    if name not in CATALOGUE:
        return open_stored(name, settings, arguments["version"])
    from dlcore.datasets.ingest.own_copy import copy_built_in

    def tell(done: int, total: int) -> None:
        handle.progress(done, total, JobUnit.ROWS)

    data = load(name, settings, download=False)
    return copy_built_in(data, settings, name=arguments["name"], owner=arguments["owner"], tell=tell)
