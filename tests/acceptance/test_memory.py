"""The memory that a large table takes."""

import pytest

from benchmarks.memory import TARGET_MB, measure

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(3_600)]


def test_a_csv_of_two_gigabytes_is_stored_within_its_memory():
    found = measure(2 * 10**9)
    print(f"\n{found}")
    assert found.rows > 20_000_000
    assert found.peak_mb < TARGET_MB
