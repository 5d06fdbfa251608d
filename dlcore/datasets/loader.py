"""From a dataset's name to its arrays."""

from __future__ import annotations

from collections.abc import Callable

from dlcore.datasets.builtin.arrays import ImageData, is_prepared, prepare_arrays
from dlcore.datasets.builtin.catalogue import CATALOGUE, facts
from dlcore.datasets.builtin.downloads import Progress, download_all
from dlcore.datasets.entry import Dataset
from dlcore.datasets.samples import Samples, built_in_samples, stored_samples
from dlcore.datasets.stored import check_content, open_stored
from dlcore.errors import N_, DatasetError
from dlcore.settings import Settings
from dlcore.spec.experiment import DatasetSpec


def load(
    name: str, settings: Settings, *, progress: Progress | None = None, download: bool = True
) -> ImageData:
    """Returns the dataset's arrays, from what is prepared, from its files, or from the network.

    Args:
        name: as written in a spec.
        settings: where Keras' files and the prepared arrays lie.
        progress: is told about all bytes of a download.
        download: whether the network may be used; never in a page, which must not wait for it.

    Raises:
        SpecError: no dataset has that name.
        DatasetError: it is not there and cannot be downloaded, or a file is damaged; says what to do.
    """
    return load_dataset(
        CATALOGUE.get(name, where="dataset.name"), settings, progress=progress, use_network=download
    )


def open_samples(
    spec: DatasetSpec,
    settings: Settings,
    tell: Callable[[str, int, int], None] = lambda what, done, total: None,
    *,
    use_network: bool = True,
) -> Samples:
    """Returns the samples of any dataset, built in or your own.

    Args:
        spec: names it, and its version.
        settings: where the data is.
        tell: is told about a download.
        use_network: whether a built-in dataset may be downloaded; never in a page.

    Raises:
        SpecError: no dataset has that name.
        DatasetError: it is not there and cannot be downloaded, or a file is damaged.
    """
    if spec.name in CATALOGUE:

        def progress(done: int, total: int) -> None:
            tell("downloading", done, total)

        return built_in_samples(load(spec.name, settings, progress=progress, download=use_network))
    known = facts(spec.name, settings, spec.version)
    dataset = open_stored(spec.name, settings, known.version)
    check_content(dataset)
    return stored_samples(dataset)


def is_available(name: str, settings: Settings) -> bool:
    """Returns whether the dataset can be opened without the network; looks only for names of files."""
    if name not in CATALOGUE:
        facts(name, settings)
        return True
    dataset = CATALOGUE.get(name, where="dataset.name")
    return is_prepared(dataset, settings) or bool(dataset.find(settings.datasets_dir))


def load_dataset(
    dataset: Dataset, settings: Settings, *, progress: Progress | None = None, use_network: bool = True
) -> ImageData:
    """`load` for a dataset that need not be in the catalogue."""
    data = prepare_arrays(dataset, settings)
    if data is None and use_network:
        download_all(dataset.facts.files, settings.datasets_dir, progress)
        data = prepare_arrays(dataset, settings)
    if data is None:
        raise _absent(dataset, settings)
    return data


def _absent(dataset: Dataset, settings: Settings) -> DatasetError:
    facts = dataset.facts
    if not facts.files:
        return DatasetError(
            N_("{name} comes with scikit-learn, which is not installed."),
            hint=N_("Install it: pip install scikit-learn."),
            name=facts.name,
        )
    return DatasetError(
        N_("{name} is not on this machine yet: {files} not found in {folder}."),
        hint=N_("Download it, or put the files from {urls} there yourself."),
        name=facts.name,
        files=", ".join(file.name for file in facts.files),
        urls=", ".join(file.url for file in facts.files),
        folder=str(settings.datasets_dir),
    )
