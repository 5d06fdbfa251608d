import gzip
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets import CATALOGUE, facts, load
from dlcore.datasets.loader import load_dataset
from dlcore.errors import DatasetError, SpecError

from .fixtures import (
    cifar_archive,
    cifar_batch,
    idx,
    put,
    python2_batch,
    settings_in,
    small_cifar,
    small_cifar_archive,
    small_fashion,
    small_mnist,
    small_npz,
)

MNIST_FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist.npz"
KERAS_ARCHIVE = "datasets/cifar-10-batches-py-target_archive"


def test_the_catalogue_names_five_datasets():
    assert CATALOGUE.names() == ("digits", "mnist", "fashion_mnist", "cifar10", "cifar100")


def test_an_unknown_name_lists_the_nearest(settings):
    with pytest.raises(
        SpecError, match=r"dataset\.name: there is no dataset 'cifar'\. Nearest: cifar10, cifar100"
    ):
        facts("cifar", settings)


@pytest.mark.parametrize("name", ["digits", "mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_the_facts_are_whole(name):
    known = CATALOGUE.get(name).facts
    assert len(known.classes) == len(set(known.classes)) == (100 if name == "cifar100" else 10)
    assert all(len(file.sha256) == 64 and file.url.startswith("https://") for file in known.files)
    assert known.title and known.description and known.licence and known.source and known.citation


def test_cifar_100s_labels_are_in_their_alphabetical_order():
    classes = CATALOGUE.get("cifar100").facts.classes
    assert classes == tuple(sorted(classes))
    assert (classes[0], classes[51], classes[99]) == ("apple", "mushroom", "worm")


def test_download_sizes_are_known_beforehand():
    assert [CATALOGUE.get(name).facts.download_bytes for name in CATALOGUE.names()] == [
        0,
        11_490_434,
        30_878_645,
        170_498_071,
        169_001_437,
    ]


def test_digits_need_no_network_and_span_the_whole_grey_range(tmp_path):
    data = load("digits", settings_in(tmp_path), download=False)
    assert data.x_train.shape == (1438, 8, 8, 1) and data.x_test.shape == (359, 8, 8, 1)
    assert data.x_train.dtype == np.uint8 and data.y_train.dtype == np.int64
    assert data.verified
    assert (data.x_train.min(), data.x_train.max()) == (0, 255)
    assert np.bincount(data.y_train).tolist() == [142, 146, 142, 146, 145, 146, 145, 143, 139, 144]
    # Grey 8 of 16 is half of 255, rounded to even.
    assert set(np.unique(data.x_train)) == {round(grey * 255 / 16) for grey in range(17)}


def test_the_first_digit_of_the_file_is_a_zero(tmp_path):
    data = load("digits", settings_in(tmp_path))
    first = [0, 0, 80, 207, 143, 16, 0, 0]
    rows = np.concatenate([data.x_train, data.x_test])[:, 0, :, 0].tolist()
    labels = np.concatenate([data.y_train, data.y_test])
    assert 0 in [labels[i] for i, row in enumerate(rows) if row == first]


def test_loading_digits_imports_neither_keras_nor_scikit_learn(tmp_path):
    code = (
        "import sys; from dlcore.datasets import load; from dlcore.settings import Settings;"
        f"load('digits', Settings(home={str(tmp_path)!r}));"
        "print({'keras', 'tensorflow', 'sklearn', 'streamlit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_npz_is_read_as_keras_lays_it_out(tmp_path):
    settings = settings_in(tmp_path)
    put(settings.datasets_dir, "mnist.npz", small_npz())
    data = load_dataset(small_mnist(), settings)
    assert data.x_train.shape == (4, 28, 28, 1)
    assert data.x_train[0, 0, :3, 0].tolist() == [0, 1, 2]
    assert data.y_train.tolist() == [3, 1, 4, 1] and data.y_test.tolist() == [5, 9]
    assert not data.verified


def test_an_npz_with_wide_labels_is_as_good(tmp_path):
    settings = settings_in(tmp_path)
    put(settings.datasets_dir, "mnist.npz", small_npz(y_train=np.array([3, 1, 4, 1])))
    assert load_dataset(small_mnist(), settings).y_train.tolist() == [3, 1, 4, 1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"not a zip", "File is not a zip file"),
        (small_npz()[:-40], "zip"),
        (small_npz(x_train=np.zeros((3, 28, 28), np.uint8)), r"x_train has the shape \(3, 28, 28, 1\)"),
        (small_npz(x_train=np.zeros((90, 28, 28), np.uint8)), "x_train is larger than expected"),
        (small_npz(y_test=np.array([5, 10], np.uint8)), "y_test goes from 5 to 10"),
        (small_npz(y_test=np.array([{}, None], object)), "allow_pickle=False"),
    ],
)
def test_a_damaged_npz_is_named_and_said_to_be_deleted(tmp_path, content, reason):
    settings = settings_in(tmp_path)
    path = put(settings.datasets_dir, "mnist.npz", content)
    with pytest.raises(DatasetError, match=reason) as caught:
        load_dataset(small_mnist(), settings)
    assert str(caught.value).startswith(f"{path}: the file is damaged or another one")
    assert "Delete it" in str(caught.value)
    assert not any(settings.prepared_dir.glob("mnist*"))


def test_a_flipped_bit_in_an_npz_is_noticed(tmp_path):
    settings = settings_in(tmp_path)
    content = bytearray(small_npz())
    content[len(content) // 4] ^= 0xFF
    put(settings.datasets_dir, "mnist.npz", bytes(content))
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(small_mnist(), settings)


def test_fashion_mnist_is_read_from_its_four_files(tmp_path):
    settings = settings_in(tmp_path)
    folder = settings.datasets_dir / "fashion-mnist"
    images = np.arange(2 * 784).reshape(2, 28, 28).astype(np.uint8)
    put(folder, "train-images-idx3-ubyte.gz", idx(images))
    put(folder, "train-labels-idx1-ubyte.gz", idx(np.array([9, 0], np.uint8)))
    put(folder, "t10k-images-idx3-ubyte.gz", idx(images[:1] + 1))
    put(folder, "t10k-labels-idx1-ubyte.gz", idx(np.array([4], np.uint8)))
    data = load_dataset(small_fashion(), settings)
    assert data.x_train[1, 0, :2, 0].tolist() == [16, 17]
    assert data.x_test[0, 0, :2, 0].tolist() == [1, 2]
    assert data.y_train.tolist() == [9, 0] and data.y_test.tolist() == [4]


def test_a_cut_off_idx_file_is_damaged(tmp_path):
    settings = settings_in(tmp_path)
    folder = settings.datasets_dir / "fashion-mnist"
    put(folder, "train-images-idx3-ubyte.gz", idx(np.zeros((2, 28, 28), np.uint8))[:-9])
    put(folder, "train-labels-idx1-ubyte.gz", idx(np.array([9, 0], np.uint8)))
    put(folder, "t10k-images-idx3-ubyte.gz", idx(np.zeros((1, 28, 28), np.uint8)))
    put(folder, "t10k-labels-idx1-ubyte.gz", gzip.compress(b"nonsense"))
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(small_fashion(), settings)


@pytest.mark.parametrize(
    "name", ["cifar-10-batches-py-target_archive", "cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz"]
)
def test_cifar_is_read_from_the_archive_under_each_of_its_names(tmp_path, name):
    settings = settings_in(tmp_path)
    put(settings.datasets_dir, name, small_cifar_archive())
    data = load_dataset(small_cifar(), settings)
    assert data.x_train.shape == (6, 32, 32, 3) and data.x_test.shape == (2, 32, 32, 3)
    assert data.x_train[:, 5, 5].tolist() == [[v, 0, 0] for v in (10, 11, 12, 20, 21, 22)]
    assert data.x_test[1, 31, 31].tolist() == [31, 0, 200]
    assert data.y_train.tolist() == [0, 1, 2, 3, 4, 5] and data.y_test.tolist() == [9, 8]


@pytest.mark.parametrize("folder", ["cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"])
def test_cifar_is_read_from_unpacked_batches(tmp_path, folder):
    settings = settings_in(tmp_path)
    for name, first in (("data_batch_1", 10), ("data_batch_2", 20)):
        put(settings.datasets_dir / folder, name, cifar_batch(first, [0, 1, 2]))
    put(settings.datasets_dir / folder, "test_batch", cifar_batch(30, [9, 8]))
    assert load_dataset(small_cifar(), settings).y_test.tolist() == [9, 8]


def test_the_batches_that_python_2_wrote_are_read(tmp_path):
    settings = settings_in(tmp_path)
    batches = {name: python2_batch([1, 2, 3]) for name in ("data_batch_1", "data_batch_2")}
    put(tmp_path / "keras", KERAS_ARCHIVE, cifar_archive({**batches, "test_batch": python2_batch([4, 5])}))
    data = load_dataset(small_cifar(), settings)
    assert data.y_train.tolist() == [1, 2, 3, 1, 2, 3]
    assert set(np.unique(data.x_train)) == {7}


class Attack:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class Builtin:
    def __reduce__(self):
        return eval, ("1 + 1",)


def _hostile_archive(attack: object) -> bytes:
    return cifar_archive(
        {
            "data_batch_1": pickle.dumps({b"data": attack, b"labels": [0]}),
            "data_batch_2": cifar_batch(20, [3, 4, 5]),
            "test_batch": cifar_batch(30, [9, 8]),
        }
    )


def test_a_batch_that_wants_to_run_something_is_refused_and_leaves_no_trace(tmp_path):
    settings = settings_in(tmp_path)
    put(tmp_path / "keras", KERAS_ARCHIVE, _hostile_archive(Attack(tmp_path / "trace")))
    with pytest.raises(DatasetError, match=r"it asks to run posix\.mkdir, which was refused"):
        load_dataset(small_cifar(), settings)
    assert not (tmp_path / "trace").exists()
    assert not any(settings.prepared_dir.glob("cifar*"))


def test_a_batch_that_calls_a_builtin_is_refused(tmp_path):
    put(tmp_path / "keras", KERAS_ARCHIVE, _hostile_archive(Builtin()))
    with pytest.raises(DatasetError, match=r"it asks to run builtins\.eval"):
        load_dataset(small_cifar(), settings_in(tmp_path))


@pytest.mark.parametrize("batch", [b"", b"\x80\x04garbage", pickle.dumps([1, 2]), pickle.dumps({b"data": 3})])
def test_a_batch_that_is_no_batch_is_damaged(tmp_path, batch):
    put(tmp_path / "keras", KERAS_ARCHIVE, cifar_archive({"data_batch_1": batch}))
    with pytest.raises(DatasetError, match="damaged"):
        load_dataset(small_cifar(), settings_in(tmp_path))


def test_an_archive_without_a_batch_says_which(tmp_path):
    put(tmp_path / "keras", KERAS_ARCHIVE, cifar_archive({"data_batch_1": cifar_batch(1, [0, 1, 2])}))
    with pytest.raises(DatasetError, match="data_batch_2 is missing"):
        load_dataset(small_cifar(), settings_in(tmp_path))


def test_members_of_an_archive_that_lead_elsewhere_are_never_written(tmp_path):
    settings = settings_in(tmp_path)
    archive = cifar_archive({"../../../../trace": b"x"}, inner="..")
    put(tmp_path / "keras", KERAS_ARCHIVE, archive)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(DatasetError, match="is missing"):
        load_dataset(small_cifar(), settings)
    assert {path.name for path in set(tmp_path.rglob("*")) - before} <= {
        "home",
        "prepared",
        ".cifar10.json.lock",
    }


@pytest.mark.skipif(not MNIST_FILE.is_file(), reason=f"the real MNIST is not at {MNIST_FILE}")
def test_the_real_mnist_is_read_once_and_mapped_afterwards(tmp_path):
    settings = settings_in(tmp_path)
    settings.datasets_dir.mkdir(parents=True)
    (settings.datasets_dir / "mnist.npz").symlink_to(MNIST_FILE)
    data = load("mnist", settings)
    assert data.x_train.shape == (60_000, 28, 28, 1) and data.x_test.shape == (10_000, 28, 28, 1)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9] and data.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert int(data.x_train[0].sum()) == 27_525
    with pytest.raises(ValueError, match="read-only"):
        data.x_train[0] = 0
