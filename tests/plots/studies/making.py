"""Studies and trials in few words."""

from datetime import UTC, datetime, timedelta

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from dlcore.plots.studies import Goal
from dlcore.records import Annotation, Origin, Study, StudyState, Trial, TrialState

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOSS = Goal("Loss", "minimize")
ACCURACY = Goal("Accuracy", "maximize")

RATE, OPTIMIZER = "training.optimizer.learning_rate", "training.optimizer"
MOMENTUM, FILTERS = "training.optimizer.momentum", "model.layers[conv2d].filters"
SPACE = {
    RATE: FloatDistribution(1e-4, 1e-1, log=True),
    OPTIMIZER: CategoricalDistribution(("SGD", "Adam")),
    MOMENTUM: FloatDistribution(0.0, 1.0),
    FILTERS: IntDistribution(8, 64),
}
COMPLETE, PRUNED, RUNNING, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.FAIL


def trial(
    number,
    *values,
    state=COMPLETE,
    params=None,
    bad=False,
    violation=0.0,
    measured=None,
    start=None,
    end=None,
):
    """A trial; `start` and `end` are seconds after START."""
    return Trial(
        study_id="s",
        number=number,
        state=state,
        params=params or {},
        values=tuple(values),
        reason=None,
        measured=measured or {},
        violation=violation,
        run_id=f"run{number}",
        epoch=0,
        bad=bad,
        origin=Origin.SAMPLED,
        retries=0,
        created_at=START,
        started_at=None if start is None else START + timedelta(seconds=start),
        finished_at=None if end is None else START + timedelta(seconds=end),
        revision=0,
    )


def study(metrics=("val_loss",), directions=("minimize",)):
    return Study(
        annotation=Annotation(),
        id="s",
        name="A study",
        owner="",
        state=StudyState.RUNNING,
        spec={},
        dataset="digits",
        metrics=metrics,
        directions=directions,
        parallel=1,
        max_trials=None,
        max_seconds=None,
        target=None,
        reason=None,
        counts={},
        best=None,
        best_value=None,
        seconds=0.0,
        revision=0,
        created_at=START,
        finished_at=None,
    )


def conditional(number, value, *, rate=0.01, momentum=None, filters=16, **more):
    """A trial that has a momentum only with SGD."""
    params = {RATE: rate, OPTIMIZER: "Adam" if momentum is None else "SGD", FILTERS: filters}
    if momentum is not None:
        params[MOMENTUM] = momentum
    return trial(number, value, params=params, **more)
