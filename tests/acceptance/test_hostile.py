"""5,000 hostile files: none crashes ingestion, none leaves anything on the disk."""

import shutil
import time
from collections import Counter

import pytest

from tests.datasets import hostile
from tests.datasets.test_ingest_hostile import left, limited, taken_in

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1800)]

FILES = 5_000


def test_thousands_of_hostile_files_are_refused_or_stored_whole(tmp_path):
    settings = limited(tmp_path / "home")
    start = time.perf_counter()
    ends: Counter[str] = Counter()
    failed: list[str] = []
    for number, (name, data) in enumerate(hostile.mutants(FILES, seed=2)):
        path = tmp_path / name
        path.write_bytes(data)
        try:
            ends["refused" if taken_in(path, settings) is None else "stored"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
            failed.append(f"{number} {name}: {type(error).__name__}: {error}")
        if left(settings):
            failed.append(f"{number} {name}: left {left(settings)}")
        path.unlink()
        shutil.rmtree(settings.home, ignore_errors=True)  # what is stored would be looked through each time
    print(f"\n{FILES} files in {time.perf_counter() - start:.0f} s: {dict(ends)}, {len(failed)} failed")
    assert not failed, failed[:20]
    assert sum(ends.values()) == FILES
