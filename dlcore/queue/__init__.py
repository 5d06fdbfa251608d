"""Requests: submit, stop, resume, delete; jobs, studies and the start of a supervisor."""

from dlcore.queue.annotations import annotate
from dlcore.queue.datasets import remove_dataset
from dlcore.queue.drafts import sweep_drafts
from dlcore.queue.jobs import cancel_job
from dlcore.queue.requests import (
    delete,
    place_for,
    position,
    queue_length,
    request_stop,
    resume,
    submit,
)
from dlcore.queue.seeds import repeat_run
from dlcore.queue.start import ensure_worker, hand_over, worker_alive

__all__ = [
    "annotate",
    "cancel_job",
    "delete",
    "ensure_worker",
    "hand_over",
    "place_for",
    "position",
    "queue_length",
    "remove_dataset",
    "repeat_run",
    "request_stop",
    "resume",
    "submit",
    "sweep_drafts",
    "worker_alive",
]
