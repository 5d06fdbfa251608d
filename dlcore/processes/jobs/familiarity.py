"""What is usual to a run's model, so that a new sample can be called unlike those of the training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlcore.analysis.unlike import Familiar
from dlcore.durable import write_file
from dlcore.errors import N_, DatasetError
from dlcore.processes.kinds import JOBS, Arguments, JobHandle, Result, StoreSide
from dlcore.processes.limits import export_limits
from dlcore.processes.of_run import gather_run, reach_run, told, write_arrays
from dlcore.records import JobUnit
from dlcore.records.artifacts import FAMILIAR_FILE, MODEL_HASH
from dlcore.records.unlike import Familiarity
from dlcore.store import Store
from dlcore.store.run_files import read_arrays

_HASH_BYTES = 32


def _conclude(arguments: Arguments, result: Result, store: Store, folder: Path) -> Result:
    """Puts the file into the folder of the run, written anew: a stranger's process has made the one that was found."""
    try:
        kept, arrays = Familiarity.from_dict(result), read_arrays(folder / FAMILIAR_FILE)
        familiar, model = Familiar.from_arrays(arrays), arrays[MODEL_HASH]
        if model.dtype != np.uint8 or model.shape != (_HASH_BYTES,):
            raise ValueError("no hash of a model")
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise DatasetError(N_("its process said nothing that makes sense."), where=FAMILIAR_FILE) from error
    content: dict[str, Any] = {**familiar.to_arrays(), MODEL_HASH: model}

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **content)

    write_file(store.artifacts.folder(arguments["run"]) / FAMILIAR_FILE, write)
    return kept.to_dict()


@JOBS.register(
    limits=export_limits,
    needs_keras=True,
    is_long=True,
    reach=reach_run,
    store_side=StoreSide(gather_run, _conclude),
)
def familiarity(arguments: Arguments, handle: JobHandle) -> Result:
    """Writes `FAMILIAR_FILE` into the job's folder; returns `Familiarity.to_dict`.

    Args:
        arguments: the `run`, and of the store its `folder`.
        handle: its settings and its folder; told how many samples are done.
    """
    from dlcore.engine.explain.asked import AskedModel
    from dlcore.engine.explain.familiar import learn_familiar
    from dlcore.engine.explain.unlike import model_hash

    folder = Path(arguments["folder"])
    asked = AskedModel(folder, handle.settings, told(handle))
    found, arrays = learn_familiar(asked, lambda done, total: handle.progress(done, total, JobUnit.NOTHING))
    write_arrays(handle, FAMILIAR_FILE, {**arrays, MODEL_HASH: model_hash(folder)})
    return found.to_dict()
