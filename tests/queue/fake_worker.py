"""A supervisor in a process of its own, whose runs are `fake_run`s: `python -m tests.queue.fake_worker`."""

import os
import signal

from dlcore.queue.executor import ForkserverExecutor
from dlcore.queue.placement import Slots
from dlcore.queue.supervisor import Supervisor
from dlcore.settings import Settings
from dlcore.store import Store

if __name__ == "__main__":
    settings = Settings()
    executor = ForkserverExecutor(
        "tests.queue.fake_run:main",
        job_target="tests.queue.fake_job:main",
        preload=["tests.queue.fake_run", "tests.queue.fake_job"],
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
