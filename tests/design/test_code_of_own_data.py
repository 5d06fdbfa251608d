"""The exported script and its data.npz do what the engine does with a person's own data."""

from __future__ import annotations

import io
import pickle
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dlcore.cli.data import app
from dlcore.datasets import CATALOGUE, facts
from dlcore.datasets.export import export_arrays
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.values import apply_value_ops, fit_value_ops
from dlcore.design.code import export_command, keras_script, needs_export
from dlcore.design.templates import proposal, template
from dlcore.engine.build import build_model, compile_model
from dlcore.engine.data import TrainingData, load
from dlcore.queue import submit
from dlcore.settings import Settings
from dlcore.spec.augmentation import AUGMENTATIONS, SpecAugment
from dlcore.spec.data import DataKind, Task
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.preprocessing import signature
from dlcore.store import Store
from tests.datasets.makers import colours, panel, some_ratings, stored, wav, wave_series, zipped

pytestmark = pytest.mark.keras


def shopping(path: Path) -> Path:
    rng = np.random.default_rng(0)
    age = rng.integers(18, 80, 60)
    city = rng.choice(["Rome", "Oslo", "Bonn"], 60)
    frame = {"age": age, "city": city, "bought": np.where(age + rng.normal(0, 9, 60) > 50, "yes", "no")}
    pd.DataFrame(frame).to_csv(path, index=False)
    return path


def houses(path: Path) -> Path:
    rng = np.random.default_rng(0)
    size, rooms = rng.normal(100, 20, 60), rng.normal(4.5, 0.7, 60)
    price = size * 3000 + rooms * 1234.5 + rng.normal(0, 500, 60)
    pd.DataFrame({"size": size, "rooms": rooms, "price": price}).to_csv(path, index=False)
    return path


def letters(path: Path) -> Path:
    rows = [(f"{'fine good' if n % 2 else 'bad poor'} thing number {n}", "ab"[n % 2]) for n in range(40)]
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    return path


def tones(path: Path) -> Path:
    time = np.arange(4000) / 8000
    files = {
        f"{name}/{n}.wav": wav(0.5 * np.sin(2 * np.pi * (pitch + 5 * n) * time))
        for name, pitch in (("high", 900), ("low", 200), ("middle", 500))
        for n in range(8)
    }
    return zipped(path, files)


def tags(path: Path) -> Path:
    """Eight numbers; a sample has the tag of each of the first three that is positive."""
    x = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    np.savez(path, x=x, y=(x[:, :3] > 0).astype(np.uint8))
    return path


def own(name: str, folder: Path) -> tuple[ExperimentSpec, Settings]:
    settings = Settings(home=folder / "home")
    match name:
        case "binary table":
            stored(shopping(folder / "it.csv"), settings)
        case "regression":
            stored(houses(folder / "it.csv"), settings)
        case "series":
            stored(wave_series(folder / "it.csv", rows=120), settings)
        case "panel":
            stored(panel(folder / "it.csv", rows=60), settings)
        case "reconstruction":
            stored(houses(folder / "it.csv"), settings, task=Task.RECONSTRUCTION)
        case "ratings":
            stored(some_ratings(folder / "it.csv"), settings)
        case "tags":
            stored(tags(folder / "it.npz"), settings, task=Task.MULTILABEL)
        case "images":
            stored(colours(folder / "it.zip", count=8), settings)
        case "text":
            stored(letters(folder / "it.csv"), settings)
        case "audio":
            stored(tones(folder / "it.zip"), settings)
    spec = proposal(facts("it", settings)).with_values({"training.epochs": 1, "seed": 3})
    if name == "binary table":
        steps: list[dict[str, Any]] = [
            {"kind": "StringLookup", "output_mode": "int"},
            {"kind": "LogTransform"},
            {"kind": "RobustScaler"},
        ]
        spec = ExperimentSpec.from_dict({**spec.to_dict(), "preprocessing": steps})
        seen = signature(facts("it", settings), spec.preprocessing)
        assert set(seen.inputs) == {"input", "city"}
        spec = spec.updated(model=template("table_mlp").build(seen))
    if name == "panel":
        steps = [{"kind": "Windows", "sequence_length": 4, "horizons": [1, 3], "group_ids": True}]
        spec = ExperimentSpec.from_dict({**spec.to_dict(), "preprocessing": steps})
        seen = signature(facts("it", settings), spec.preprocessing)
        assert set(seen.inputs) == {"input", "shop"}
        spec = spec.updated(model=template("series_lstm").build(seen))
    return spec, settings


def network_of(spec: ExperimentSpec, data: TrainingData) -> Any:
    import keras

    keras.utils.set_random_seed(spec.seed)
    network = build_model(spec.model, data.signature, target_scale=data.target_scale)
    compile_model(network, spec.model, spec.training, task=data.task, steps_per_epoch=1, epochs=1)
    return network


@pytest.mark.parametrize(
    "name",
    [
        "binary table",
        "regression",
        pytest.param("series", marks=pytest.mark.acceptance),
        "panel",
        pytest.param("reconstruction", marks=pytest.mark.acceptance),
        "ratings",
        pytest.param("tags", marks=pytest.mark.acceptance),
        "images",
        "text",
        pytest.param("audio", marks=pytest.mark.acceptance),
    ],
)
def test_the_script_starts_as_the_engine_does_and_trains(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, settings = own(name, tmp_path)
    known = facts("it", settings)
    assert needs_export(spec, known)
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    script = keras_script(spec, known)
    assert export_command() in script
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    before, fit, after = script.partition("model.fit(")
    exec(before, there)
    data = load(spec, settings, lambda line: None)
    network = network_of(spec, data)

    x = {
        key: apply_value_ops(data.test.inputs[key][data.test.indices], data.values.get(key, ()))
        for key in spec.model.inputs
    }
    y = data.test.labels
    y = y.astype(np.float32)[:, None] if data.task is Task.BINARY else y
    ours = network.evaluate(x if len(x) > 1 else next(iter(x.values())), y, verbose=0, return_dict=True)
    theirs = there["model"].evaluate(there["x_test"], there["y_test"], verbose=0, return_dict=True)
    assert there["model"].count_params() == network.count_params()
    # In own units where the answer is a number, though the loss sees it at mean 0 and deviation 1.
    assert theirs == pytest.approx(ours, rel=1e-4)
    exec(fit + after, there)
    there["data"].close()


@pytest.mark.parametrize("per", ["feature", "all"])
@pytest.mark.parametrize(
    "step", [{"kind": "Normalization"}, {"kind": "MinMaxScaler", "low": -1.0}, {"kind": "RobustScaler"}]
)
def test_the_script_changes_values_as_the_engine_does(
    step: dict[str, Any], per: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, settings = own("regression", tmp_path)
    steps: list[dict[str, Any]] = [
        {"kind": "Rescaling", "scale": 0.5, "offset": 1.0},
        {"kind": "LogTransform"},
        {**step, "per": per},
    ]
    spec = ExperimentSpec.from_dict({**spec.to_dict(), "preprocessing": steps})
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    exec(keras_script(spec, facts("it", settings)).partition("# Model")[0], there)
    there["data"].close()

    prepared = prepare(spec, settings, lambda what, done, total: None)
    ops = fit_value_ops(prepared.train, "input", spec.preprocessing)  # type: ignore[arg-type]
    expected = apply_value_ops(prepared.test.inputs["input"][prepared.test.indices], ops)
    assert there["x_test"] == pytest.approx(expected, rel=1e-4, abs=1e-4)


def augmented(*steps: dict[str, Any], **training: Any) -> ExperimentSpec:
    known = CATALOGUE.get("digits").facts
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "digits", "train_samples": 64},
            "augmentation": list(steps),
            "preprocessing": [{"kind": "Normalization"}],
            "model": template("cnn").build(known.input_shape).model_dump(),
            "training": {"epochs": 1, **training},
        }
    )


def test_the_script_augments_pixels_and_mixes_labels() -> None:
    spec = augmented(
        {"kind": "RandomFlip"}, {"kind": "MixUp"}, class_weight={"kind": "PerClass", "weights": {"3": 2.0}}
    )
    there: dict[str, Any] = {}
    exec(keras_script(spec, CATALOGUE.get("digits").facts), there)
    x, y, weights = next(iter(there["batches"]))
    assert x.shape[1:] == (8, 8, 1)
    assert y.numpy().sum(axis=1) == pytest.approx(1.0)
    # Classes weigh one, but for "3", which weighs two.
    assert weights.numpy() == pytest.approx(1 + y.numpy()[:, 3], rel=1e-5)


@pytest.fixture
def full_precision() -> Iterator[None]:
    import keras

    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.usefixtures("full_precision")
def test_every_augmentation_changes_images_in_the_script_at_full_precision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, settings = own("images", tmp_path)
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    monkeypatch.chdir(tmp_path)
    small = {"kind": "RandomCrop", "height": 5, "width": 6}
    model = {"layers": [{"kind": "Flatten"}, {"kind": "Dense"}]}
    for kind in AUGMENTATIONS:
        if DataKind.IMAGE not in kind.data_kinds:
            continue
        step = small if kind.__name__ == "RandomCrop" else {"kind": kind.__name__}
        changed = ExperimentSpec.from_dict(
            {
                **spec.to_dict(),
                "augmentation": [step],
                "model": model,
                "training": {"precision": "mixed_float16"},
            }
        )
        there: dict[str, Any] = {}
        exec(keras_script(changed, facts("it", settings)).partition("model.fit(")[0], there)
        there["data"].close()
        before = np.sort(there["x_train"], axis=0)
        seen = list(there["batches"].repeat(20))
        assert {(x.dtype.name, y.dtype.name) for x, y in seen} == {("float32", "float32")}, kind
        assert all(x.shape == before.shape and np.isfinite(x.numpy()).all() for x, _ in seen), kind
        # Some leave a batch as it is now and then.
        assert not all(np.allclose(np.sort(x.numpy(), axis=0), before) for x, _ in seen), kind


def test_what_keras_does_not_have_is_written_out() -> None:
    hide_bands = written_out("hide_bands")
    x = 1 + np.arange(64 * 10 * 5, dtype=np.float32).reshape(64, 10, 5, 1)
    for axis, widest in ((1, 4), (2, 2)):
        hidden = hide_bands(x, np.float32([[[[0.0]]]]), axis, 1, 0.4).numpy() == 0
        others = (2, 3) if axis == 1 else (1, 3)
        assert (hidden.all(axis=others) == hidden.any(axis=others)).all()
        bands = hidden.all(axis=others)
        assert set(bands.sum(axis=1)) == set(range(widest + 1))
        assert (np.diff(np.pad(bands, ((0, 0), (1, 1))).astype(int)) == 1).sum(axis=1).max() == 1


def written_out(name: str) -> Any:
    import tensorflow as tf

    there: dict[str, Any] = {"tf": tf}
    exec(SpecAugment.script, there)
    return there[name]


def test_the_script_hides_bands_of_spectrograms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, settings = own("audio", tmp_path)
    steps = [{"kind": "SpecAugment", "time_masks": 1, "frequency_masks": 0}, {"kind": "RandomTranslation"}]
    spec = ExperimentSpec.from_dict({**spec.to_dict(), "augmentation": steps})
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    exec(keras_script(spec, facts("it", settings)), there)
    there["data"].close()
    x, _ = next(iter(there["batches"]))
    assert x.shape[1:] == there["x_train"].shape[1:]
    assert len(there["augmentation"]) == 1


def test_the_scripts_schedule_follows_the_samples_that_windows_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, settings = own("series", tmp_path)
    spec = spec.with_values(
        {"training.epochs": 5, "training.batch_size": 8, "training.schedule": {"kind": "CosineDecay"}}
    )
    export_arrays(spec, settings, tmp_path / "data.npz", lambda what, done, total: None)
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    exec(keras_script(spec, facts("it", settings)).partition("model.fit(")[0], there)
    there["data"].close()
    steps = -(-len(load(spec, settings, lambda line: None).train) // 8)
    assert there["model"].optimizer._learning_rate.decay_steps == 5 * steps


def test_a_feature_that_never_changes_stays_finite_in_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home")
    rows = {"size": np.arange(40.0), "always": np.full(40, 7.5), "price": np.arange(40.0) ** 2}
    pd.DataFrame(rows).to_csv(tmp_path / "it.csv", index=False)
    stored(tmp_path / "it.csv", settings)
    spec = proposal(facts("it", settings)).to_dict()
    monkeypatch.chdir(tmp_path)
    for kind in ("Normalization", "MinMaxScaler", "RobustScaler"):
        scaled = ExperimentSpec.from_dict({**spec, "preprocessing": [{"kind": kind}]})
        export_arrays(scaled, settings, tmp_path / "data.npz", lambda what, done, total: None)
        there: dict[str, Any] = {}
        exec(keras_script(scaled, facts("it", settings)).partition("# Model")[0], there)
        there["data"].close()
        assert there["x_test"][:, 1] == pytest.approx(0.0)


def test_an_export_says_how_it_goes_on(tmp_path: Path) -> None:
    spec, settings = own("regression", tmp_path)
    told: list[tuple[str, int, int]] = []
    export_arrays(spec, settings, tmp_path / "data.npz", lambda *progress: told.append(progress))
    with np.load(tmp_path / "data.npz", allow_pickle=False) as file:
        sizes = {name: len(file[name]) for name in file.files}
    assert [(f"writing {name}", 0, size) for name, size in sizes.items()] == told[-len(sizes) :]


def test_the_command_in_the_script_makes_the_arrays_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = augmented().updated(
        preprocessing=ExperimentSpec.from_dict(
            {"preprocessing": [{"kind": "Resizing", "height": 6, "width": 5}, {"kind": "Rescaling"}]}
        ).preprocessing
    )
    (tmp_path / "SPEC.yaml").write_text(spec.to_yaml(), encoding="utf-8")
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, export_command().split()[4:], catch_exceptions=False)
    assert done.exit_code == 0
    script = keras_script(spec, CATALOGUE.get("digits").facts)
    assert "load_digits" not in script
    there: dict[str, Any] = {}
    exec(script.partition("# Model")[0], there)
    there["data"].close()
    assert there["x_train"].shape == (64, 6, 5, 1)
    assert there["y_train"].dtype == np.int64
    assert there["x_train"].max() <= 1


def test_a_run_is_exported_by_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    store = Store.open(Settings(home=tmp_path / "home"))
    run = submit(store, augmented(), owner=store.settings.owner)
    store.close()
    done = CliRunner().invoke(app, export_command(run.id).split()[4:], catch_exceptions=False)
    assert done.exit_code == 0
    with np.load("data.npz") as file:
        assert file["x_train"].shape == (64, 8, 8, 1)
    refused = CliRunner().invoke(app, export_command("nosuchrun").split()[4:])
    assert refused.exit_code == 1 and "nosuchrun" in refused.stderr


def packed_anew(name: str, folder: Path) -> None:
    """Writes a small set in the form of Keras' file, whose hash it does not have."""
    pixels = np.arange(20 * 3072, dtype=np.uint8).reshape(20, 3072)
    labels = [n % 10 for n in range(20)]
    if name == "mnist":
        images = pixels[:, :784].reshape(20, 28, 28)
        np.savez(folder / "mnist.npz", x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9])
        return
    members = (
        [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
        if name == "cifar10"
        else ["train", "test"]
    )
    inner, key = (
        ("cifar-10-batches-py", b"labels") if name == "cifar10" else ("cifar-100-python", b"fine_labels")
    )
    archive = CATALOGUE.get(name).facts.files[0].name
    with tarfile.open(folder / archive, "w:gz") as out:
        for member in members:
            content = pickle.dumps({b"data": pixels, key: labels})
            about = tarfile.TarInfo(f"{inner}/{member}")
            about.size = len(content)
            out.addfile(about, io.BytesIO(content))


@pytest.mark.parametrize(("name", "samples"), [("mnist", 20), ("cifar10", 100), ("cifar100", 20)])
def test_a_script_reads_a_file_that_was_packed_anew_and_leaves_it_there(
    name: str, samples: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "datasets"
    folder.mkdir()
    packed_anew(name, folder)
    (before,) = ((path, path.read_bytes()) for path in folder.iterdir())
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    known = CATALOGUE.get(name).facts
    spec = ExperimentSpec.from_dict(
        {
            "dataset": {"name": name, "validation_fraction": 0},
            "model": {"layers": ["Flatten", {"kind": "Dense"}]},
            "preprocessing": [],
        }
    )
    there: dict[str, Any] = {}
    exec(keras_script(spec, known).partition("# Model")[0], there)
    assert there["x_train"].shape == (samples, *known.image_shape)
    assert there["y_train"].shape == (samples,) and there["y_train"][:3].tolist() == [0, 1, 2]
    # Channel by channel in the file, pixel by pixel in the array.
    first = [0, 1024 % 256, 2048 % 256] if known.image_shape[-1] == 3 else [0]
    assert there["x_train"][0, 0, 0].tolist() == first
    assert before[0].read_bytes() == before[1]
