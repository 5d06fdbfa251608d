"""A supervisor in a process of its own, whose runs are `fake_run`s: `python -m tests.worker.fake_worker`.

FAKE_VERSION says which version it is.
"""

import os
import signal
from dataclasses import replace

from dlcore.queue import hand_over
from dlcore.queue.slots import Slots
from dlcore.settings import Settings
from dlcore.store import PROGRAM, Store
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.leaving import leave
from dlcore.worker.supervisor import Supervisor
from tests.worker.fake_job import fake_jobs

PRELOAD = ("tests.worker.fake_run", "tests.worker.fake_job")

if __name__ == "__main__":
    settings = Settings()
    executor = ForkserverExecutor(
        "tests.worker.fake_run:main",
        job_target="tests.worker.fake_job:main",
        preload=PRELOAD,
        settings=settings,
    )
    slots = Slots.of(settings.slots, 0)
    store = Store.open(settings)

    def log(line: str) -> None:
        print(line, flush=True)

    # From the same forkserver: a nursery would import all of it once more.
    what = "tests.worker.fake_job:main"
    light = ForkserverExecutor(what, job_target=what, preload=PRELOAD, settings=settings)
    jobs = fake_jobs(store, executor, light, log=log)
    program = replace(PROGRAM, version=os.environ.get("FAKE_VERSION", PROGRAM.version))
    supervisor = Supervisor(store, settings, executor, slots, jobs, log=log, program=program)
    if supervisor.acquire():
        signal.signal(signal.SIGTERM, lambda *_: supervisor.end())
        if not supervisor.run():
            hand_over(settings, store)
    leave()
