"""What all tests share: clean surroundings, a home of their own, the real data where it is at hand."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

from dlcore.settings import Settings
from dlcore.store import Store
from tests.ports import reserved_port

# At import time: before any test imports Keras or makes settings.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
# Whether XLA can compile a network is what matters here; how fast it then is costs a third of these tests' time.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"
for name in [name for name in os.environ if name.startswith("DLCORE_")]:
    del os.environ[name]

IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
"""Bytes that the files of tests may need at a time."""

# Half of what a test of a store takes is waiting until the disk has what was written.
if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM < psutil.virtual_memory().available / 2:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = ROOT.parent / "shared" / "data"

LONGEST = (
    "e2e/test_supervised.py", "queue/test_start.py", "processes/test_run.py",
    "engine/test_layers_contract.py", "e2e/test_document.py", "e2e/test_compare.py",
    "e2e/test_careless_people.py", "benchmarks/test_memory.py", "worker/studies/test_kills.py",
    "engine/test_resume.py", "e2e/test_looks.py", "worker/studies/test_contract.py",
    "engine/test_backbones.py", "ui/test_untouched.py", "e2e/test_study.py", "e2e/test_upload.py",
    "ui/test_upload_page.py", "e2e/test_forms.py", "worker/test_no_fork.py", "worker/test_kills.py",
    "e2e/test_layout.py", "engine/test_fine_tuning.py", "engine/test_predictor.py",
    "e2e/test_plain_text.py", "ui/test_lists.py", "e2e/test_dialogs.py", "e2e/test_charts.py",
    "engine/test_network_views.py", "engine/test_adapting.py", "store/test_filters.py",
    "engine/test_applications.py", "ui/test_search_page.py", "engine/test_keras_import.py",
    "exports/test_formats.py", "engine/test_explanations.py", "design/test_code_of_own_data.py",
    "design/test_code.py", "e2e/test_trying.py", "ui/test_drafts.py", "ui/test_pages.py",
    "store/test_run_archive.py", "datasets/test_ingest_hostile.py", "engine/test_kinds.py",
    "engine/test_tables.py", "worker/studies/test_driver.py", "engine/test_augmentation_contract.py",
    "worker/test_executor.py", "mutants/test_trial.py", "test_package.py", "engine/test_start.py",
    "e2e/test_watching.py", "worker/test_hostile_files.py", "e2e/test_sharing.py",
)  # fmt: skip
"""The files that take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what drives a browser, and begins with the longest files, so that no worker is left alone with one."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    places = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Spares what is imported by now: to look for garbage in it takes a fifth of the light tests' time."""
    gc.collect()
    gc.freeze()


hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page puts itself in the place of `__main__`, which spawned processes begin with: undone after each test."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose every folder lies in the test's own."""
    return Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """A fresh store."""
    opened = Store.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port of this test's own."""
    with reserved_port() as port:
        yield port


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; the test is skipped where there is none."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"needs real data, and {REAL_DATA} is absent")
    return REAL_DATA
