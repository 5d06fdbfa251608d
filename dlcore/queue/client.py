"""Searches from a notebook or a script, and waiting for runs and studies: the same calls as the pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dlcore.errors import N_, StateError
from dlcore.queue import ensure_worker
from dlcore.queue.studies import experiment_of, start
from dlcore.records import Run, Study, StudyState, Trial
from dlcore.search.spec import SearchSpec
from dlcore.settings import Settings
from dlcore.spec import ExperimentSpec
from dlcore.store import Store

LOOK_SECONDS = 0.2
KEEP_SECONDS = 2.0
"""How often it is made sure that a supervisor is alive."""


@dataclass(frozen=True)
class StudyResult:
    """A study and its results so far.

    Attributes:
        study: as it was when `search` returned.
        store: the store that holds it.
    """

    study: Study
    store: Store

    @property
    def trials(self) -> Sequence[Trial]:
        """All of its trials, by number."""
        return self.store.studies.trials(self.study.id)

    @property
    def best(self) -> Trial | None:
        """The best trial, if there is a single metric and a trial has completed."""
        number = self.store.studies.get(self.study.id).best
        return None if number is None else self.store.studies.trial(self.study.id, number)

    def trials_frame(self) -> pd.DataFrame:
        """Returns one row per trial: its number, state, values, parameters and times."""
        return trials_frame(self.study, self.trials)

    def experiment(self, trial: Trial | None = None) -> ExperimentSpec:
        """Returns the experiment of a trial, by default of the best.

        Raises:
            StateError: no trial has completed yet.
        """
        chosen = trial or self.best
        if chosen is None:
            raise StateError(
                N_("no trial has completed yet."), hint=N_("Wait, or name a trial."), where=self.study.id
            )
        return experiment_of(self.store, self.study, chosen)


def search(
    spec: SearchSpec | Mapping[str, Any] | str | Path,
    *,
    settings: Settings | None = None,
    name: str | None = None,
    wait: bool = True,
    **options: Any,
) -> StudyResult:
    """Starts a search and waits for its end.

    Args:
        spec: a search, its JSON object, or the path of its file.
        settings: where the store is; by default those of the environment.
        name: of the study.
        wait: whether to wait; otherwise the search continues in the background.
        **options: fields of `search:` that differ from the file, such as `max_trials=20`.

    Raises:
        SpecError: the search cannot be used.
    """
    chosen = read_search(spec, **options)
    here = settings or Settings.from_environment()
    store = Store.open(here)
    study = start(store, chosen, owner=here.owner, name=name)
    ensure_worker(here, store)
    if wait:
        study = follow_study(store, study, lambda study: None)
    return StudyResult(study, store)


def read_search(spec: SearchSpec | Mapping[str, Any] | str | Path, **options: Any) -> SearchSpec:
    """Returns a search from its file or its object, with some of its options changed."""
    if isinstance(spec, (str, Path)):
        spec = SearchSpec.load(Path(spec))
    elif not isinstance(spec, SearchSpec):
        spec = SearchSpec.from_dict(dict(spec))
    return spec.updated(search=spec.search.updated(**options)) if options else spec


def follow_run(store: Store, run_id: str, tell: Callable[[Run], None]) -> Run:
    """Waits until a run has ended, and keeps a supervisor alive meanwhile.

    Args:
        store: the store that holds it.
        run_id: which one.
        tell: is called with the run again and again.
    """
    checked = time.monotonic()
    while True:
        run = store.runs.get(run_id)
        tell(run)
        if run.state.final:
            return run
        if time.monotonic() - checked > KEEP_SECONDS:
            ensure_worker(store.settings, store)
            checked = time.monotonic()
        time.sleep(LOOK_SECONDS)


def follow_study(store: Store, study: Study, tell: Callable[[Study], None]) -> Study:
    """Waits until a study rests: completed, stopped, or paused with nothing asked of it.

    Args:
        store: where it is.
        study: which one.
        tell: is given the study again and again.
    """
    checked = time.monotonic()
    while True:
        study = store.studies.get(study.id)
        tell(study)
        if study.state is not StudyState.RUNNING and not store.studies.requests(study.id):
            return study
        if time.monotonic() - checked > KEEP_SECONDS:
            ensure_worker(store.settings, store)
            checked = time.monotonic()
        time.sleep(LOOK_SECONDS)


def trials_frame(study: Study, trials: Sequence[Trial]) -> pd.DataFrame:
    """Returns one row per trial: what it is, its values by metric, one column per parameter,
    and what was measured.
    """
    paths = list(dict.fromkeys(path for trial in trials for path in trial.params))
    measured = sorted({name for trial in trials for name in trial.measured} - set(study.metrics))
    rows = [
        {
            "number": trial.number,
            "state": trial.state.value,
            **dict(zip(study.metrics, trial.values, strict=False)),
            "bad": trial.bad,
            "violation": trial.violation,
            "origin": trial.origin.value,
            "epoch": trial.epoch,
            "seconds": trial.seconds,
            "started": trial.started_at and trial.started_at.isoformat(),
            "finished": trial.finished_at and trial.finished_at.isoformat(),
            "run": trial.run_id,
            "reason": trial.reason.text() if trial.reason else "",
            **{path: trial.params.get(path) for path in paths},
            **{f"measured.{name}": trial.measured.get(name) for name in measured},
        }
        for trial in trials
    ]
    # Named first, so that the columns stand in this order whatever the first trial lacks.
    columns = ["number", "state", *study.metrics] if rows else ["number", "state"]
    table = pd.DataFrame(rows)
    return table.reindex(columns=[*columns, *(name for name in table.columns if name not in columns)])
