"""A job process that computes nothing: its arguments say how it ends."""

import os
import time

from dlcore.errors import Message
from dlcore.settings import Settings
from dlcore.store import Store


def main(settings: Settings, job_id: str, attempt: int) -> None:
    store = Store.open(settings)
    job = store.jobs.get(job_id)
    with (settings.home / "jobs.txt").open("a") as file:
        file.write(f"{job_id} {attempt} {os.getpid()} {os.environ['CUDA_VISIBLE_DEVICES']}\n")
    time.sleep(job.arguments.get("seconds", 0.0))
    if job.what == "crash":
        os._exit(3)
    reason = Message("it cannot be done.") if job.what == "fail" else None
    store.jobs.finish(job_id, attempt, reason)
