"""What a run can be taken away as, one class a format: to add one, put a class under `@EXPORTS.register` in a module here.

Importing this package registers all of them, and imports neither Keras nor TensorFlow.
"""

import importlib
import pkgutil

from dlcore.exports.base import (
    EXPORTS,
    Agreement,
    Export,
    ExportedRun,
    Format,
    Group,
    TrainedModel,
    check_holds_model,
)

__all__ = [
    "EXPORTS",
    "Agreement",
    "Export",
    "ExportedRun",
    "Format",
    "Group",
    "TrainedModel",
    "check_holds_model",
]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
