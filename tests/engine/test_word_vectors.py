"""Embedding layers start with the vectors of the words that training has seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore.datasets import facts
from dlcore.datasets.export import export_arrays
from dlcore.datasets.vectors.stored import FoundVectors, remove_vectors
from dlcore.datasets.vectors.storing import store_vectors
from dlcore.design.code import keras_script
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.transfer import weights_of_run
from dlcore.engine.word_vectors import filled_table
from dlcore.errors import SpecError
from dlcore.settings import Settings
from dlcore.spec.experiment import ExperimentSpec
from dlcore.spec.fine_tuning import FromRun
from tests.datasets.makers import stored
from tests.engine.conftest import StoppingHandle

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]
FROZEN = {"trainable": False}


@pytest.fixture
def text_settings(settings: Settings, tmp_path: Path) -> Settings:
    rows = [f"{('Good', 'bad')[n % 2]} 天气 today,{n % 2}" for n in range(60)]
    path = tmp_path / "it.csv"
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    stored(path, settings)
    return settings


def add(settings: Settings, text: str) -> None:
    path = settings.home / "file"
    path.write_text(text, encoding="utf-8")
    store_vectors(path, settings, owner="ann", origin="glove.txt")


def spec(
    embedding: dict[str, Any] | None = None, step: dict[str, Any] | None = None, **more: Any
) -> ExperimentSpec:
    layers = [
        {"kind": "Embedding", "name": "words", "output_dim": 2, "vectors": "glove", **(embedding or {})},
        {"kind": "GlobalAveragePooling1D"},
        {"kind": "Dense", "name": "head"},
    ]
    words = {"kind": "TextVectorization", "max_tokens": 9, "output_sequence_length": 12, **(step or {})}
    return ExperimentSpec.from_dict(
        {
            "dataset": {"name": "it"},
            "preprocessing": [words],
            "model": {"layers": layers},
            "training": {"epochs": 2, "batch_size": 16},
            "seed": 5,
            **more,
        }
    )


def trained(spec: ExperimentSpec, settings: Settings, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The vector of each word in the end, and the log."""
    handle = MemoryHandle(folder)
    train(spec, handle, settings=settings)
    source = weights_of_run(folder)
    (table,) = source.arrays["words"]
    assert source.meanings is not None
    return dict(zip(source.meanings["vocabulary"], table.tolist(), strict=False)), handle.lines


def test_frozen_words_keep_the_vectors_of_the_file(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "today 1 -2\nGood 3 4\nbad 5 6\nBad 7 8\nother 9 9\n")

    table, lines = trained(spec(FROZEN), text_settings, folder("run"))

    assert (table["today"], table["good"], table["bad"]) == ([1, -2], [3, 4], [5, 6])
    assert "words: 3 of 4 words have a vector (75 %)" in lines
    # The others are random, on the scale of the found ones: a deviation of 2.6.
    others = np.array([table[""], table["[UNK]"], table["天气"]])
    assert others.std() > 0.5
    assert len(np.unique(others)) == others.size


def test_vectors_learn_unless_they_are_frozen(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "today 1 -2\ngood 3 4\nbad 5 6\n")

    table, _lines = trained(spec(), text_settings, folder("run"))

    assert table["good"] != [3, 4]
    assert table["good"] == pytest.approx([3, 4], abs=0.1)


def test_words_of_both_cases_are_found_as_they_are(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "GOOD 1 2\nGood 3 4\ngood 5 6\nBad 7 8\n")

    table, lines = trained(spec(FROZEN, {"standardize": "none"}), text_settings, folder("run"))

    assert table["Good"] == [3, 4]
    assert "words: 1 of 4 words have a vector (25 %)" in lines


def test_characters_have_vectors_too(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "天 1 2\n气 3 4\n天气 5 6\n")
    step = {"split": "character", "max_tokens": 40}

    table, _lines = trained(spec(FROZEN, step), text_settings, folder("run"))

    assert (table["天"], table["气"]) == ([1, 2], [3, 4])


def test_vectors_of_another_language_are_warned_of(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "кот 1 2\nпёс 3 4\n")

    table, lines = trained(spec(FROZEN), text_settings, folder("run"))

    assert "words: 0 of 4 words have a vector (0 %)" in lines
    assert any(line.startswith("warning: words: hardly any word has a vector.") for line in lines)
    # As Keras makes them.
    assert np.abs(list(table.values())).max() <= 0.05


def test_a_resumed_run_needs_the_vectors_no_more(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "today 1 -2\ngood 3 4\nbad 5 6\n")
    train(spec(FROZEN), StoppingHandle(folder("run"), stop_at=1), settings=text_settings)
    remove_vectors("glove", text_settings.vectors_dir)

    table, _lines = trained(spec(FROZEN), text_settings, folder("run"))

    assert table["good"] == [3, 4]
    with pytest.raises(SpecError, match=r"model\.layers\[0\]\.vectors: there are no word vectors 'glove'"):
        train(spec(), MemoryHandle(folder("another")), settings=text_settings)


def test_vectors_of_another_length_than_when_it_was_queued_are_refused(
    text_settings: Settings, folder: Folder
) -> None:
    add(text_settings, "good 3 4 5\nbad 5 6 7\n")

    with pytest.raises(SpecError, match="have the length 3, and output_dim is 2"):
        train(spec(), MemoryHandle(folder("run")), settings=text_settings)


def test_weights_of_another_run_come_before_vectors(text_settings: Settings, folder: Folder) -> None:
    add(text_settings, "today 1 -2\ngood 3 4\nbad 5 6\n")
    before, _lines = trained(spec({"vectors": ""}), text_settings, folder("source"))
    tuned = spec(FROZEN, fine_tuning={"source": FromRun(run="source").model_dump(), "head_epochs": 1})
    handle = MemoryHandle(folder("run"))

    train(tuned, handle, settings=text_settings, source=lambda: weights_of_run(folder("source")))

    (table,) = weights_of_run(folder("run")).arrays["words"]
    assert table.tolist()[: len(before)] == list(before.values())
    assert not any("have a vector" in line for line in handle.lines)


@pytest.mark.parametrize("initializer", ["random_uniform", "zeros"])
@pytest.mark.parametrize("found", ["good 3 4\nbad 5 6\n", "кот 1 2\nпёс 3 4\n"], ids=["some", "none"])
def test_the_script_starts_with_the_same_vectors(
    found: str, initializer: str, text_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(text_settings, found)
    wanted = spec({**FROZEN, "embeddings_initializer": initializer})
    known = facts("it", text_settings)
    export_arrays(wanted, text_settings, tmp_path / "data.npz", lambda what, done, total: None)
    monkeypatch.chdir(tmp_path)
    there: dict[str, Any] = {}
    exec(keras_script(wanted, known).partition("model.compile(")[0], there)
    there["data"].close()
    (tmp_path / "run").mkdir()
    ours, _lines = trained(wanted, text_settings, tmp_path / "run")

    (theirs,) = there["model"].get_layer("words").get_weights()
    assert theirs.tolist()[: len(ours)] == list(ours.values())


def test_rows_without_a_vector_get_the_scale_of_the_others() -> None:
    table = np.array([[0.1, -0.1], [0.1, 0.1], [-0.1, -0.1]])
    found = FoundVectors(np.array([1]), np.array([[10.0, 30.0]]), 1)

    # The found numbers deviate by 10 from their mean, the random ones by 0.1 from theirs of −0.05.
    scale = 10 / np.std([0.1, -0.1, -0.1, -0.1])
    assert filled_table(table, found) == pytest.approx(
        np.array([[0.1 * scale, -0.1 * scale], [10, 30], [-0.1 * scale, -0.1 * scale]])
    )
