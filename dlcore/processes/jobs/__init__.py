"""The kinds of jobs, one module each: to add one, put a module here with a function under `@JOBS.register`.

Importing this package registers all of them, and imports neither Keras nor TensorFlow.
"""

import importlib
import pkgutil

from dlcore.processes.kinds import JOBS

__all__ = ["JOBS"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
