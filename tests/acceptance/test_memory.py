"""The memory that a large table takes, and a large file of word vectors."""

import pytest

from benchmarks.memory import TARGET_MB, measure

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(3_600)]


def test_a_csv_of_two_gigabytes_is_stored_within_its_memory():
    found = measure(2 * 10**9)
    print(f"\n{found}")
    assert found.rows > 20_000_000
    assert found.peak_mb < TARGET_MB


def test_word_vectors_of_a_gigabyte_are_stored_within_the_same_memory():
    found = measure(10**9, ".vec")
    print(f"\n{found}")
    assert found.rows > 300_000
    assert found.peak_mb < TARGET_MB
