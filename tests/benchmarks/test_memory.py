"""Storing a table takes memory that does not grow with the table."""

import pytest

from benchmarks.memory import measure, write_table

pytestmark = pytest.mark.processes


def test_the_table_of_the_benchmark_has_the_size_that_was_asked_for(tmp_path):
    write_table(tmp_path / "x.csv", 3_000_000)
    assert 3_000_000 <= (tmp_path / "x.csv").stat().st_size < 6_000_000


def test_memory_does_not_grow_with_the_table_that_is_stored():
    small, large = measure(15_000_000), measure(55_000_000)
    assert large.rows > 3 * small.rows
    # The cells of 40 MB more as texts of Python are 240 MB, packed they are 60 MB and more.
    assert large.peak_mb - small.peak_mb < 60
