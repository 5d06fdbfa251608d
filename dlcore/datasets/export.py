"""The arrays of an experiment in one file, for programs that know NumPy alone."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from dlcore.datasets.parts import Array, Indices, Part, PreparedData
from dlcore.datasets.prepare.cache import Tell
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.vectors.matching import find_vectors
from dlcore.datasets.vectors.stored import FoundVectors
from dlcore.durable import write_file
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec

SLICE_BYTES = 16_000_000
"""Written in one go, so that a set larger than the memory can be exported."""


Start = Callable[[PreparedData], Mapping[str, Sequence[Array]]]
"""Returns the weights of another model that layers start with, by their names."""


def export_arrays(
    spec: ExperimentSpec, settings: Settings, path: Path, tell: Tell, *, start: Start | None = None
) -> None:
    """Writes `x_train`, `x_validation`, `x_test` and their `y_…` as an `.npz`, before steps on values.

    Several inputs are called `x_train_<name>` …; word vectors that a layer starts with are `<layer>_vectors`,
    and `<layer>_ids` are the rows that they are for; weights of another model are `<layer>/0`, `<layer>/1` …;
    targets are int64 class numbers for one label per sample, float32 (samples, outputs) else.

    Args:
        spec: names the dataset and what is done to it.
        settings: where the data is.
        path: the file; one that is there is replaced once the new one is whole.
        tell: is told the progress of the preparation and the writing, in samples.
        start: gives the weights of another model, if layers start with those.

    Raises:
        SpecError: a step does not fit the dataset, or word vectors do not fit a layer.
        DatasetError: the dataset is absent or damaged, or the file cannot be written.
    """
    prepared = prepare(spec, settings, tell)
    vectors = find_vectors(spec, prepared.state, settings.vectors_dir)
    weights = start(prepared) if start else {}
    try:
        write_file(path, lambda fresh: _write_parts(fresh, prepared, vectors, weights, tell))
    except OSError as error:
        raise DatasetError(
            N_("the arrays cannot be written: {reason}."),
            hint=N_("Free disk space, or choose another file."),
            where=str(path),
            reason=error.strerror or str(error),
        ) from error


def _write_parts(
    path: Path,
    prepared: PreparedData,
    vectors: Mapping[str, FoundVectors],
    weights: Mapping[str, Sequence[Array]],
    tell: Tell,
) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name in ("train", "validation", "test"):
            part: Part = getattr(prepared, name)
            for key, array in part.inputs.items():
                end = "" if len(part.inputs) == 1 else f"_{key}"
                _write(file, f"x_{name}{end}", array, part.indices, tell)
            _write(file, f"y_{name}", part.y, part.indices, tell)
        for layer, found in vectors.items():
            every = np.arange(len(found.ids))
            _write(file, f"{layer}_ids", found.ids, every, tell)
            _write(file, f"{layer}_vectors", found.values, every, tell)
        for layer, arrays in weights.items():
            for number, array in enumerate(arrays):
                with file.open(f"{layer}/{number}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _write(file: zipfile.ZipFile, name: str, array: Array, indices: Indices, tell: Tell) -> None:
    shape = (len(indices), *array.shape[1:])
    step = max(1, SLICE_BYTES // max(1, array[:1].nbytes))
    with file.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(
            member,
            {"descr": np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False, "shape": shape},
        )
        for start in range(0, len(indices), step):
            tell(f"writing {name}", start, len(indices))
            member.write(np.ascontiguousarray(array[indices[start : start + step]]).tobytes())
