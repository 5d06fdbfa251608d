"""A job process that computes nothing: its name says how it ends, `patient` when the test has seen enough."""

import os
import time

from dlcore.errors import Message
from dlcore.settings import Settings
from dlcore.store import Store
from tests.worker.fake_run import is_enough


def main(settings: Settings, job_id: str, attempt: int) -> None:
    store = Store.open(settings)
    job = store.jobs.get(job_id)
    with (settings.home / "jobs.txt").open("a") as file:
        file.write(f"{job_id} {attempt} {os.getpid()} {os.environ['CUDA_VISIBLE_DEVICES']}\n")
    while job.what == "patient" and not is_enough(settings.home):
        time.sleep(0.02)
    if job.what == "crash":
        os._exit(3)
    reason = Message("it cannot be done.") if job.what == "fail" else None
    store.jobs.finish(job_id, attempt, reason)
