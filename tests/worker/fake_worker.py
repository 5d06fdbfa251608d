"""A supervisor in a process of its own, whose runs are `fake_run`s: `python -m tests.worker.fake_worker`."""

import os
import signal

from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.placement import Slots
from dlcore.worker.supervisor import Supervisor

if __name__ == "__main__":
    settings = Settings()
    executor = ForkserverExecutor(
        "tests.worker.fake_run:main",
        job_target="tests.worker.fake_job:main",
        preload=["tests.worker.fake_run", "tests.worker.fake_job"],
        arguments=(settings,),
    )
    slots = Slots.of(settings.slots, 0)
    supervisor = Supervisor(
        Store.open(settings), settings, executor, slots, log=lambda line: print(line, flush=True)
    )
    if supervisor.acquire():
        signal.signal(signal.SIGTERM, lambda *_: supervisor.end())
        supervisor.run()
    os._exit(0)
