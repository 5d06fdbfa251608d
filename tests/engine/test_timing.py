"""Where the seconds of a training go is told stage by stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlcore.design.timing import Stage
from dlcore.engine.backend import Steps
from dlcore.engine.data import load
from dlcore.engine.entry import train, train_on
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.stopwatch import Stopwatch
from dlcore.settings import Settings
from tests.engine.conftest import StoppingHandle, small_spec

pytestmark = pytest.mark.keras

Folder = Callable[[str], Path]
STEPS = 15
"""240 training samples in batches of 16."""


def counts(handle: MemoryHandle) -> dict[str, int]:
    return {name: lap.count for name, lap in handle.timing.laps.items()}


def test_every_stage_is_counted_in_its_own_unit(folder: Folder, digits_settings: Settings) -> None:
    handle = MemoryHandle(folder("run"))
    train(small_spec(epochs=3), handle, settings=digits_settings)

    # The first batch was compiled: it is part of the start.
    expected = {"starting": 1, "steps.0": 3 * STEPS - 1, "validation": 3, "epochs": 3, "ending": 1}
    assert {name: count for name, count in counts(handle).items() if name != "data"} == expected
    assert all(lap.seconds > 0 for lap in handle.timing.laps.values())


def test_a_smaller_last_batch_is_compiled_for_itself_on_a_gpu() -> None:
    # Batches of 16, and last one of 8; what is noted of them needs no GPU.
    steps = Steps.__new__(Steps)
    steps._batch_size, steps._on_gpu, steps._trained = 16, True, set()

    def compiles(samples: int) -> bool:
        steps._note(samples)
        return steps.just_compiled

    assert [compiles(16), compiles(16), compiles(8), compiles(24), compiles(40)] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_compilation_is_no_part_of_steps_or_validations(
    folder: Folder, digits_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0.0

    def traced(name: str) -> None:
        """Lets a minute pass whenever a step is traced, and no time otherwise."""
        real = getattr(Steps, name)

        def slow(*arguments: Any) -> Any:
            nonlocal passed
            passed += 60.0
            return real(*arguments)

        monkeypatch.setattr(Steps, name, slow)

    traced("_train_one")
    traced("_evaluate_one")
    handle, spec = MemoryHandle(folder("run")), small_spec(epochs=3)
    data = load(spec, digits_settings, handle.log)
    train_on(data, spec, handle, stopwatch=Stopwatch(lambda: passed))

    seconds = {name: lap.seconds for name, lap in handle.timing.laps.items()}
    assert seconds.pop("starting") == passed >= 120.0
    assert set(seconds.values()) == {0.0}


def test_a_run_that_goes_on_counts_only_what_it_does(folder: Folder, digits_settings: Settings) -> None:
    path = folder("run")
    stopped = StoppingHandle(path, stop_at=STEPS)
    train(small_spec(epochs=3), stopped, settings=digits_settings)
    resumed = MemoryHandle(path)
    train(small_spec(epochs=3), resumed, settings=digits_settings)

    assert (counts(stopped)["steps.0"], counts(stopped)["epochs"]) == (STEPS - 1, 1)
    assert (counts(resumed)["steps.0"], counts(resumed)["epochs"]) == (2 * STEPS - 1, 2)
    both = stopped.timing + resumed.timing
    assert both.of(Stage.STARTING).count == 2
    assert both.of(Stage.STEPS).count == 3 * STEPS - 2


def test_data_counts_only_when_it_had_to_be_prepared(folder: Folder, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    spec = small_spec(epochs=1).with_values(
        {"preprocessing": [{"kind": "Resizing", "height": 8, "width": 8}, {"kind": "Rescaling"}]}
    )
    handles = [MemoryHandle(folder(name)) for name in ("first", "second")]
    for handle in handles:
        train(spec, handle, settings=settings)

    assert [handle.timing.of(Stage.DATA).count for handle in handles] == [1, 0]
