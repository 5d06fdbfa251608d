"""Times of a series that come again or are missing, and what is carried forward into the gaps."""

import numpy as np
import pytest

from dlcore.datasets.clean.cleaning import clean, preview_cleaning, repair_values
from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.ingest.intake import inspect
from dlcore.datasets.prepare.preparation import prepare
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.cleaning import cleaned_facts
from dlcore.spec.data import ColumnRole, DataKind

from .makers import people, samples, stored

NONE = np.array([], np.int64)


def steps(*rows):
    return ExperimentSpec.from_dict({"dataset": {"cleaning": list(rows)}}).dataset.cleaning


def series(path, settings, lines, header="day,a,b", **choices):
    path.write_text("\n".join([header, *lines]) + "\n")
    return stored(path, settings, kind=DataKind.SERIES, **choices)


def days(found):
    return ((np.asarray(found.times()) - 1704067200) / 86_400).tolist()  # from 2024-01-01


@pytest.fixture
def uneven(tmp_path, settings):
    """Day 2 comes twice, days 4 to 6 are missing; the rows are not in the order of time."""
    lines = [
        "2024-01-07,7,70",
        "2024-01-01,1,10",
        "2024-01-02,2,20",
        "2024-01-02,4,30",
        "2024-01-03,3,30",
        "2024-01-08,8,80",
    ]
    series(tmp_path / "x.csv", settings, lines)
    return samples(settings)


def test_rows_of_one_time_become_their_mean(uneven):
    done = clean(uneven, steps({"kind": "RegularTimes", "gaps": "leave"}))
    assert days(done.samples) == [0, 1, 2, 6, 7]
    assert done.samples.column("a").tolist() == [1, 3, 3, 7, 8]
    assert done.samples.column("b").tolist() == [10, 25, 30, 70, 80]
    assert done.samples.rows.tolist() == [1, 2, 4, 0, 5]
    assert (done.changes[0].removed, done.changes[0].changed) == (1, 0)
    assert done.changes[0].examples == ("2024-01-02 00:00:00",)


def test_or_the_first_of_them_stays_or_all_do(uneven):
    first = clean(uneven, steps({"kind": "RegularTimes", "repeated": "first", "gaps": "leave"})).samples
    assert first.column("a").tolist() == [1, 2, 3, 7, 8]
    kept = clean(uneven, steps({"kind": "RegularTimes", "repeated": "keep", "gaps": "leave"})).samples
    assert kept.column("a").tolist() == [1, 2, 4, 3, 7, 8]


def test_missing_times_become_rows_without_values(uneven):
    done = clean(uneven, steps("RegularTimes"))
    assert days(done.samples) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert done.samples.column("a").tolist()[:3] == [1, 3, 3]
    assert done.samples.column("a").isna().tolist() == [False] * 3 + [True] * 3 + [False] * 2
    assert (done.changes[0].removed, done.changes[0].changed) == (1, 3)
    assert done.changes[0].examples == ("2024-01-02 00:00:00", "2024-01-03 00:00:00 + 3")


def test_months_are_regular_though_their_lengths_differ(tmp_path, settings):
    months = [f"2023-{month:02}-01,{month},1" for month in (1, 2, 3, 4, 5, 7, 8, 9)]
    series(tmp_path / "x.csv", settings, [*months, "2023-10-01,10,2"])
    filled = clean(samples(settings), steps("RegularTimes")).samples
    assert len(filled) == 10
    assert np.flatnonzero(filled.column("a").isna()).tolist() == [5]


def test_each_of_several_series_has_its_own_times(tmp_path, settings):
    lines = [f"2024-01-{day:02},{name},{day}" for day in range(1, 11) for name in "pq"]
    # Of p the third day is missing, of q the sixth comes twice; q begins on the second.
    lines = [line for line in lines if line not in ("2024-01-03,p,3", "2024-01-01,q,1")]
    lines.append("2024-01-06,q,8")
    group = {"name": ColumnRole.GROUP}
    series(tmp_path / "x.csv", settings, lines, header="day,name,a", roles=group)
    found = clean(samples(settings), steps("RegularTimes")).samples
    assert found.groups().tolist() == ["p"] * 10 + ["q"] * 9
    assert days(found) == [*range(10), *range(1, 10)]
    assert np.flatnonzero(found.column("a").isna()).tolist() == [2]
    assert found.column("a").tolist()[10:] == [2, 3, 4, 5, 7, 7, 8, 9, 10]


def test_a_wrong_clock_does_not_fill_the_memory(tmp_path, settings):
    series(
        tmp_path / "x.csv", settings, ["2024-01-01,1,1", "2024-01-02,2,2", "2024-01-03,3,3", "2999-01-01,4,4"]
    )
    with pytest.raises(
        DatasetError, match=r"dataset\.cleaning: too many rows are missing from the series: 3\d+, beside 4"
    ):
        clean(samples(settings), steps("RegularTimes"))


def test_the_last_known_value_is_carried_forward_and_never_back(tmp_path, settings):
    lines = ["1,,10", "2,2,20", "3,,30", "4,,40", "5,5,50", "6,,60"]
    series(tmp_path / "x.csv", settings, lines, header="step,a,b", roles={"step": ColumnRole.TIME})
    division = Division(np.array([0, 1, 2, 3]), NONE, np.array([4, 5]))
    done = repair_values(
        samples(settings), division, steps({"kind": "MissingValues", "strategy": "previous"})
    )
    # Before the first known value there is only the training part's median.
    assert done.samples.column("a").tolist() == [2, 2, 2, 2, 5, 5]
    assert done.changes[0].changed == 4
    assert done.changes[0].examples == ("a: 3 × ←", "a: 1 × 2")


def test_nothing_is_carried_from_one_series_into_another(tmp_path, settings):
    lines = ["1,p,1,1", "1,q,,2", "2,p,3,3", "2,q,,4", "3,p,,5", "3,q,9,6"]
    chosen = {"step": ColumnRole.TIME, "name": ColumnRole.GROUP}
    series(tmp_path / "x.csv", settings, lines, header="step,name,a,b", roles=chosen)
    division = Division(np.arange(4), NONE, np.array([4, 5]))
    done = repair_values(
        samples(settings), division, steps({"kind": "MissingValues", "strategy": "previous"})
    )
    # The median of 1 and 3, which train, is 2.
    assert done.samples.column("a").tolist() == [1, 2, 3, 2, 3, 9]


def test_a_value_that_tests_is_not_carried_into_what_trains(tmp_path, settings):
    """Where the dataset itself puts its test part first."""
    lines = ["1,1,1", "2,100,2", "3,,3", "4,4,4", "5,,5"]
    series(tmp_path / "x.csv", settings, lines, header="step,a,b", roles={"step": ColumnRole.TIME})
    division = Division(np.array([2, 3, 4]), NONE, np.array([0, 1]))
    done = repair_values(
        samples(settings), division, steps({"kind": "MissingValues", "strategy": "previous"})
    )
    assert done.samples.column("a").tolist() == [1, 100, 4, 4, 4]


def test_rows_that_were_added_are_seen_but_never_asked_for(tmp_path, settings):
    lines = [f"2024-01-{day:02},{day},{day * 10}" for day in range(1, 29) if day not in (5, 6)]
    kept = series(tmp_path / "x.csv", settings, lines)
    spec = proposal(kept.facts).with_values(
        {
            "dataset.cleaning": ["RegularTimes", {"kind": "MissingValues", "strategy": "previous"}],
            "preprocessing": [{"kind": "Windows", "sequence_length": 2}],
        }
    )
    assert check(spec, kept.facts).problem is None
    train = prepare(spec, settings, lambda *told: None).train
    assert train.labels.ravel().tolist()[:4] == [30, 40, 70, 80]
    # Day 7 is asked for after days 5 and 6, which repeat day 4; day 8 after 6 and 7.
    assert train.inputs["input"][train.indices][2:4, :, 0].tolist() == [[4, 4], [4, 7]]


def test_what_regular_times_would_change_is_shown_before(uneven):
    spec = ExperimentSpec.from_dict({"dataset": {"cleaning": ["MissingValues", "RegularTimes"]}}).dataset
    changes = preview_cleaning(uneven, spec, seed=0)
    assert [(one.kind, one.removed, one.changed) for one in changes] == [
        ("MissingValues", 0, 6), ("RegularTimes", 1, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"kind": "MissingValues", "strategy": "previous"}, "only a series has a previous value"),
        ("RegularTimes", "cannot be applied to this kind of data"),
    ],
)
def test_a_table_has_no_times_of_its_own(tmp_path, settings, step, message):
    kept = stored(people(tmp_path / "p.csv"), settings)
    with pytest.raises(SpecError, match=message):
        cleaned_facts(kept.facts, steps(step))


def test_a_series_without_times_cannot_be_made_regular(tmp_path, settings):
    kept = series(tmp_path / "x.csv", settings, [f"{n},{n * 2}" for n in range(30)], header="a,b")
    with pytest.raises(SpecError, match="the series has no column of times"):
        cleaned_facts(kept.facts, steps("RegularTimes"))


@pytest.mark.parametrize(
    ("form", "zone"),
    [
        ("2024-10-27 0{hour}:{minute}:00{zone}", ("+02:00", "+01:00")),
        ("2024-10-27T0{hour}:{minute}{zone}", ("+0200", "+0100")),
        ("27.10.2024 0{hour}:{minute} {zone}", ("+0200", "+0100")),
        ("10/27/2024 0{hour}:{minute}:00 {zone}", ("+02:00", "+01:00")),
    ],
)
def test_the_hour_that_comes_twice_is_read_by_its_offset(tmp_path, settings, form, zone):
    summer = [(hour, minute, zone[0]) for hour in (1, 2) for minute in ("00", "30")]
    winter = [(hour, minute, zone[1]) for hour in (2, 3) for minute in ("00", "30")]
    lines = [
        f"{form.format(hour=h, minute=m, zone=z)},{n},{n}" for n, (h, m, z) in enumerate([*summer, *winter])
    ]
    path = tmp_path / "x.csv"
    path.write_text("\n".join(["when,a,b", *lines]) + "\n")
    found = inspect(path, settings)
    assert found.kind is DataKind.SERIES
    assert [warning.text() for warning in found.warnings] == []
    assert "column when has offsets from UTC: its times are kept in UTC." in [n.text() for n in found.notes]
    times = stored(path, settings).times
    # 01:00 in summer is 23:00 UTC of the day before.
    assert times[0] == 1729983600
    assert np.diff(times).tolist() == [1800] * 7
