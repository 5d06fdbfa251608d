"""The process of a job: one small computation that a page has asked for, then it ends."""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcore.datasets.prepare.preparation import some_prepared
from dlcore.durable import put_in_place
from dlcore.engine.augmentation import preview
from dlcore.errors import N_, DlcoreError, Message, unknown_name
from dlcore.records import Job
from dlcore.records.artifacts import PREVIEW_FILE
from dlcore.settings import Settings
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.experiment import DatasetSpec
from dlcore.spec.preprocessing import STEPS
from dlcore.store import Store

Arguments = Mapping[str, Any]


def augmentation_preview(arguments: Arguments, folder: Path, settings: Settings) -> None:
    """Some training samples before and after augmentation, in `preview.npz`.

    Args:
        arguments: `dataset`, its name, and its `version`; the steps of `preprocessing` and of
            `augmentation`; `seed`; `indices` of samples; `copies` of each.
        folder: gets the file: `before` uint8 (samples, height, width, channels), `after` uint8
            (samples, copies, height, width, channels).
        settings: where data lies.
    """
    steps = [AUGMENTATIONS.parse(step) for step in arguments["augmentation"]]
    dataset = DatasetSpec(name=arguments["dataset"], version=arguments["version"])
    making = [STEPS.parse(step) for step in arguments["preprocessing"]]
    before = pictures_of(some_prepared(dataset, making, arguments["indices"], settings))
    after = preview(steps, before, copies=arguments["copies"], seed=arguments["seed"])
    np.savez(folder / PREVIEW_FILE, allow_pickle=False, before=before, after=after)


def pictures_of(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Prepared samples as pictures: bytes as they are, other numbers from the lowest to the highest."""
    if values.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    return np.rint((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)


DOERS: dict[str, Callable[[Arguments, Path, Settings], None]] = {"augmentation_preview": augmentation_preview}
"""What can be asked for; each writes its results into a folder."""


def main(settings: Settings, job_id: str, attempt: int) -> None:
    """Does one job; the last thing this process does.

    Args:
        settings: where store and data lie.
        job_id: the job, in its state *running*.
        attempt: the one this process was started for.
    """
    store = Store.open(settings)
    job = store.jobs.get(job_id)
    reason = _do(job, store.jobs.folder(job_id), settings)
    store.jobs.finish(job_id, attempt, reason)
    store.close()


def _do(job: Job, folder: Path, settings: Settings) -> Message | None:
    """Puts the results into the folder, all or nothing; whatever goes wrong becomes a reason."""
    part = folder.with_name(f".{folder.name}.{job.attempt}")
    try:
        part.mkdir(parents=True, exist_ok=True)
        if job.what not in DOERS:
            raise unknown_name(N_("job"), job.what, DOERS)
        DOERS[job.what](job.arguments, part, settings)
        _put(part, folder)
    except DlcoreError as error:
        return error.message
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the job says so
        traceback.print_exc(file=sys.stderr)
        text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return Message(
            N_("an unexpected error: {error}."),
            N_("worker.log in DLCORE_HOME has the details."),
            params={"error": text},
        )
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return None


def _put(part: Path, folder: Path) -> None:
    """Moves the results to their place; those of a process that was thought dead are as good."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        put_in_place(part, folder)
    except OSError:
        if not folder.is_dir():
            raise
