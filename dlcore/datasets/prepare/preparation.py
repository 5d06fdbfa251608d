"""From a dataset to the arrays a run trains on: cleaned, divided, encoded, and kept on the disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from dlcore.datasets.clean.cleaning import Learned, RepairedSamples, clean, repair_values, with_known_targets
from dlcore.datasets.clean.divisions import Division, divide
from dlcore.datasets.loader import open_samples
from dlcore.datasets.parts import Array, Indices, Part, PreparedData
from dlcore.datasets.prepare.cache import Tell, cached_preparation
from dlcore.datasets.prepare.encoders import (
    CLEANING,
    EncodedData,
    Reader,
    State,
    TableEncoder,
    reconstructed,
    targets_of,
)
from dlcore.datasets.prepare.kinds import SAMPLE_ENCODERS, TABLE_ENCODERS
from dlcore.datasets.samples import Samples
from dlcore.settings import Settings
from dlcore.spec.data import Task
from dlcore.spec.experiment import DatasetSpec, ExperimentSpec
from dlcore.spec.preprocessing import Step, ValueStep, signature
from dlcore.spec.signature import INPUT

FORMAT = 4
"""Raised when the same steps come to give other arrays."""
TELL_EVERY = 250
"""Samples between two words about the progress."""

ENCODED_AT_ONCE = 20_000
"""Rows or texts that are encoded before they are written."""

READ_AHEAD = 16
"""Samples that are decoded before the first of them is written."""


def prepare(spec: ExperimentSpec, settings: Settings, tell: Tell) -> PreparedData:
    """Returns the arrays of an experiment; made once for a dataset and its preparation, then mapped.

    Several runs that need the same arrays wait for the first to make them.

    Args:
        spec: names the dataset and what is done to it.
        settings: where the data is.
        tell: is told about downloads and preparation.

    Raises:
        SpecError: a step does not fit the dataset.
        DatasetError: the dataset is absent or damaged, or there is no room.
    """
    samples = open_samples(spec.dataset, settings, tell)
    done = clean(samples, spec.dataset.cleaning)
    cleaned = with_known_targets(done.samples)
    steps = tuple(step for step in spec.preprocessing if not isinstance(step, ValueStep))
    signature(cleaned.facts, spec.preprocessing)
    division = divide(cleaned, spec.dataset, seed=spec.seed)
    if cleaned.whole is not None and not steps:
        made = _as_built_in(cleaned, division)
    elif cleaned.facts.kind in SAMPLE_ENCODERS:
        made = _one_by_one(samples, cleaned, division, steps, settings, tell)
    else:
        made = _all_at_once(cleaned, division, steps, spec, settings, tell)
    return replace(made, state=_with_cleaning(made.state, done.learned), reading=samples.reading)


def _with_cleaning(state: State, learned: Sequence[Learned]) -> State:
    """Returns what was learned, under `cleaning` also what its steps did before the division."""
    later = state.get(CLEANING, [{}] * len(learned))
    return {**state, CLEANING: [{**one, **two} for one, two in zip(learned, later, strict=True)]}


def prepare_some(
    dataset: DatasetSpec, steps: Sequence[Step], indices: Sequence[int], settings: Settings
) -> Array:
    """Returns some samples of images, recordings or arrays as the array-making steps give them;
    without the network.

    Args:
        dataset: which.
        steps: the whole preprocessing; steps on values are left out.
        indices: places of samples before any cleaning.
        settings: where the data is.
    """
    samples = open_samples(dataset, settings, use_network=False)
    making = [step for step in steps if not isinstance(step, ValueStep)]
    read = SAMPLE_ENCODERS[samples.facts.kind](samples, making)
    return np.stack([read(index) for index in indices])


def _as_built_in(samples: Samples, division: Division) -> PreparedData:
    """Returns the arrays as they are on the disk already: the training part and the test part apart."""
    data = samples.whole
    assert data is not None, "only built-in datasets have arrays of their own"
    y, count = targets_of(samples), len(data.x_train)
    labels = np.full(count + len(data.x_test), -1, np.int64)
    labels[samples.rows] = y
    train = Part({INPUT: data.x_train}, labels[:count], samples.rows[division.train])
    test_rows = samples.rows[division.test]
    if len(test_rows) and test_rows[0] < count:
        raise TypeError("a built-in dataset has a test part of its own")
    test = Part({INPUT: data.x_test}, labels[count:], test_rows - count, np.arange(len(data.x_test)) + count)
    return PreparedData(samples.facts, train, train.take(samples.rows[division.validation]), test)


def _one_by_one(
    stored: Samples,
    samples: Samples,
    division: Division,
    steps: Sequence[Step],
    settings: Settings,
    tell: Tell,
) -> PreparedData:
    """Returns each stored sample decoded once, whatever cleaning and division make of it."""
    key = _key(stored.content, steps)
    shape = signature_shape(stored, steps)

    def make(folder: Path) -> Mapping[str, Any]:
        read = SAMPLE_ENCODERS[stored.facts.kind](stored, steps)
        # Written, not mapped: on a full disk a page that is mapped kills the process.
        with (folder / f"{INPUT}.npy").open("wb") as file:
            for index, value in enumerate(_all_read(read, len(stored))):
                if not index:
                    _write_header(file, value.dtype, (len(stored), *shape))
                file.write(np.ascontiguousarray(np.broadcast_to(value, shape)).tobytes())
                if not index % TELL_EVERY:
                    tell("preparing", index, len(stored))
        return {}

    folder, _state = cached_preparation(stored.facts.name, stored.content, key, make, settings, tell)
    inputs = {INPUT: _mapped(folder / f"{INPUT}.npy")}
    if samples.facts.task is Task.RECONSTRUCTION:
        y = reconstructed(inputs[INPUT])
    else:
        targets = targets_of(samples)
        y = np.zeros((len(stored), *targets.shape[1:]), targets.dtype)
        y[samples.rows] = targets
    whole = Part(inputs, y, np.arange(len(stored)))
    train, validation, test = (
        whole.take(samples.rows[part]) for part in (division.train, division.validation, division.test)
    )
    return PreparedData(samples.facts, train, validation, test, folder=folder)


def _write_header(file: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _all_read(read: Reader, count: int) -> Iterator[Array]:
    """Yields what is read of each sample, in order, with few of them in memory at a time.

    Decoding, resizing and transforming let other threads run meanwhile: on two cores, two are 1.5 to
    1.8 times as fast as one.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ahead = deque(pool.submit(read, index) for index in range(min(READ_AHEAD, count)))
        for index in range(count):
            yield ahead.popleft().result()
            if index + READ_AHEAD < count:
                ahead.append(pool.submit(read, index + READ_AHEAD))


def signature_shape(samples: Samples, steps: Sequence[Step]) -> tuple[int, ...]:
    """Returns the shape of one prepared sample of a kind with one input."""
    return signature(samples.facts, steps).inputs[INPUT].shape


def _all_at_once(
    samples: Samples,
    division: Division,
    steps: Sequence[Step],
    spec: ExperimentSpec,
    settings: Settings,
    tell: Tell,
) -> PreparedData:
    """Returns all samples encoded by what the training part teaches."""
    how = spec.dataset.model_dump(mode="json", exclude={"name", "version"})
    key = _key(samples.content, steps, how, spec.seed)

    def make(folder: Path) -> Mapping[str, Any]:
        tell("preparing", 0, len(samples))
        repaired = repair_values(samples, division, spec.dataset.cleaning)
        encoder = TABLE_ENCODERS[samples.facts.kind]
        if encoder.learn is not None and samples.facts.task is not Task.RECONSTRUCTION:
            encoded = _in_blocks(folder, encoder, encoder.learn, repaired, steps, tell)
        else:
            encoded = encoder.encode(repaired.samples, repaired.division, steps)
        short, series = encoded.state.get("short_series", (0, 0))
        if short:
            tell("series too short for a window", short, series)
        for name, array in {**encoded.inputs, **_places(encoded)}.items():
            np.save(folder / f"{name}.npy", array)
        return {**encoded.state, CLEANING: list(repaired.learned)}

    folder, state = cached_preparation(samples.facts.name, samples.content, key, make, settings, tell)
    names = signature(samples.facts, spec.preprocessing).inputs
    inputs = {name: _mapped(folder / f"{name}.npy") for name in names}
    places = {name: _mapped(folder / f"{name}.npy") for name in _PLACES}
    whole = Part(inputs, places[".y"], np.arange(len(places[".y"])), np.asarray(places[".rows"]))
    train, validation, test = (
        whole.take(np.asarray(places[name])) for name in (".train", ".validation", ".test")
    )
    return PreparedData(samples.facts, train, validation, test, state, folder)


def _in_blocks(
    folder: Path,
    encoder: TableEncoder,
    learn: Callable[[Samples, Indices, Sequence[Step]], State],
    repaired: RepairedSamples,
    steps: Sequence[Step],
    tell: Tell,
) -> EncodedData:
    """Returns the samples encoded, whose inputs are in files already: no more than a block of them is in memory.

    A column that is cut into pieces, or has a place for each of its values, takes ten times the room it took before.
    """
    samples, count = repaired.samples, len(repaired.samples)
    state = learn(samples, repaired.division.train, steps)
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}
        for start in range(0, count, ENCODED_AT_ONCE):
            some = samples.take(np.arange(start, min(start + ENCODED_AT_ONCE, count)))
            for name, array in encoder.apply(some, steps, state).inputs.items():
                if name not in files:
                    files[name] = stack.enter_context((folder / f"{name}.npy").open("wb"))
                    _write_header(files[name], array.dtype, (count, *array.shape[1:]))
                files[name].write(np.ascontiguousarray(array).data)
            tell("preparing", start + len(some), count)
    return EncodedData({}, targets_of(samples), repaired.division, samples.rows, state)


_PLACES = (".y", ".rows", ".train", ".validation", ".test")
"""Beside the inputs, whose names begin with a letter."""


def _places(encoded: EncodedData) -> dict[str, Array]:
    division = encoded.division
    values = (encoded.y, encoded.rows, division.train, division.validation, division.test)
    return dict(zip(_PLACES, values, strict=True))


def _key(content: str, steps: Sequence[Step], *more: Any) -> str:
    what = [FORMAT, content, [step.model_dump(mode="json") for step in steps], *more]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def _mapped(path: Path) -> Array:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
