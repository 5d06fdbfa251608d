"""CIFAR-10 and CIFAR-100: the pickled batches of the original archive, read without trusting them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcore.datasets.builtin.pickles import load_plain
from dlcore.datasets.entry import Arrays, FoundFile
from dlcore.errors import N_
from dlcore.spec.data import DatasetFacts, Task
from dlcore.spec.remote import RemoteFile

_LARGEST_BATCH = 256 * 2**20


@dataclass(frozen=True)
class Cifar:
    """One of the two; `members` are the batches for training, then the one for testing.

    Attributes:
        inner: the folder of the batches within the archive.
        labels: which of a batch's lists holds the labels.
    """

    facts: DatasetFacts
    inner: str
    members: tuple[str, ...]
    labels: str

    def find(self, folder: Path) -> tuple[FoundFile, ...]:
        """Returns the archive (as Keras or a browser names it), or else the unpacked batches."""
        keras_name = Path(self.facts.files[0].name)
        unpacked = keras_name.name.removesuffix("_archive")
        browser_name = self.facts.files[0].url.rsplit("/", 1)[-1]
        for archive in (keras_name, Path(browser_name), Path(f"{self.inner}.tar.gz")):
            if (folder / archive).is_file():
                return (FoundFile(folder / archive, self.facts.files[0].sha256),)
        for inner in (folder / unpacked / self.inner, folder / self.inner):
            if all((inner / member).is_file() for member in self.members):
                return tuple(FoundFile(inner / member) for member in self.members)
        return ()

    def read(self, sources: tuple[FoundFile, ...]) -> Arrays:
        """Returns the arrays, from the archive without unpacking it to the disk, or from the batches."""
        batches = {name: self._batch(raw) for name, raw in self._contents(sources)}
        if missing := [name for name in self.members if name not in batches]:
            raise KeyError(f"{missing[0]} is missing in it")
        train = [batches[name] for name in self.members[:-1]]
        test = batches[self.members[-1]]
        return Arrays(
            np.concatenate([images for images, _ in train]),
            np.concatenate([labels for _, labels in train]),
            *test,
        )

    def _contents(self, sources: tuple[FoundFile, ...]) -> Iterator[tuple[str, bytes]]:
        if len(sources) > 1:
            for source in sources:
                yield source.path.name, source.path.read_bytes()
            return
        wanted = {f"{self.inner}/{name}": name for name in self.members}
        with tarfile.open(sources[0].path, "r:gz") as archive:
            for entry in archive:
                if entry.name not in wanted or not entry.isreg():
                    continue
                if entry.size > _LARGEST_BATCH:
                    raise ValueError(f"{entry.name} is larger than expected")
                file = archive.extractfile(entry)
                if file is not None:
                    yield wanted[entry.name], file.read()

    def _batch(self, raw: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        content = load_plain(io.BytesIO(raw), encoding="bytes")
        if not isinstance(content, dict):
            raise ValueError("a batch is not a table")
        table = {key.decode() if isinstance(key, bytes) else key: value for key, value in content.items()}
        height, width, channels = self.facts.image_shape
        pixels = np.asarray(table["data"])
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (height * width * channels,):
            raise ValueError(f"a batch's images have the shape {pixels.shape}")
        images = pixels.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(images), np.asarray(table[self.labels], dtype=np.int64)


_CIFAR100_CLASSES = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""
_CITATION = "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images. Technical report, 2009."
_LICENCE = N_("No license stated; the authors ask to be cited.")
_PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"

CIFAR10 = Cifar(
    DatasetFacts(
        name="cifar10",
        title=N_("CIFAR-10"),
        description=N_("60,000 small colour photographs of vehicles and animals."),
        task=Task.MULTICLASS,
        input_shape=(32, 32, 3),
        classes=(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck",
        ),
        train_size=50_000,
        test_size=10_000,
        licence=_LICENCE,
        source=_PAGE,
        citation=_CITATION,
        files=(
            RemoteFile(
                "cifar-10-batches-py-target_archive",
                "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                170_498_071,
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            ),
        ),
    ),
    inner="cifar-10-batches-py",
    members=("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"),
    labels="labels",
)

CIFAR100 = Cifar(
    DatasetFacts(
        name="cifar100",
        title=N_("CIFAR-100"),
        description=N_("60,000 small colour photographs in 100 fine classes; 500 training images each."),
        task=Task.MULTICLASS,
        input_shape=(32, 32, 3),
        classes=tuple(name.replace("_", " ") for name in _CIFAR100_CLASSES.split()),
        train_size=50_000,
        test_size=10_000,
        licence=_LICENCE,
        source=_PAGE,
        citation=_CITATION,
        files=(
            RemoteFile(
                "cifar-100-python-target_archive",
                "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                169_001_437,
                "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            ),
        ),
    ),
    inner="cifar-100-python",
    members=("train", "test"),
    labels="fine_labels",
)
