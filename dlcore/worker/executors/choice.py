"""The choice of executors for this machine."""

from __future__ import annotations

from dlcore.processes.limits import ENVIRONMENT
from dlcore.settings import Settings, can_fork
from dlcore.worker.executors.base import Executor
from dlcore.worker.executors.forkserver import ForkserverExecutor
from dlcore.worker.executors.nursery import NurseryExecutor
from dlcore.worker.executors.spawn import SpawnExecutor

RUN_TARGET, JOB_TARGET = "dlcore.processes.run:main", "dlcore.processes.jobs:main"
_WITH_KERAS = ("dlcore.processes.run", "dlcore.processes.jobs", "dlcore.engine.augmentation")
_LIGHT = ("dlcore.processes.jobs",)


def executors_here(settings: Settings) -> tuple[Executor, Executor]:
    """Returns the executor of processes with Keras loaded, and that of processes without it."""
    forks = can_fork() if settings.executor == "auto" else settings.executor == "forkserver"
    if forks:
        return (
            ForkserverExecutor(RUN_TARGET, job_target=JOB_TARGET, preload=_WITH_KERAS, settings=settings),
            NurseryExecutor(JOB_TARGET, preload=_LIGHT, settings=settings),
        )
    return (
        SpawnExecutor(RUN_TARGET, job_target=JOB_TARGET, preload=_WITH_KERAS, settings=settings),
        SpawnExecutor(
            JOB_TARGET, preload=_LIGHT, settings=settings, environment=ENVIRONMENT, ends_with_parent=True
        ),
    )
