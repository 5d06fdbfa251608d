"""What the forecast of a series starts from: the last value, unless its rows before the test part say otherwise."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.forecast_starts import best_start
from dlcore.datasets.ingest.intake import ingest
from dlcore.datasets.stored import open_stored
from dlcore.design.templates import proposal, template
from dlcore.spec.checks import model_data
from dlcore.spec.data import LAST_VALUE, ColumnRole, DataKind, DatasetFacts, ForecastStart

ROWS = 300
STEPS = np.arange(ROWS)
SLOW = 10 * np.sin(STEPS / 40)
ZIGZAG = SLOW + 3 * (-1.0) ** STEPS
"""Two rows in a row are off by as much, to either side: their mean is right, and each alone is wrong."""


def store(settings, path, header="day,level", roles=None, **columns):
    days = np.datetime64("2020-01-01") + STEPS
    rows = [",".join(map(str, row)) for row in zip(days, *columns.values(), strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return ingest(
        path, settings, Choices(name="series", kind=DataKind.SERIES, roles=roles or {}), owner="local"
    )


def windows(values, length):
    past = np.stack([values[place : place + length] for place in range(len(values) - length)])
    return past[..., None], values[length:, None]


def test_a_walk_starts_from_its_last_value():
    walk = np.random.default_rng(0).normal(size=ROWS).cumsum()
    assert best_start(*windows((walk - walk.mean()) / walk.std(), 20)) == LAST_VALUE


def test_what_jumps_to_and_fro_starts_from_its_mean():
    # The last value is always wrong by 2, the mean by 1.
    assert best_start(*windows((-1.0) ** STEPS, 6)) == ForecastStart(rows=1, share=0.0)


def test_a_value_that_comes_halfway_back_is_drawn_halfway_to_the_mean():
    noise, values = np.random.default_rng(0).normal(size=4_000), np.zeros(4_000)
    for row in range(1, len(values)):
        values[row] = 0.5 * values[row - 1] + noise[row]
    assert best_start(*windows(values / values.std(), 1)) == ForecastStart(rows=1, share=0.5)


def test_a_gain_by_chance_is_none():
    # In half of the blocks the last value is right, in the others the mean of the last two.
    past = np.tile([-1.0, 1.0], (200, 1))[..., None]
    assert best_start(past, np.repeat([0.0, 1.0], 100)[:, None]) == LAST_VALUE


def test_a_stored_series_knows_where_its_forecast_starts(tmp_path, settings):
    kept = store(settings, tmp_path / "x.csv", level=ZIGZAG)
    assert kept.facts.forecast_start == ForecastStart(rows=2, share=1.0)
    said = [note.text() for note in kept.assumed]
    assert (
        "forecasts start from the mean of the last 2 rows: outside the test part, it was clearly nearer to the next"
        " value than the last one. To start elsewhere, change the model's layers: last_rows." in said
    )
    assert open_stored("series", settings).facts.forecast_start == kept.facts.forecast_start


def test_what_tests_it_is_not_looked_at(tmp_path, settings):
    tested = STEPS >= 0.8 * ROWS
    one = store(settings, tmp_path / "one.csv", level=np.where(tested, SLOW, ZIGZAG))
    other = store(settings, tmp_path / "other.csv", level=np.where(tested, ZIGZAG, SLOW))
    assert one.facts.forecast_start == ForecastStart(rows=2, share=1.0)
    assert other.facts.forecast_start == LAST_VALUE


def test_its_own_test_part_is_not_looked_at(tmp_path, settings):
    tested = STEPS >= 0.5 * ROWS
    parts = np.where(tested, "test", "train")
    kept = store(
        settings,
        tmp_path / "x.csv",
        "day,level,split",
        {"split": ColumnRole.PART},
        level=np.where(tested, ZIGZAG, SLOW),
        split=parts,
    )
    assert kept.facts.test_size == ROWS / 2
    assert kept.facts.forecast_start == LAST_VALUE


def test_rows_are_taken_in_the_order_of_time(tmp_path, settings):
    order = np.random.default_rng(0).permutation(ROWS)
    days = (np.datetime64("2020-01-01") + STEPS)[order]
    rows = [f"{day},{level}" for day, level in zip(days, ZIGZAG[order], strict=True)]
    (tmp_path / "x.csv").write_text("\n".join(["day,level", *rows]))
    kept = ingest(tmp_path / "x.csv", settings, Choices(name="x", kind=DataKind.SERIES), owner="local")
    assert kept.facts.forecast_start == ForecastStart(rows=2, share=1.0)


def test_a_missing_value_is_the_one_before(tmp_path, settings):
    # A value that is gone until the next level is known by the last row, and by nothing else.
    levels = np.repeat(np.random.default_rng(0).normal(size=ROWS // 5), 5).round(4)
    holes = ["" if place % 5 else str(level) for place, level in enumerate(levels)]
    whole = store(settings, tmp_path / "whole.csv", level=levels)
    kept = store(settings, tmp_path / "holes.csv", level=holes)
    assert kept.facts.columns_of(ColumnRole.TARGET)[0].missing == ROWS * 4 / 5
    assert kept.facts.forecast_start == whole.facts.forecast_start


def test_several_series_are_not_mixed(tmp_path, settings):
    days = np.datetime64("2020-01-01") + STEPS
    # Row by row, one series would jump between the two levels.
    rows = [
        f"{day},{shop},{value + height:.4f}"
        for day, value in zip(days, SLOW, strict=True)
        for shop, height in (("a", 0), ("b", 50))
    ]
    (tmp_path / "x.csv").write_text("day,shop,level\n" + "\n".join(rows))
    kept = ingest(tmp_path / "x.csv", settings, Choices(name="panel"), owner="local")
    assert kept.facts.has_groups
    assert kept.facts.forecast_start == LAST_VALUE


def test_a_dataset_that_was_stored_before_starts_from_its_last_value(tmp_path, settings):
    facts = store(settings, tmp_path / "x.csv", level=ZIGZAG).facts
    written = json.loads(json.dumps(facts.to_dict()))
    assert DatasetFacts.from_dict(written) == facts
    del written["forecast_start"]
    assert DatasetFacts.from_dict(written) == replace(facts, forecast_start=LAST_VALUE)


@pytest.mark.parametrize(
    ("start", "layers"),
    [
        (ForecastStart(), {"last_row": (-1, 0)}),
        (ForecastStart(3), {"last_rows": (-3, 0), "level": True}),
        (ForecastStart(3, 0.8), {"last_rows": (-3, 0), "level": True, "towards_mean": 0.8}),
        (ForecastStart(1, 0.2), {"last_row": (-1, 0), "towards_mean": 0.2}),
    ],
)
def test_the_templates_start_there(tmp_path, settings, start, layers):
    facts = replace(store(settings, tmp_path / "x.csv", level=SLOW).facts, forecast_start=start)
    for name in ("series_mlp", "series_conv1d", "series_lstm"):
        found = {layer.name: layer for layer in proposal(facts, name).model.layers}
        said = {"cropping", "keepdims", "scale"}
        given = {
            name: getattr(found[name], field)
            for name in ("last_row", "last_rows", "level", "towards_mean")
            if name in found
            for field in said & type(found[name]).model_fields.keys()
        }
        assert given == layers
        assert len(template(name).notes(facts)) == (start != LAST_VALUE)


def test_nothing_is_drawn_to_a_mean_that_is_not_zero(tmp_path, settings):
    facts = replace(
        store(settings, tmp_path / "x.csv", level=SLOW).facts, forecast_start=ForecastStart(3, 0.8)
    )
    spec = proposal(facts)
    assert model_data(spec, facts).start == ForecastStart(3, 0.8)
    plain = spec.updated(preprocessing=spec.preprocessing[:1])
    assert model_data(plain, facts).start == ForecastStart(3, 1.0)
