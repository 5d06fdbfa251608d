"""The command that supervises: it places what is queued, and all that works in the background comes from it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import typer

from dlcore import queue
from dlcore.cli.terminal import err, open_store, plain_errors
from dlcore.confinement import graphics
from dlcore.errors import StoreError
from dlcore.log_lines import line_printer
from dlcore.processes.jobs import JOBS
from dlcore.queue.devices import gpus
from dlcore.queue.slots import slots_here
from dlcore.records import Worker
from dlcore.settings import Mode, Settings
from dlcore.store import PROGRAM, Store
from dlcore.worker.alerts import AlertWatch
from dlcore.worker.companions import Companions
from dlcore.worker.executors.choice import executors_here
from dlcore.worker.jobs import JobRunner
from dlcore.worker.leaving import leave
from dlcore.worker.studies.driver import StudyDriver
from dlcore.worker.studies.limits import this_machine
from dlcore.worker.supervisor import Supervisor
from dlcore.worker.webhook import Webhook


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(worker)


def worker() -> None:
    """Supervises the queue until it is stopped; one per store."""
    with plain_errors() as closing:
        settings, store = open_store(closing)
        log = line_printer("dlcore.worker", as_json=settings.log_format == "json")
        # For all processes that come from here: Keras' backend, and no chatter in the log.
        os.environ.update({"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"})
        if settings.mode is not Mode.LOCAL and gpus():
            os.environ.update(graphics.environment())
        executor, light = executors_here(settings)
        slots = slots_here(settings)
        driver = StudyDriver(store, this_machine(slots.total), log=log)
        send = Webhook(settings.webhook_url, log=log).send if settings.webhook_url else None
        companions = Companions(driver, AlertWatch(store, send=send, log=log))
        jobs = JobRunner(store, JOBS, executor, light, log=log)
        supervisor = Supervisor(store, settings, executor, slots, jobs, log=log, companion=companions)
        if not supervisor.acquire():
            err.print(_who_supervises(store.workers.current()), highlight=False)
            return
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):  # the last is Windows' own
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: supervisor.end())
        if not supervisor.run():
            _hand_over(settings, store, log)
        leave()


def _hand_over(settings: Settings, store: Store, log: Callable[[str], None]) -> None:
    try:
        queue.hand_over(settings, store)
    except StoreError as error:
        log(str(error))


def _who_supervises(holder: Worker | None) -> str:
    if holder is not None and PROGRAM.is_older_than(holder.program):
        return (
            f"a supervisor of version {holder.program.version} is at work, and this program is older "
            f"({PROGRAM.version}): update it to supervise with it"
        )
    return "another supervisor is alive: nothing to do"
