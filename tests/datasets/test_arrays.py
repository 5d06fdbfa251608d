import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets import is_available, load
from dlcore.datasets.builtin.arrays import _unusable
from dlcore.datasets.loader import load_dataset
from dlcore.errors import DatasetError

from .fixtures import put, settings_in, small_mnist, small_npz


def _load_small(folder: Path) -> list[int]:
    return load_dataset(small_mnist(), settings_in(folder)).y_train.tolist()


def test_prepared_arrays_serve_after_the_file_is_deleted(tmp_path):
    settings = settings_in(tmp_path)
    path = put(settings.datasets_dir, "mnist.npz", small_npz())
    load_dataset(small_mnist(), settings)
    path.unlink()
    assert load_dataset(small_mnist(), settings, use_network=False).y_train.tolist() == [3, 1, 4, 1]
    assert is_available("mnist", settings)


def test_a_replaced_file_is_prepared_anew(tmp_path):
    settings = settings_in(tmp_path)
    path = put(settings.datasets_dir, "mnist.npz", small_npz())
    first = load_dataset(small_mnist(), settings)
    put(settings.datasets_dir, "mnist.npz", small_npz(y_train=np.array([0, 0, 0, 2], np.uint8)))
    os.utime(path, ns=(1, 1))
    second = load_dataset(small_mnist(), settings)
    assert second.y_train.tolist() == [0, 0, 0, 2] and second.checksum != first.checksum
    assert first.y_train.tolist() == [3, 1, 4, 1]


def test_the_same_file_with_another_date_is_not_written_again(tmp_path):
    settings = settings_in(tmp_path)
    path = put(settings.datasets_dir, "mnist.npz", small_npz())
    folder = load_dataset(small_mnist(), settings).folder
    before = (folder / "x_train.npy").stat().st_ino
    os.utime(path, ns=(1, 1))
    load_dataset(small_mnist(), settings)
    assert (folder / "x_train.npy").stat().st_ino == before


def test_processes_that_prepare_at_once_all_get_whole_arrays(tmp_path):
    put(settings_in(tmp_path).datasets_dir, "mnist.npz", small_npz())
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(_load_small, [tmp_path] * 6))
    assert results == [[3, 1, 4, 1]] * 6
    assert len(list(settings_in(tmp_path).prepared_dir.glob("mnist-*"))) == 1
    assert not list(settings_in(tmp_path).prepared_dir.glob(".mnist-*"))


def test_what_is_not_there_is_not_available(tmp_path):
    settings = settings_in(tmp_path)
    assert is_available("digits", settings)
    assert not is_available("cifar10", settings)


def test_a_page_is_told_that_a_dataset_is_not_there_without_a_download(tmp_path):
    with pytest.raises(DatasetError, match="not on this machine yet"):
        load("cifar100", settings_in(tmp_path), download=False)


def test_an_unusable_home_is_named(tmp_path):
    put(tmp_path, "home", b"a file where the folder should be")
    with pytest.raises(DatasetError, match=f"^{tmp_path}/home.*cannot be read or prepared"):
        load("digits", settings_in(tmp_path), download=False)


def test_an_index_of_another_format_is_prepared_anew(tmp_path):
    settings = settings_in(tmp_path)
    put(settings.datasets_dir, "mnist.npz", small_npz())
    load_dataset(small_mnist(), settings)
    (index,) = settings.prepared_dir.glob("mnist.json")
    index.write_text(index.read_text().replace('"format"', '"format": 0, "was"'))
    assert load_dataset(small_mnist(), settings).y_train.tolist() == [3, 1, 4, 1]
    assert '"format": 0' not in index.read_text()


def test_what_cannot_be_read_is_named_with_its_path_or_the_folder_of_prepared_arrays(tmp_path):
    settings = settings_in(tmp_path)
    named = _unusable(OSError(5, "Input/output error", "/data/mnist.npz"), settings)
    assert str(named).startswith("/data/mnist.npz: the data cannot be read or prepared: Input/output error.")
    nameless = _unusable(OSError(28, "No space left on device"), settings)
    assert str(nameless).startswith(f"{settings.prepared_dir}: ")
    assert f"Free disk space under {settings.prepared_dir}." in str(nameless)
