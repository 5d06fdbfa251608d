"""The numbers of a run from which it is diagnosed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcore.diagnosis.gathering import observe
from dlcore.diagnosis.observation import Observation
from dlcore.records import Axis, Run, RunState
from dlcore.records.alerts import AlertKind, ending
from dlcore.spec.data import DatasetFacts
from dlcore.spec.experiment import ExperimentSpec
from dlcore.store.run_files import read_evaluation

if TYPE_CHECKING:
    from dlcore.store import Store


def observe_run(store: Store, run: Run, facts: DatasetFacts | None) -> Observation:
    """Returns what is known of a run now.

    Args:
        store: where it is.
        run: which one.
        facts: of its dataset, where they are known.

    Raises:
        SpecError: another version wrote a spec that this one refuses.
        DamagedArtifactError: its evaluation makes no sense.
    """
    lost = [sign.epoch for sign in ending(run) if sign.kind is AlertKind.NAN]
    points = {**store.metrics.points(run.id, Axis.EPOCH), **store.metrics.points(run.id, Axis.PROBE)}
    return observe(
        points,
        ExperimentSpec.from_dict(run.spec),
        epochs=run.epochs,
        final=run.state.final,
        complete=run.state is RunState.COMPLETED,
        diverged_at=lost[0] if lost else None,
        evaluation=read_evaluation(store.artifacts.results(run.id)) if run.state.final else None,
        facts=facts,
    )
