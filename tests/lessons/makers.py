"""Drafts, runs and searches written by hand, as a store would return them."""

from datetime import UTC, datetime

from dlcore.design.timing import Timing
from dlcore.queue.ready import example
from dlcore.records import Annotation, Draft, Run, RunState, Study, StudyState

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def spec_with(**values):
    """The example's spec as JSON, with some values: `training__epochs=3`."""
    return example().with_values({name.replace("__", "."): value for name, value in values.items()}).to_dict()


def draft(search=None, **values):
    spec = spec_with(**values)
    return Draft(
        id="d", owner="ann", spec=spec, updated_at=MOMENT, search=search or {}, name="", template="",
        dataset=spec["dataset"]["name"], number=1, became_id="", annotation=Annotation(),
    )  # fmt: skip


def run(state=RunState.COMPLETED, *, id="r", summary=None, spec=None, **values):
    return Run(
        id=id, name="", owner="ann", state=state, spec=spec or spec_with(**values), spec_hash="", epochs=5,
        epoch=0, step=0, steps=0, attempt=1, reason=None, stop_requested=False, prune_reason=None, device="",
        hardware="", workload={}, seconds=0.0, timing=Timing.from_dict({}), summary=summary or {},
        created_at=MOMENT, queued_at=MOMENT, started_at=None, first_batch_at=None, finished_at=None,
        heartbeat_at=None, parent_id=None, study_id=None, trial=None, template="", number=1,
        annotation=Annotation(),
    )  # fmt: skip


def study(state=StudyState.RUNNING, *, counts=None, space=None):
    return Study(
        id="s", name="", owner="ann", state=state, spec={"space": space or {}}, dataset="digits",
        metrics=("val_accuracy",), directions=("maximize",), parallel=0, max_trials=None, max_seconds=None,
        target=None, reason=None, counts=counts or {}, best=None, best_value=None, seconds=0.0, revision=0,
        created_at=MOMENT, finished_at=None, annotation=Annotation(),
    )  # fmt: skip
