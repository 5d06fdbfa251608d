"""A trained model answers for new, raw samples as the run's own evaluation did, from the run's folder alone."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dlcore.datasets import load
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import StoredDataset
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.predictor import Predictor
from dlcore.errors import DatasetError
from dlcore.records.artifacts import MODEL_FILE, PREDICTIONS_FILE, RECONSTRUCTIONS_FILE
from dlcore.records.predictions import Predictions
from dlcore.settings import Settings
from dlcore.spec.data import ColumnRole, ColumnType, DataKind, Task
from tests.datasets.makers import png, wav, zipped

pytestmark = pytest.mark.keras

Row = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Case:
    """A dataset, and what a person would hand in of it.

    Attributes:
        make: writes its file; returns its path.
        raw: the raw samples, given the file's rows or the stored dataset, and the rows that were tested.
        choices: what is said of the file.
        values: fields of the experiment that differ from the proposal.
    """

    make: Callable[[Path], Path]
    raw: Callable[[list[Row], StoredDataset, list[int]], Any]
    choices: dict[str, Any] = dataclasses.field(default_factory=dict)
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_csv(path, index=False, sep=";")
    return path


def table(path: Path) -> Path:
    """Decimal commas, thousands, days first, gaps, words for what is missing."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "price": f"{rng.integers(1, 9)}.{rng.integers(100, 999)},{rng.integers(10, 99)}" if n % 9 else "?",
            "size": rng.choice(["small", "large", "huge"]) if n % 7 else "",
            "day": f"{rng.integers(13, 28)}.{rng.integers(1, 12):02}.2024",
            "weight": f"{rng.normal(70, 5):.1f} kg".replace(".", ","),
            "kind": rng.choice(["a", "b", "c"]),
            "yes": rng.choice(["no", "yes"]),
            "red": rng.integers(0, 2), "round": rng.integers(0, 2),
            "worth": f"{rng.normal(10, 3):.3f}".replace(".", ","),
        }
        for n in range(80)
    ]  # fmt: skip
    return written(path / "t.csv", rows)


def picked(rows: list[Row], data: StoredDataset, places: list[int]) -> Any:
    return [rows[place] for place in places]


def target(*names: str) -> dict[str, Any]:
    others = {"kind", "yes", "red", "round", "worth"} - set(names)
    roles = {**dict.fromkeys(names, ColumnRole.TARGET), **dict.fromkeys(others, ColumnRole.IGNORED)}
    return {"kind": DataKind.TABLE, "roles": {**roles, "day": ColumnRole.FEATURE}}


CLEANED = {"dataset.cleaning": ["MissingValues", "Outliers"]}


def series(path: Path) -> Path:
    rows = [{"step": n, "load": f"{np.sin(n / 3):.3f}", "value": f"{n % 7 + n / 50:.2f}"} for n in range(120)]
    return written(path / "s.csv", rows)


def shops(path: Path) -> Path:
    rows = [
        {"day": f"2024-{1 + day // 28:02}-{1 + day % 28:02}", "shop": shop, "sales": day % 5 + place}
        for day in range(80)
        for place, shop in enumerate("abc")
    ]
    return written(path / "p.csv", rows)


def texts(path: Path) -> Path:
    words = ("good fine nice great", "bad awful poor sad")
    rng = np.random.default_rng(0)
    rows = [
        {"text": f"It was {rng.choice(words[n % 2].split())}, number {n}!", "label": "xy"[n % 2]}
        for n in range(60)
    ]
    return written(path / "x.csv", rows)


def several(path: Path) -> Path:
    """Texts with several labels in a cell, and a number."""
    words = ("red", "round", "large")
    rng = np.random.default_rng(0)
    rows = []
    for n in range(90):
        own = [word for word in words if rng.random() < 0.5] or [words[n % 3]]
        text = f"It is {' and '.join(own)} as far as anybody can tell, number {n}"
        rows.append({"text": text, "labels": "|".join(own), "size": len(own) * 1.5 + n % 2})
    return written(path / "x.csv", rows)


def red_or_round(path: Path) -> Path:
    """Pictures that are in the folders of all of their classes."""
    rng = np.random.default_rng(0)
    files = {}
    for n in range(40):
        content = png(rng.integers(0, 256, (8, 8, 3)))
        for label in ("red", "round")[n % 3 == 1 : 2 if n % 3 else 1]:
            files[f"{label}/{n}.png"] = content
    return zipped(path / "i.zip", files)


def ratings(path: Path) -> Path:
    rows = [{"user": f"u{u}", "item": i, "rating": 1 + (u + i) % 5} for u in range(12) for i in range(9)]
    return written(path / "r.csv", rows)


def pictures(path: Path) -> Path:
    """Of several sizes and modes, some of them 12 bits deep."""
    rng = np.random.default_rng(0)
    files = {}
    for n in range(40):
        side, label = 6 + n % 3, "ab"[n % 2]
        if n % 5 == 0:
            deep = Image.fromarray(rng.integers(0, 4096, (side, side)).astype(np.uint16))
            buffer = io.BytesIO()
            deep.save(buffer, "PNG")
            files[f"{label}/{n}.png"] = buffer.getvalue()
        else:
            files[f"{label}/{n}.png"] = png(rng.integers(0, 256, (side, 8, (1, 3, 4)[n % 3])))
    return zipped(path / "i.zip", files)


def sounds(path: Path) -> Path:
    files = {
        f"{label}/{n}.wav": wav(np.sin(np.arange(700 + 40 * n) * pitch) / 2, rate=8000 if n % 4 else 11025)
        for label, pitch in (("low", 0.2), ("high", 0.9))
        for n in range(15)
    }
    return zipped(path / "a.zip", files)


def arrays(path: Path, y: Callable[[Any], Any]) -> Path:
    x = np.random.default_rng(0).normal(size=(60, 5, 3)).astype(np.float32)
    np.savez(path / "x.npz", x=x, y=y(x))
    return path / "x.npz"


def blobs(rows: list[Row], data: StoredDataset, places: list[int]) -> Any:
    return [data.blob(place) for place in places]


def of_arrays(rows: list[Row], data: StoredDataset, places: list[int]) -> Any:
    return np.array(data.array[places])


CASES = {
    "table, two classes": Case(table, picked, target("yes"), CLEANED),
    "table, classes, embedded": Case(
        table, picked, target("kind"),
        CLEANED | {"preprocessing": [
            "PiecewiseLinearEncoding", {"kind": "StringLookup", "output_mode": "int"}, "Normalization"
        ]},
    ),
    "table, labels": Case(table, picked, {**target("red", "round"), "task": Task.MULTILABEL}, CLEANED),
    "table, numbers": Case(table, picked, target("worth"), CLEANED),
    "table, hashed": Case(
        table, picked, target("worth"),
        CLEANED | {"preprocessing": [{"kind": "Hashing", "num_bins": 8}, "LogTransform", "MinMaxScaler"]},
    ),
    "texts": Case(texts, lambda rows, data, places: [rows[place]["text"] for place in places]),
    "texts, counted": Case(
        texts, picked, {},
        {"preprocessing": [{"kind": "TextVectorization", "max_tokens": 30, "output_mode": "tf_idf"}],
         "model.layers": [{"kind": "Dense"}]},
    ),
    "texts, labels": Case(
        several, picked, {"roles": {"labels": ColumnRole.TARGET, "size": ColumnRole.IGNORED}, "task": Task.MULTILABEL}
    ),
    "texts, numbers": Case(
        several, picked, {"roles": {"size": ColumnRole.TARGET, "labels": ColumnRole.IGNORED}, "task": Task.REGRESSION}
    ),
    "ratings": Case(ratings, lambda rows, data, places: [
        (rows[place]["user"], int(rows[place]["item"])) for place in places
    ]),
    "pictures": Case(pictures, blobs),
    "pictures, labels": Case(red_or_round, blobs, {"task": Task.MULTILABEL}),
    "sounds": Case(sounds, blobs),
    "arrays, labels": Case(
        lambda path: arrays(path, lambda x: (x[:, 0] > 0).astype(np.float32)), of_arrays, {"task": Task.MULTILABEL}
    ),
    "arrays, classes": Case(
        lambda path: arrays(path, lambda x: np.array(["up", "down"])[(x.sum((1, 2)) > 0).astype(int)]), of_arrays
    ),
    "arrays, numbers": Case(lambda path: arrays(path, lambda x: x.sum((1, 2)) * 100), of_arrays),
}  # fmt: skip


def trained(case: Case, path: Path, settings: Settings, **more: Any) -> tuple[StoredDataset, list[Row], Path]:
    """A dataset, the rows of its file, and the folder of a run; of the dataset nothing is left for the predictor."""
    file = case.make(path)
    data = ingest(file, settings, Choices(name="it", **case.choices), owner="me")
    spec = proposal(data.facts).with_values({"training.epochs": 1, **case.values, **more})
    folder = path / "run"
    folder.mkdir()
    train(spec, MemoryHandle(folder), settings=settings)
    rows: list[Row] = []
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened, delimiter=";"))
    return data, rows, folder


SELDOM = {
    "table, classes, embedded", "table, labels", "table, numbers", "texts, labels", "texts, numbers", "pictures, labels",
    "arrays, labels", "arrays, classes",
}  # fmt: skip
"""What others show by half: `make acceptance` tries these, too."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.acceptance] if name in SELDOM else []) for name in CASES],
)
def test_raw_samples_are_answered_as_the_evaluation_did(
    name: str, tmp_path: Path, settings: Settings
) -> None:
    data, rows, folder = trained(CASES[name], tmp_path, settings)
    with np.load(folder / PREDICTIONS_FILE) as file:
        wanted, tested = file["answers"], file["rows"].tolist()
    raw = CASES[name].raw(rows, data, tested)
    shutil.rmtree(settings.stored_dir)
    done = Predictor.open(folder, settings).predict(raw)
    assert len(done) == len(tested) > 2 and not done.refused
    np.testing.assert_allclose(done.answers, wanted, rtol=1e-5, atol=1e-5)
    if data.facts.task.single_label:
        best = [data.facts.classes[place] for place in wanted.argmax(axis=1)]
        assert [one.chosen for one in done] == [(label,) for label in best]


def test_a_built_in_dataset_is_answered_from_pixels_of_any_mode(
    tmp_path: Path, digits_settings: Settings
) -> None:
    spec = proposal(load("digits", digits_settings).facts).with_values({"training.epochs": 1})
    train(spec, MemoryHandle(tmp_path), settings=digits_settings)
    digits = load("digits", digits_settings)
    with np.load(tmp_path / PREDICTIONS_FILE) as file:
        wanted = file["answers"][:20]
    predictor = Predictor.open(tmp_path, digits_settings)
    grey = digits.x_test[:20]
    for raw in (grey, list(grey[..., 0]), list(np.repeat(grey, 3, axis=-1)), [png(one) for one in grey]):
        np.testing.assert_allclose(predictor.predict(raw).answers, wanted, atol=1e-5)
    larger = predictor.predict(np.zeros((30, 20), np.uint8))
    assert [note.text() for note in larger.notes] == [
        "pictures brought to 8 × 8, the size of those in training: 1."
    ]


WINDOWS: dict[str, Any] = {"dataset.validation_fraction": 0.2}


@pytest.mark.parametrize(
    "windows", [{"sequence_length": 6}, {"sequence_length": 4, "sampling_rate": 2, "horizons": [1, 3]}]
)
def test_a_series_is_continued_as_the_evaluation_did(
    windows: dict[str, Any], tmp_path: Path, settings: Settings
) -> None:
    roles = {"step": ColumnRole.TIME, "load": ColumnRole.TARGET, "value": ColumnRole.TARGET}
    case = Case(series, picked, {"kind": DataKind.SERIES, "roles": roles})
    steps = [{"kind": "Windows", **windows}, "Normalization"]
    _data, rows, folder = trained(case, tmp_path, settings, preprocessing=steps)
    with np.load(folder / PREDICTIONS_FILE) as file:
        wanted, tested = file["answers"], file["rows"].tolist()
    predictor = Predictor.open(folder, settings)
    for answer, first in zip(wanted[::5], tested[::5], strict=True):
        done = predictor.predict(rows[:first])
        np.testing.assert_allclose(done.answers, [answer], rtol=1e-5, atol=1e-5)
    ahead = windows.get("horizons", [1])
    named = [f"{name} +{rows}" for rows in ahead for name in ("load", "value")]
    assert done.columns == (tuple(named) if ahead != [1] else ("load", "value"))


def test_each_of_several_series_is_continued_by_itself(tmp_path: Path, settings: Settings) -> None:
    case = Case(shops, picked)
    steps = [{"kind": "Windows", "sequence_length": 7, "group_ids": True}, "Normalization"]
    data, rows, folder = trained(case, tmp_path, settings, preprocessing=steps)
    assert [column.name for column in data.facts.columns_of(ColumnRole.GROUP)] == ["shop"]
    with np.load(folder / PREDICTIONS_FILE) as file:
        wanted, tested = file["answers"], file["rows"].tolist()
    # The rows of a day stand together; what is asked for first of each shop is of one day.
    day = min(place // 3 for place in tested)
    places = [tested.index(3 * day + shop) for shop in range(3)]
    done = Predictor.open(folder, settings).predict(pd.DataFrame(rows[: 3 * day]))
    assert done.names == ("a", "b", "c")
    np.testing.assert_allclose(done.answers, wanted[places], rtol=1e-5, atol=1e-5)
    short = Predictor.open(folder, settings).predict([*rows[:21], {**rows[0], "shop": "new"}])
    assert list(short.refused) == [3]
    assert "looks at 7 at a time, given are 1" in short.refused[3].text()
    other = [{**row, "shop": "new"} for row in rows[:21] if row["shop"] == "a"]
    assert [note.text() for note in Predictor.open(folder, settings).predict(other).notes] == [
        "column shop: training does not know 'new'; they count as unknown."
    ]


@pytest.mark.parametrize("kind", ["table", "series", "arrays"])
def test_a_reconstruction_is_scored_as_the_evaluation_did(
    kind: str, tmp_path: Path, settings: Settings
) -> None:
    if kind == "table":
        case = Case(
            table,
            picked,
            {**target(), "task": Task.RECONSTRUCTION, "types": {"red": ColumnType.NUMBER}},
            CLEANED,
        )
    elif kind == "arrays":
        case = Case(lambda path: arrays(path, lambda x: x[:, 0, 0]), of_arrays, {"task": Task.RECONSTRUCTION})
    else:
        case = Case(series, picked, {"kind": DataKind.SERIES, "task": Task.RECONSTRUCTION})
    data, rows, folder = trained(case, tmp_path, settings)
    with np.load(folder / RECONSTRUCTIONS_FILE) as file:
        scores, tested = file["scores"], file["rows"].tolist()
    predictor = Predictor.open(folder, settings)
    if kind == "series":
        ((length, _),) = (one.shape for one in predictor.preparation.signature.inputs.values())
        found = [predictor.predict(rows[last - length + 1 : last + 1]).answers for last in tested[::4]]
        done, scores = np.concatenate(found), scores[::4]
    else:
        made = predictor.predict(case.raw(rows, data, tested))
        done = made.answers
        assert made.columns == ("score",) and made.reconstructions is not None
        assert len(made.reconstructions) == len(tested)
        (given,) = predictor.look(case.raw(rows, data, tested[:1]))[1].values()
        errors = (made.reconstructions[0] - given).ravel() / predictor.preparation.deviations
        assert np.mean(errors**2) == pytest.approx(scores[0], rel=1e-4)
    np.testing.assert_allclose(done[:, 0], scores, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row], Settings]:
    path = tmp_path_factory.mktemp("people")
    settings = Settings(home=path / "home", KERAS_HOME=path / "keras")
    _, rows, folder = trained(CASES["table, two classes"], path, settings)
    return folder, rows, settings


def test_what_is_missing_or_unknown_is_handled_as_in_training_and_said(
    people: tuple[Path, list[Row], Settings],
) -> None:
    folder, rows, settings = people
    predictor = Predictor.open(folder, settings)
    wide = {**rows[1], "price": "", "size": "tiny", "colour": "red"}
    done = predictor.predict(wide)
    notes = [note.text() for note in done.notes]
    assert notes[0] == "columns that are not used: colour."
    assert notes[1].startswith("column price: missing values filled with ")
    assert notes[2] == "column size: training does not know 'tiny'; they count as unknown."
    filled = predictor.preparation.cleaning[0]["fillings"]["price"]
    same = predictor.predict({**wide, "price": filled}).answers
    np.testing.assert_allclose(done.answers, same, atol=1e-6)
    assert done[0].problem is None and set(done[0].values) == {"no", "yes"}


def test_a_number_that_is_none_counts_as_missing_as_in_training_and_else_its_column_is_named(
    people: tuple[Path, list[Row], Settings],
) -> None:
    folder, rows, settings = people
    how = Predictor.open(folder, settings)
    with pytest.raises(DatasetError, match=r"are missing: price, size\..*Rename Price, or add them"):
        how.predict({"Price": "1", "day": "13.01.2024", "weight": "70,0 kg"})
    spec = how.preparation.spec.with_values({"dataset.cleaning": []})
    state = {**how.preparation.state, "cleaning": []}
    bare = dataclasses.replace(how.preparation, spec=spec, state=state)
    plain = Predictor(how._model, bare, settings)
    done = plain.predict(
        [rows[1], {**rows[1], "price": "cheap"}, {**rows[1], "day": "2024/13/13"}, {**rows[1], "price": None}]
    )
    assert [done.refused[place].text() for place in (1, 2, 3)] == [
        "column price: expected a number, got 'cheap'. Write it as in the training data: decimal comma, thousands "
        "separated by '.'.",
        "column day: expected a time, got '2024/13/13'. Write it as in the training data: dd.mm.yyyy.",
        "column price: expected a number, got nothing, and nothing in the cleaning fills it. Give a value.",
    ]
    assert np.isnan(done.answers[1:]).all() and np.isfinite(done.answers[0]).all()
    assert done[1].values == {} and done[1].problem is not None
    with pytest.raises(DatasetError, match="column price: expected a number, got 'cheap'"):
        plain.predict({**rows[1], "price": "cheap"})


def test_right_answers_beside_the_rows_give_the_score_of_the_evaluation(
    people: tuple[Path, list[Row], Settings],
) -> None:
    folder, rows, settings = people
    with np.load(folder / PREDICTIONS_FILE) as file:
        tested = file["rows"].tolist()
    evaluation = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    done = Predictor.open(folder, settings).predict([rows[place] for place in tested])
    assert done.metrics["accuracy"] == pytest.approx(evaluation["metrics"]["accuracy"], abs=1e-6)
    blind = [{key: value for key, value in rows[place].items() if key != "yes"} for place in tested]
    again = Predictor.open(folder, settings).predict(blind)
    assert again.metrics == {}
    np.testing.assert_array_equal(again.answers, done.answers)


def test_answers_are_a_table_and_come_back_from_json(people: tuple[Path, list[Row], Settings]) -> None:
    folder, rows, settings = people
    done = Predictor.open(folder, settings).predict(rows[1:4])
    frame = done.to_frame()
    assert frame.columns.tolist() == ["sample", "answer", "no", "yes"]
    assert frame["sample"].tolist() == ["row 1", "row 2", "row 3"]
    assert frame["answer"].tolist() == [one.chosen[0] for one in done]
    assert [one.name for one in done[1:]] == ["row 2", "row 3"] and done[-1].name == "row 3"
    again = Predictions.from_dict(json.loads(json.dumps(done.to_dict())))
    pd.testing.assert_frame_equal(again.to_frame(), frame)
    assert (again.metrics, [note.text() for note in again.notes]) == (
        dict(done.metrics), [note.text() for note in done.notes],
    )  # fmt: skip


def test_a_folder_without_a_model_or_with_a_broken_one_is_refused_in_words(
    people: tuple[Path, list[Row], Settings], tmp_path: Path
) -> None:
    folder, _, settings = people
    with pytest.raises(DatasetError, match="no trained model"):
        Predictor.open(tmp_path, settings)
    shutil.copytree(folder, tmp_path / "broken")
    path = tmp_path / "broken" / MODEL_FILE
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DatasetError, match=r"model\.keras: the model of this run can no longer be read"):
        Predictor.open(tmp_path / "broken", settings)
