"""MNIST as Keras keeps it (`mnist.npz`) and Fashion-MNIST (four gzipped IDX files)."""

from __future__ import annotations

import gzip
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcore.datasets.entry import Arrays, FoundFile
from dlcore.errors import N_
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.remote import RemoteFile

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_NPY_HEADER = 4096
_IDX_IMAGES, _IDX_LABELS = 2051, 2049


def _found(facts: DatasetFacts, folder: Path) -> tuple[FoundFile, ...]:
    sources = tuple(FoundFile(folder / file.name, file.sha256) for file in facts.files)
    return sources if all(source.path.is_file() for source in sources) else ()


@dataclass(frozen=True)
class NpzImages:
    """Grey images in one `.npz` with `x_train`, `y_train`, `x_test`, `y_test`."""

    facts: DatasetFacts

    def find(self, folder: Path) -> tuple[FoundFile, ...]:
        """Returns the one file."""
        return _found(self.facts, folder)

    def read(self, sources: tuple[FoundFile, ...]) -> Arrays:
        """Returns the arrays; nothing is unpickled, and nothing larger than expected is unpacked."""
        height, width, _ = self.facts.image_shape
        with zipfile.ZipFile(sources[0].path) as archive:

            def member(name: str, samples: int, size: int) -> npt.NDArray[np.uint8]:
                info = archive.getinfo(f"{name}.npy")
                if info.file_size > samples * size + _NPY_HEADER:
                    raise ValueError(f"{name} is larger than expected")
                with archive.open(info) as file:
                    return np.asarray(np.lib.format.read_array(file, allow_pickle=False), np.uint8)

            train, test = self.facts.train_size, self.facts.test_size
            # Labels are one byte in Keras' file; copies repacked with int64 are as good.
            return _grey(
                member("x_train", train, height * width),
                member("y_train", train, 8),
                member("x_test", test, height * width),
                member("y_test", test, 8),
            )


@dataclass(frozen=True)
class IdxImages:
    """Grey images in four gzipped IDX files: training labels and images, test labels and images."""

    facts: DatasetFacts

    def find(self, folder: Path) -> tuple[FoundFile, ...]:
        """Returns the four files."""
        return _found(self.facts, folder)

    def read(self, sources: tuple[FoundFile, ...]) -> Arrays:
        """Returns the arrays."""
        height, width, _ = self.facts.image_shape
        train, test = self.facts.train_size, self.facts.test_size
        y_train, x_train, y_test, x_test = (source.path for source in sources)
        return _grey(
            _idx(x_train, _IDX_IMAGES, (train, height, width)),
            _idx(y_train, _IDX_LABELS, (train,)),
            _idx(x_test, _IDX_IMAGES, (test, height, width)),
            _idx(y_test, _IDX_LABELS, (test,)),
        )


def _idx(path: Path, magic: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    header = 4 * (1 + len(shape))
    expected = header + int(np.prod(shape))
    with gzip.open(path) as file:
        raw = file.read(expected + 1)
    if len(raw) != expected or tuple(np.frombuffer(raw[:header], ">u4")) != (magic, *shape):
        raise ValueError(f"{path.name} does not hold {shape[0]} samples")
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)


def _grey(
    x_train: npt.NDArray[np.uint8],
    y_train: npt.NDArray[np.uint8],
    x_test: npt.NDArray[np.uint8],
    y_test: npt.NDArray[np.uint8],
) -> Arrays:
    return Arrays(
        x_train[..., np.newaxis], y_train.astype(np.int64), x_test[..., np.newaxis], y_test.astype(np.int64)
    )


def _fashion_file(name: str, size: int, sha256: str) -> RemoteFile:
    return RemoteFile(f"fashion-mnist/{name}", _BASE + name, size, sha256)


MNIST = NpzImages(
    DatasetFacts(
        name="mnist",
        title=N_("MNIST handwritten digits"),
        description=N_("The classic: 70,000 handwritten digits, centred, white on black."),
        task=Task.MULTICLASS,
        input_shape=(28, 28, 1),
        classes=tuple("0123456789"),
        train_size=60_000,
        test_size=10_000,
        licence=N_("CC BY-SA 3.0"),
        source="http://yann.lecun.com/exdb/mnist/",
        citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to "
        "Document Recognition. Proceedings of the IEEE 86(11), 1998.",
        files=(
            RemoteFile(
                "mnist.npz",
                _BASE + "mnist.npz",
                11_490_434,
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            ),
        ),
    )
)

FASHION_MNIST = IdxImages(
    DatasetFacts(
        name="fashion_mnist",
        title=N_("Fashion-MNIST"),
        description=N_("70,000 small pictures of clothes, in MNIST's format but harder."),
        task=Task.MULTICLASS,
        input_shape=(28, 28, 1),
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        train_size=60_000,
        test_size=10_000,
        licence=N_("MIT License"),
        source="https://github.com/zalandoresearch/fashion-mnist",
        citation="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking "
        "Machine Learning Algorithms. arXiv:1708.07747, 2017.",
        files=(
            _fashion_file(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            _fashion_file(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            _fashion_file(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
            _fashion_file(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
        ),
    )
)
