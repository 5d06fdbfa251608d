"""Kinds of jobs that compute nothing: each ends in its own way. Their processes are real."""

import os
import signal
import socket
import time
from collections.abc import Callable

from dlcore.errors import DatasetError
from dlcore.processes import job
from dlcore.processes.kinds import Arguments, JobHandle, JobKinds
from dlcore.processes.limits import long_limits, short_limits, trusted_limits
from dlcore.records import JobUnit
from dlcore.settings import Settings
from dlcore.store import Store
from dlcore.worker.executors.base import Executor
from dlcore.worker.jobs import JobRunner
from tests.worker.enough import is_enough

FAKES = JobKinds()


def fake_jobs(
    store: Store,
    keras: Executor,
    light: Executor,
    *,
    log: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
) -> JobRunner:
    """What does jobs of these kinds."""
    return JobRunner(store, FAKES, keras, light, log=log, clock=clock)


def main(settings: Settings, job_id: str, attempt: int) -> None:
    """The whole way of a real job, after a note of its process."""
    with (settings.home / "jobs.txt").open("a") as file:
        file.write(f"{job_id} {attempt} {os.getpid()} {os.environ['CUDA_VISIBLE_DEVICES']}\n")
    job.live(settings, job_id, attempt, FAKES)


@FAKES.register(limits=short_limits)
def done(arguments: Arguments, handle: JobHandle) -> dict:
    return {"said": "done"}


@FAKES.register(limits=short_limits)
def patient(arguments: Arguments, handle: JobHandle) -> dict:
    """Counts files until the test has seen enough."""
    count = 0
    while not is_enough(handle.settings.home):
        count += 1
        handle.progress(count, 10**9, JobUnit.FILES)
        time.sleep(0.02)
    return {}


@FAKES.register(limits=trusted_limits, needs_keras=True)
def patient_with_keras(arguments: Arguments, handle: JobHandle) -> dict:
    return patient(arguments, handle)


@FAKES.register(limits=long_limits, is_long=True)
def patient_and_long(arguments: Arguments, handle: JobHandle) -> dict:
    return patient(arguments, handle)


@FAKES.register(limits=short_limits)
def fail(arguments: Arguments, handle: JobHandle) -> None:
    raise DatasetError("it cannot be done.")


@FAKES.register(limits=short_limits)
def crash(arguments: Arguments, handle: JobHandle) -> None:
    os._exit(3)


@FAKES.register(limits=short_limits)
def die(arguments: Arguments, handle: JobHandle) -> None:
    os.kill(os.getpid(), arguments["signal"])
    signal.pause()


@FAKES.register(limits=short_limits)
def hog(arguments: Arguments, handle: JobHandle) -> None:
    """Takes memory without end, as a small file can ask for."""
    taken = []
    while True:
        taken.append(bytearray(2**26))


@FAKES.register(limits=short_limits)
def spin(arguments: Arguments, handle: JobHandle) -> None:
    while True:
        pass


@FAKES.register(limits=short_limits)
def write(arguments: Arguments, handle: JobHandle) -> None:
    """Writes one byte further than it may."""
    with (handle.folder / "large").open("wb") as file:
        file.seek(handle.settings.max_dataset_bytes)
        file.write(b"x")
        file.flush()


@FAKES.register(limits=short_limits)
def dial(arguments: Arguments, handle: JobHandle) -> dict:
    """Calls a port of this machine on which somebody listens."""
    try:
        with socket.create_connection(("127.0.0.1", arguments["port"]), timeout=5):
            return {"said": "connected"}
    except OSError as error:
        return {"said": type(error).__name__}
