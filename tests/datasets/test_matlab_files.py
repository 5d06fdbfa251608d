"""Arrays that MATLAB saved: in its own format, and as HDF5 from version 7.3 on."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from dlcore.datasets.ingest.intake import inspect
from dlcore.errors import DatasetError
from dlcore.spec.data import DataKind, Task

from .makers import stored

X = np.arange(60, dtype=np.float64).reshape(20, 3)
Y = np.array([n % 2 for n in range(20)], np.uint8)


def as_hdf5(path, **arrays):
    """The file as MATLAB 7.3 writes it: axes in reverse, behind 512 bytes of its own."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            dataset = file.create_dataset(name, data=np.asarray(array).T)
            dataset.attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")
    return path


@pytest.mark.parametrize("y", [Y, Y[:, None], Y[None, :]], ids=["vector", "column", "row"])
@pytest.mark.parametrize("version", ["5", "7.3"])
def test_arrays_of_matlab_are_read_as_those_of_numpy(version, y, tmp_path, settings):
    path = tmp_path / "it.mat"
    if version == "5":
        savemat(path, {"X": X, "y": y}, do_compression=True)
    else:
        as_hdf5(path, X=X, y=np.atleast_2d(y) if y.ndim == 1 else y)
    found = stored(path, settings)
    assert (found.facts.kind, found.facts.task, found.facts.classes) == (
        DataKind.ARRAY,
        Task.BINARY,
        ("0", "1"),
    )
    np.testing.assert_array_equal(found.array, X)
    np.testing.assert_array_equal(found.targets, Y)


@pytest.mark.parametrize("version", ["5", "7.3"])
def test_pictures_whose_samples_come_last_are_turned_and_it_is_said(version, tmp_path, settings):
    pictures = np.random.default_rng(0).integers(0, 256, (4, 5, 3, 20)).astype(np.uint8)
    path = tmp_path / "it.mat"
    if version == "5":
        savemat(path, {"X": pictures, "y": Y[:, None], "note": "from a street"})
    else:
        as_hdf5(path, X=pictures, y=Y[:, None])
    assert "along the last axis of X" in inspect(path, settings).warnings[0].text()
    found = stored(path, settings)
    assert found.array.shape == (20, 4, 5, 3)
    np.testing.assert_array_equal(found.array[7], pictures[..., 7])


def test_classes_may_be_texts_in_cells(tmp_path, settings):
    names = np.array([["cat", "dog"][n % 2] for n in range(20)], dtype=object)
    savemat(tmp_path / "it.mat", {"features": X, "labels": names[:, None], "info": {"by": "me"}})
    found = stored(tmp_path / "it.mat", settings)
    assert found.facts.classes == ("cat", "dog")
    assert found.targets.tolist() == Y.tolist()


def test_what_is_damaged_or_leads_elsewhere_is_not_read(tmp_path, settings):
    path = tmp_path / "it.mat"
    savemat(path, {"X": X, "y": Y})
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DatasetError, match=r"cannot be read|expected arrays"):
        inspect(path, settings)
    as_hdf5(path, y=Y[:, None])
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["X"] = X.T
    with h5py.File(path, "r+") as file:
        file["X"] = h5py.ExternalLink("other.h5", "X")
    with pytest.raises(DatasetError, match="expected arrays x and y"):
        inspect(path, settings)


def test_a_file_of_matlab_that_unpacks_to_too_much_is_refused_before(tmp_path, settings):
    savemat(tmp_path / "it.mat", {"X": np.zeros((20, 500_000)), "y": Y}, do_compression=True)
    small = settings.model_copy(update={"max_table_bytes": 10**6})
    with pytest.raises(DatasetError, match="larger than"):
        inspect(tmp_path / "it.mat", small)
