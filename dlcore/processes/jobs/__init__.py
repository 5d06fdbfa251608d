"""The kinds of jobs, one module each: to add one, put a module here with a function under `@JOBS.register`.

Importing this package registers all of them, and imports neither Keras nor TensorFlow.
"""

import importlib
import pkgutil

from dlcore.processes.job import live
from dlcore.processes.kinds import JOBS
from dlcore.settings import Settings

__all__ = ["JOBS", "main"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def main(settings: Settings, job_id: str, attempt: int) -> None:
    """Does one job of any kind; the target that its process is started with."""
    live(settings, job_id, attempt, JOBS)
