"""Every registered step that makes arrays gives what its signature promises, with each of its options."""

import itertools
from typing import Literal, get_args, get_origin

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.prepare.preparation import prepare
from dlcore.errors import SpecError
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DataKind
from dlcore.spec.preprocessing import STEPS, Step, ValueStep, signature

from .makers import people, png, some_ratings, wav, wave_series, zipped

MAKING = [step for step in STEPS if not issubclass(step, ValueStep)]

AROUND = {
    DataKind.IMAGE: ("Resizing",),
    DataKind.AUDIO: ("FixedLength",),
    DataKind.TABLE: ("StringLookup",),
}
"""What a step may need before it or after it until a model can take what it gives."""


def mixed_images(path):
    """Grey and coloured ones, high and wide ones."""
    rng = np.random.default_rng(1)
    shapes = [(9, 7, 3), (8, 12, 1), (20, 20, 3), (5, 5, 1)] * 3
    return zipped(
        path / "images.zip",
        {f"{'ab'[i % 2]}/{i}.png": png(rng.integers(0, 255, s)) for i, s in enumerate(shapes)},
    )


def mixed_sounds(path):
    """Short and long ones, most of them at 8,000 samples a second, some at 11,025."""
    files = {}
    for number in range(12):
        rate = 11_025 if number % 4 == 3 else 8_000
        sound = np.sin(np.arange(rate // 4 + number * rate // 8) * 0.1 * (1 + number % 2)) * 0.5
        files[f"{'ab'[number % 2]}/{number}.wav"] = wav(sound, rate)
    return zipped(path / "sounds.zip", files)


def some_texts(path):
    file = path / "texts.csv"
    rows = [f'"It\'s message {n}, with {n % 7} WORDS und Ärger 你好",{"xy"[n % 2]}' for n in range(40)]
    file.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return file


MAKERS = {
    DataKind.IMAGE: mixed_images,
    DataKind.AUDIO: mixed_sounds,
    DataKind.TEXT: some_texts,
    DataKind.TABLE: lambda path: people(path / "table.csv"),
    DataKind.SERIES: lambda path: wave_series(path / "series.csv", rows=120),
    DataKind.RATINGS: lambda path: some_ratings(path / "ratings.csv"),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A small dataset of each kind: its facts, and where it lies."""
    folder = tmp_path_factory.mktemp("kinds")
    settings = Settings(home=folder / "home", KERAS_HOME=folder / "keras")
    facts = {}
    for kind, make in MAKERS.items():
        facts[kind] = ingest(make(folder), settings, Choices(name=kind.value, kind=kind), owner="me").facts
    return facts, settings


def options(step: type[Step]):
    """The step as it is, with each other choice of its fields, and with each whole number halved and doubled."""
    yield {}
    for name, field in step.model_fields.items():
        if get_origin(field.annotation) is Literal:
            others = [choice for choice in get_args(field.annotation) if choice != field.default]
        elif isinstance(field.default, bool):
            others = [not field.default]
        elif isinstance(field.default, int):
            others = [field.default // 2, field.default * 2]
        else:
            others = []
        yield from ({name: other} for other in others)


def completed(step: Step, facts):
    """The step among as few others as make it something a model can take."""
    around = [STEPS.parse(name) for name in AROUND.get(facts.kind, ())]
    for before, after in itertools.product([[], around], repeat=2):
        steps = [*before, step, *after]
        try:
            signature(facts, steps)
        except SpecError:
            continue
        return steps
    return None


def spec_of(steps, facts):
    cleaning = ["MissingValues"] if facts.kind is DataKind.TABLE else []
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": facts.name, "cleaning": cleaning},
            "preprocessing": [step.model_dump(mode="json") for step in steps],
        }
    )


def assert_as_promised(steps, facts, settings):
    spec = spec_of(steps, facts)
    prepared = prepare(spec, settings, lambda *what: None)
    promised = signature(prepared.facts, spec.preprocessing).inputs
    assert set(prepared.train.inputs) == set(promised)
    for name, one in promised.items():
        array = prepared.train.inputs[name]
        assert (array.shape[1:], array.dtype) == (one.shape, np.dtype(one.dtype))
        assert np.isfinite(array).all()
        if one.vocabulary is not None:
            assert array.min() >= 0 and array.max() < one.vocabulary


@pytest.mark.parametrize(
    ("step", "kind"),
    [(step, kind) for step in MAKING for kind in sorted(step.data_kinds)],
    ids=lambda value: value.value if isinstance(value, DataKind) else value.__name__,
)
def test_a_step_gives_the_shape_and_type_it_promises(step, kind, stored):
    facts, settings = stored
    tried = []
    for values in options(step):
        try:
            made = step(**values)
        except ValueError:
            continue  # outside the field's range
        steps = completed(made, facts[kind])
        if steps is not None:
            assert_as_promised(steps, facts[kind], settings)
            tried.append(values)
    assert {} in tried


def test_every_kind_of_data_whose_samples_differ_is_tried():
    assert set(MAKERS) == {kind for step in MAKING for kind in step.data_kinds}


def test_images_of_one_size_keep_it_without_a_step(tmp_path, settings):
    rng = np.random.default_rng(2)
    files = {f"{'ab'[i % 2]}/{i}.png": png(rng.integers(0, 255, (6, 9, 1))) for i in range(8)}
    facts = ingest(zipped(tmp_path / "x.zip", files), settings, Choices(name="x"), owner="me").facts
    assert facts.input_shape == (6, 9, 1)
    assert_as_promised([], facts, settings)


def test_a_built_in_dataset_is_resized_like_ones_own(settings):
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits"},
            "preprocessing": [{"kind": "Resizing", "height": 5, "width": 12, "interpolation": "nearest"}],
        }
    )
    plain = spec.updated(preprocessing=())
    big, small = (prepare(one, settings, lambda *what: None) for one in (spec, plain))
    assert big.train.inputs["input"].shape[1:] == (5, 12, 1)
    # Nearest neighbours: only values that the picture has, and the same pictures in the same parts.
    row = int(big.test.own_rows[3])
    assert row == int(small.test.own_rows[3])
    found = big.test.inputs["input"][big.test.indices[3]]
    original = small.test.inputs["input"][small.test.indices[3]]
    assert set(np.unique(found)) <= set(np.unique(original))
    assert big.test.labels[3] == small.test.labels[3]


def test_a_recording_is_resampled_once_straight_to_the_rate_that_is_wanted(tmp_path, settings):
    # A tone of 5,000 Hz is lost at 8,000 samples a second, the commonest rate, but not at 16,000.
    def tone(rate, pitch):
        return wav(np.sin(2 * np.pi * pitch * np.arange(rate // 2) / rate) * 0.9, rate)

    files = {f"{'ab'[i % 2]}/{i}.wav": tone(8_000, 400) for i in range(4)}
    files |= {f"{'ab'[i % 2]}/{i}.wav": tone(16_000, 5_000) for i in (4, 5)}
    facts = ingest(zipped(tmp_path / "x.zip", files), settings, Choices(name="x"), owner="me").facts
    assert facts.sample_rate == 8_000

    def power(*steps):
        prepared = prepare(spec_of([STEPS.parse(one) for one in steps], facts), settings, lambda *what: None)
        return np.sort((prepared.train.inputs["input"][:, 200:-200, 0] ** 2).mean(axis=1))

    half = {"kind": "FixedLength", "seconds": 0.5}
    assert power(half)[:2] == pytest.approx(0.0, abs=1e-3)
    # A sine's mean square is half of its height's: 0.9² / 2.
    assert power({"kind": "Resampling", "sample_rate": 16_000}, half) == pytest.approx(0.405, rel=0.02)


def test_what_is_decoded_side_by_side_is_in_its_own_place(tmp_path, settings):
    files = {f"{'ab'[i % 2]}/{i:03}.png": png(np.full((4, 4, 1), i)) for i in range(100)}
    facts = ingest(zipped(tmp_path / "x.zip", files), settings, Choices(name="x"), owner="me").facts
    told = []
    prepared = prepare(spec_of([], facts), settings, lambda *what: told.append(what))
    values = prepared.train.inputs["input"][:, 0, 0, 0]
    assert values.tolist() == list(range(100))
    assert told[0] == ("preparing", 0, 100)
