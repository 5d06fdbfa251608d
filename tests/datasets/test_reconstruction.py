"""What is read, prepared and proposed for a reconstruction: the target is the input."""

import numpy as np
import pytest

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.export import export_arrays
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.series import encode_series
from dlcore.design.templates import proposal, templates_for
from dlcore.errors import DatasetError, SpecError
from dlcore.spec.checks import check
from dlcore.spec.data import ColumnRole, DataKind, Task
from dlcore.spec.graph import infer
from dlcore.spec.preprocessing import STEPS, signature
from dlcore.spec.signature import InputSpec, Signature

from .makers import colours, people, samples, some_ratings, stored, wave_series

AGAIN = Task.RECONSTRUCTION
NONE = np.array([], np.int64)


def quiet(what, done, total):
    pass


def steps(*rows):
    return [STEPS.parse(row) for row in rows]


def test_a_table_is_reconstructed_column_by_column(tmp_path, settings):
    kept = stored(people(tmp_path / "p.csv"), settings, task=AGAIN)
    assert {column.role for column in kept.facts.columns} == {ColumnRole.FEATURE}
    assert kept.targets is None
    assert any("all columns that are used are reconstructed" in note.text() for note in kept.assumed)
    spec = proposal(kept.facts)
    seen = signature(kept.facts, spec.preprocessing)
    # Two numbers; three cities and one for none; two answers and one for none.
    assert (seen.inputs["input"].shape, seen.outputs) == ((9,), 9)
    prepared = prepare(spec, settings, quiet)
    np.testing.assert_array_equal(prepared.train.y, prepared.train.inputs["input"])
    assert len(prepared.train) + len(prepared.validation) + len(prepared.test) == 6


def test_ids_cannot_be_given_back(tmp_path, settings):
    kept = stored(people(tmp_path / "p.csv"), settings, task=AGAIN)
    with pytest.raises(
        SpecError, match="only numbers can be reconstructed; these columns are ids: city, bought"
    ):
        signature(kept.facts, steps({"kind": "StringLookup", "output_mode": "int"}))


def test_a_column_with_very_many_values_is_hashed_to_numbers(tmp_path, settings):
    rows = [f"{n},name {n % 1_100}" for n in range(2_300)]
    (tmp_path / "x.csv").write_text("\n".join(["a,b", *rows]) + "\n")
    roles = {"b": ColumnRole.FEATURE}
    kept = stored(tmp_path / "x.csv", settings, kind=DataKind.TABLE, task=AGAIN, roles=roles)
    assert [step.kind for step in proposal(kept.facts).preprocessing] == ["Hashing", "Normalization"]
    assert check(proposal(kept.facts), kept.facts).problem is None


def test_a_window_is_reconstructed_within_one_part(tmp_path, settings):
    kept = stored(wave_series(tmp_path / "s.csv", rows=10), settings, task=AGAIN)
    found = samples(settings)
    window = steps({"kind": "Windows", "sequence_length": 3})
    assert signature(kept.facts, window).outputs == 6
    division = Division(np.arange(5), NONE, np.arange(5, 10))
    encoded = encode_series(found, division, window)
    assert encoded.y[0].tolist() == [0, 0, 1, 10, 2, 20]
    # All windows of three rows, by the last of them; those of rows of both parts are in none.
    assert encoded.rows.tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert encoded.rows[encoded.division.train].tolist() == [2, 3, 4]
    assert encoded.rows[encoded.division.test].tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    "more",
    [{"horizon": 2}, {"gap": 1}, {"horizons": [1, 6]}, {"group_ids": True}],
    ids=lambda one: next(iter(one)),
)
def test_a_reconstruction_has_nothing_ahead(tmp_path, settings, more):
    kept = stored(wave_series(tmp_path / "s.csv"), settings, task=AGAIN)
    with pytest.raises(
        SpecError, match=f"{next(iter(more))}: a reconstruction gives back what the window shows"
    ):
        signature(kept.facts, steps({"kind": "Windows", "sequence_length": 3, **more}))


def test_what_was_filled_in_is_not_reconstructed(tmp_path, settings):
    path = wave_series(tmp_path / "s.csv", rows=40)
    path.write_text(path.read_text().replace("5.0,50.0", ",50.0"))
    kept = stored(path, settings, task=AGAIN)
    spec = proposal(kept.facts).with_values(
        {"preprocessing": [{"kind": "Windows", "sequence_length": 2}], "dataset.validation_fraction": 0}
    )
    assert [step.kind for step in spec.dataset.cleaning] == ["MissingValues"]
    # Windows end in rows 1 … 31; those that show row 5 are in no part.
    assert prepare(spec, settings, quiet).train.own_rows.tolist() == [1, 2, 3, 4, *range(7, 32)]


def test_targets_of_arrays_are_left_out(tmp_path, settings):
    x = np.arange(40, dtype=np.float32).reshape(10, 4)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(10) % 2)
    found = inspect(tmp_path / "x.npz", settings)
    assert (found.task, found.tasks[-1]) == (Task.BINARY, AGAIN)
    kept = stored(tmp_path / "x.npz", settings, task=AGAIN)
    assert (kept.facts.classes, kept.targets) == ((), None)
    prepared = prepare(proposal(kept.facts), settings, quiet)
    np.testing.assert_array_equal(prepared.train.y, x)
    assert sorted(
        row for part in ("train", "validation", "test") for row in getattr(prepared, part).own_rows
    ) == [*range(10)]


@pytest.mark.parametrize(
    ("arrays", "counts"),
    [
        ({"x": 6}, (6, 0)),
        ({"x_train": 4, "x_test": 2}, (4, 2)),
        ({"arr_0": 6}, (6, 0)),
        ({"spectra": 6}, (6, 0)),
    ],
)
def test_samples_without_targets_can_only_be_reconstructed(tmp_path, settings, arrays, counts):
    np.savez(tmp_path / "x.npz", **{name: np.ones((count, 3)) for name, count in arrays.items()})
    found = inspect(tmp_path / "x.npz", settings)
    assert (found.task, found.tasks, found.problem) == (AGAIN, (AGAIN,), None)
    facts = stored(tmp_path / "x.npz", settings).facts
    assert (facts.train_size, facts.test_size) == counts


def test_images_and_ratings_are_for_other_tasks(tmp_path, settings):
    for path in (colours(tmp_path / "x.zip", count=4), some_ratings(tmp_path / "r.csv")):
        with pytest.raises(DatasetError, match="data cannot be used for reconstruction"):
            stored(path, settings, task=AGAIN)


def test_the_exported_targets_are_the_inputs(tmp_path, settings):
    kept = stored(wave_series(tmp_path / "s.csv"), settings, task=AGAIN)
    export_arrays(proposal(kept.facts), settings, tmp_path / "out.npz", quiet)
    with np.load(tmp_path / "out.npz") as file:
        np.testing.assert_array_equal(file["x_test"].reshape(len(file["x_test"]), -1), file["y_test"])


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (48, 2), (101, 1)])
def test_models_give_back_as_much_as_they_are_given(shape):
    seen = Signature({"input": InputSpec(shape)}, shape[0] * shape[1])
    names = [one.name for one in templates_for(DataKind.SERIES, None, AGAIN)]
    assert names == ["autoencoder_conv", "autoencoder", "empty"]
    for one in templates_for(DataKind.SERIES, None, AGAIN)[:-1]:
        found = infer(one.build(seen), seen)
        assert found.problem is None
        assert found.output_shape == (shape[0] * shape[1],)


def test_models_of_other_tasks_are_not_offered(tmp_path, settings):
    kept = stored(people(tmp_path / "p.csv"), settings, task=AGAIN)
    with pytest.raises(SpecError, match="the template table_mlp is not for this kind of data"):
        proposal(kept.facts, "table_mlp")
    assert not any(one.reconstructs for one in templates_for(DataKind.TABLE))
