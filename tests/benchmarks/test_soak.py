"""What a soak calls growth, and what it calls a file that is left."""

import random

import pytest

from benchmarks.soak import files_in, in_memory
from benchmarks.steadiness import LEAST_WARM_UP, Measure, Member, growth_of

MINUTES = range(600)
"""Ten of them, a look each second."""


def after(measure, values):
    """Returns what is wrong with a process of which this was seen."""
    member = Member("app", None)
    member.moments = [float(moment) for moment in MINUTES]
    flat = [10.0 for _ in MINUTES]
    member.values = {one: list(values) if one is measure else flat for one in Measure}
    return member.faults()


def noisy(values):
    draw = random.Random(3)
    return [value + draw.gauss(0, 3) for value in values]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(noisy(200.0 for _ in MINUTES), id="noise"),
        pytest.param([200.0 + 60 * min(1, moment / LEAST_WARM_UP) for moment in MINUTES], id="warm-up"),
        pytest.param([200.0 + 90 * (moment % 40 == 0) for moment in MINUTES], id="peaks"),
        pytest.param([200.0 - moment / 10 for moment in MINUTES], id="less"),
    ],
)
def test_what_is_flat_after_the_warm_up_has_not_grown(values):
    assert after(Measure.MEMORY, values) == []


def test_a_leak_is_seen_through_noise():
    leak = noisy(200.0 + 20 * moment / 600 for moment in MINUTES)
    (fault,) = after(Measure.MEMORY, leak)
    assert fault.startswith("app: memory (MB) grew by 12.")
    assert after(Measure.FILES, [20.0 + moment // 50 for moment in MINUTES]) == [
        "app: open files grew by 7.8 from 24.0"
    ]


def test_a_process_that_has_ended_is_at_fault():
    member = Member("nursery", None)
    member.has_ended = True
    assert member.faults() == ["nursery has ended"]


def test_too_few_looks_say_nothing():
    assert growth_of([0.0], [5.0]) == (5.0, 5.0, 0.0)
    assert Member("app", None).faults() == []


def test_files_that_belong_to_a_home_at_rest_are_not_left(tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    own = (
        "store.sqlite", "store.sqlite-wal", "worker.log", "secret.key", "audit.jsonl", "prepared/digits.json",
        "confined/ab12/prepared/x.npy", "confined/ab12/baselines/y.json",
    )  # fmt: skip
    left = (
        "runs/1234/model.keras", "confined/ab12/home-3/tmp/errors.txt", "jobs/.5.1/x", "note.part",
    )  # fmt: skip
    for name in (*own, *left):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    (temporary / "pymp-1").mkdir(parents=True)
    found = {path.removeprefix(f"{tmp_path}/") for path in files_in(home, temporary)}
    assert found == {
        *(f"home/{name}" for name in left), "home/runs/1234", "home/jobs/.5.1", "tmp/pymp-1",
    }  # fmt: skip
    assert "/dev/shm" not in in_memory()
