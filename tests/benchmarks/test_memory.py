"""Storing a table takes memory that does not grow with the table."""

import numpy as np
import pytest

from benchmarks.memory import measure, write_table

pytestmark = pytest.mark.processes


def test_the_table_of_the_benchmark_has_the_size_that_was_asked_for(tmp_path):
    write_table(tmp_path / "x.csv", 3_000_000)
    assert 3_000_000 <= (tmp_path / "x.csv").stat().st_size < 6_000_000


def test_what_the_process_that_asks_holds_does_not_count():
    held = np.ones(500_000_000, np.uint8)
    found = measure(1_000_000)
    assert found.base_mb < 400 < held.nbytes / 1e6
    assert found.base_mb < found.peak_mb


def test_memory_does_not_grow_with_the_word_vectors_that_are_stored():
    small, large = measure(20_000_000, ".vec"), measure(120_000_000, ".vec")
    assert large.rows > 5 * small.rows
    # If all numbers were held, 100 MB more of text would take 50 MB as float32, and ten times that as lists.
    assert large.peak_mb - small.peak_mb < 40


def test_memory_does_not_grow_with_the_table_that_is_stored():
    # From 30 MB on nothing grows any more: the cells that are kept in memory are as many as may be.
    small, large = measure(30_000_000), measure(55_000_000)
    assert large.rows > 1.7 * small.rows
    # If all cells of a table and its columns were held, 25 MB more would take 175 MB.
    assert large.peak_mb - small.peak_mb < 70
