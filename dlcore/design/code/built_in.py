"""The part of a script that reads a built-in dataset, without this package."""

from __future__ import annotations

from collections.abc import Iterator

from dlcore.design.code.rendering import block, render
from dlcore.spec.calls import Call
from dlcore.spec.data import DatasetFacts

_DIGITS = """\
digits = load_digits()
images = np.rint(digits.images[..., None] * (255 / 16))
x_train, x_test, y_train, y_test = train_test_split(
    images, digits.target, test_size=359, stratify=digits.target, random_state=0
)"""

_NPZ = """\
with np.load(path) as file:
    x_train, y_train = file["x_train"], file["y_train"]
    x_test, y_test = file["x_test"], file["y_test"]"""

_BATCHES = """\

def read_batch(name):
    with open(f"{{path}}/{folder}/{{name}}", "rb") as file:
        batch = pickle.load(file, encoding="bytes")
    images = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return images, np.array(batch[b"{labels}"])

"""

_CIFAR10 = """\
parts = [read_batch(f"data_batch_{number}") for number in range(1, 6)]
x_train, y_train = (np.concatenate(arrays) for arrays in zip(*parts))
x_test, y_test = read_batch("test_batch")"""

_CIFAR100 = """\
x_train, y_train = read_batch("train")
x_test, y_test = read_batch("test")"""

_CHANNEL = "x_train, x_test = x_train[..., None], x_test[..., None]"


def built_in_lines(facts: DatasetFacts) -> Iterator[str]:
    """Makes `x_train`, `y_train`, `x_test` and `y_test` of whole numbers, images with an axis for their channels.

    The script reads the file that Keras keeps, which is downloaded where it is absent. It leaves Keras' `load_data()`
    alone where that compares the file with a hash: one that differs, since somebody packed it anew, would be
    downloaded again, and be deleted where there is no network.
    """
    match facts.name:
        case "digits":
            yield from _DIGITS.splitlines()
        case "mnist":
            yield from _path(facts)
            yield from _NPZ.splitlines()
            yield _CHANNEL
        case "fashion_mnist":
            yield "(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()"
            yield _CHANNEL
        case "cifar10":
            yield from _path(facts, extract=True)
            yield from _BATCHES.format(folder="cifar-10-batches-py", labels="labels").splitlines()
            yield from _CIFAR10.splitlines()
        case "cifar100":
            yield from _path(facts, extract=True)
            yield from _BATCHES.format(folder="cifar-100-python", labels="fine_labels").splitlines()
            yield from _CIFAR100.splitlines()
        case _:
            raise ValueError(f"no script is known for {facts.name}")


def built_in_imports(facts: DatasetFacts) -> Iterator[str]:
    """Yields what these lines import beside NumPy and Keras, from the standard library."""
    if facts.name.startswith("cifar"):
        yield "import pickle"
        yield ""


def _path(facts: DatasetFacts, **more: bool) -> Iterator[str]:
    file = facts.files[0]
    name = file.name.removesuffix("_archive")
    yield "# Not load_data(), which deletes a file that was packed anew."
    yield from block(
        f"path = {render(Call('utils.get_file', {'fname': name, 'origin': file.url, **more}))}", 0
    )
