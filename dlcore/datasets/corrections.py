"""A new version of a dataset, in which some samples have another label or are left out.

The files of the version before are linked, not copied. A sample that is left out keeps its row, so that a row's number means
the same in all versions; and the parts are drawn as if nothing had changed, so that no other sample moves from one to another.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.datasets.blocks import SEAL, seal
from dlcore.datasets.ingest.writing import check_name, on_disk, publish, writing
from dlcore.datasets.labels import Targets, check_correction, effective, target_of
from dlcore.datasets.lineage import CORRECTIONS, CorrectedRows, corrected_rows
from dlcore.datasets.stored import (
    FORMAT,
    MANIFEST,
    TARGETS,
    StoredDataset,
    check_content,
)
from dlcore.durable import write_json
from dlcore.errors import N_, DatasetError
from dlcore.records.corrections import Correction, CorrectionKind, Lineage
from dlcore.settings import Settings
from dlcore.spec.data import DatasetFacts


def correct_dataset(
    parent: StoredDataset,
    changes: Sequence[Correction],
    settings: Settings,
    *,
    name: str,
    owner: str,
    copy_of: str = "",
) -> StoredDataset:
    """Returns the version that some corrections make of a dataset; the same ones make the same version.

    Args:
        parent: the version that they are about.
        changes: at most one of a sample.
        settings: whose home it is in.
        name: that of the parent, or a new one.
        owner: whose it will be.
        copy_of: the built-in dataset that the parent is a copy of, if any: the lineage names that.

    Raises:
        DatasetError: a correction does not fit, nothing would change, the name is someone else's, or the disk is full.
        SpecError: there is no such class.
    """
    check_content(parent)
    for one in changes:
        check_correction(parent.facts, parent.targets, len(parent.parts), one)
    changes = effective(parent.facts, parent.targets, corrected_rows(parent).excluded, changes)
    if not changes:
        raise DatasetError(N_("there is nothing to change."), hint=N_("Relabel or exclude a sample first."))
    check_name(name, settings, owner)
    targets = None if parent.targets is None else _corrected(parent.facts, parent.targets, changes)
    rows = _corrected_rows(parent, changes)
    facts = _facts(parent, targets, rows, name=name, owner=owner)
    source = (copy_of, "") if copy_of else (parent.facts.name, parent.facts.version)
    made_of = Lineage.of(*source, changes, owner=owner, at=time.time())
    with writing(settings) as draft:
        folder = draft.folder
        on_disk(partial(_link_files, parent.folder, folder), settings)
        if targets is not None:
            on_disk(partial(np.save, folder / TARGETS, targets), settings)
        on_disk(partial(write_json, folder / CORRECTIONS, rows.to_dict()), settings)
        on_disk(partial(write_json, folder / MANIFEST, _manifest(parent, facts, made_of)), settings)
        on_disk(partial(seal, folder), settings)
        return publish(folder, facts, settings)


def _corrected(facts: DatasetFacts, targets: Targets, changes: Sequence[Correction]) -> Targets:
    found = np.array(targets)
    for one in changes:
        if one.kind is CorrectionKind.RELABEL:
            found[one.sample] = target_of(facts, one.label)
    return found


def _corrected_rows(parent: StoredDataset, changes: Sequence[Correction]) -> CorrectedRows:
    """Returns all that differs from the first version."""
    before = corrected_rows(parent)
    excluded, first = set(before.excluded), dict(before.first)
    for one in changes:
        if one.kind is CorrectionKind.EXCLUDE:
            excluded.add(one.sample)
        elif parent.targets is not None and parent.facts.task.single_label:
            first.setdefault(one.sample, int(parent.targets[one.sample]))
    return CorrectedRows(tuple(sorted(excluded)), first)


def _facts(
    parent: StoredDataset, targets: Targets | None, rows: CorrectedRows, *, name: str, owner: str
) -> DatasetFacts:
    """Returns the facts of the new version: its sizes and counts are those of what is left."""
    left = ~rows.is_excluded(len(parent.parts))
    if not left.any():
        raise DatasetError(N_("no sample would be left."), hint=N_("Exclude fewer."), where=name)
    parts = parent.parts[left]
    facts = dataclasses.replace(
        parent.facts,
        name=name,
        title=parent.facts.title if name == parent.facts.name else name,
        owner=owner,
        train_size=int(np.isin(parts, ("", "train")).sum()),
        validation_size=int((parts == "validation").sum()),
        test_size=int((parts == "test").sum()),
    )
    if targets is not None and facts.class_counts:
        own = targets[left]
        counts = np.bincount(own[own >= 0], minlength=len(facts.classes))
        facts = dataclasses.replace(facts, class_counts=tuple(map(int, counts)))
    return dataclasses.replace(facts, version=_version(parent, targets, rows))


def _version(parent: StoredDataset, targets: Targets | None, rows: CorrectedRows) -> str:
    """Returns a hash of the content: that of the version before, and what is different."""
    found = hashlib.sha256(f"{parent.facts.version} {json.dumps(rows.to_dict())}".encode())
    if targets is not None:
        found.update(np.ascontiguousarray(targets).tobytes())
    return found.hexdigest()[:12]


def _manifest(parent: StoredDataset, facts: DatasetFacts, made_of: Lineage) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "facts": facts.to_dict(),
        "created_at": made_of.at,
        "origin": parent.origin,
        "refused": [{"name": row.name, "reason": row.reason.to_dict()} for row in parent.refused],
        "refused_count": parent.refused_count,
        "statistics": dict(parent.statistics),
        "lineage": made_of.to_dict(),
    }


def _link_files(source: Path, folder: Path) -> None:
    """Puts the files of a version into another folder, without copying them where the system can link them."""
    for path in source.iterdir():
        if path.name in (MANIFEST, SEAL, TARGETS, CORRECTIONS) or not path.is_file():
            continue
        try:
            os.link(path, folder / path.name)
        except OSError:  # another disk, or a system without links
            shutil.copyfile(path, folder / path.name)
