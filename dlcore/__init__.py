"""DL Studio's engine: from a dataset to a trained, evaluated deep-learning model.

Example:
    >>> import dlcore
    >>> result = dlcore.train("examples/mnist_cnn.yaml")  # doctest: +SKIP
    >>> result.metrics["test"]["accuracy"]  # doctest: +SKIP
    0.9877
    >>> result.predict(Path("seven.png"))[0].chosen  # doctest: +SKIP
    ('7',)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcore.version import __version__

if TYPE_CHECKING:
    from dlcore import search as search
    from dlcore.api import compare as compare
    from dlcore.api import propose as propose
    from dlcore.api import registered_models as registered_models
    from dlcore.api import run as run
    from dlcore.api import runs as runs
    from dlcore.api import train as train

__all__ = ["__version__", "compare", "propose", "registered_models", "run", "runs", "search", "train"]


def __getattr__(name: str) -> Any:
    # Not at import time: pandas, Optuna and the store would be loaded with any module of the package.
    import importlib

    if name in ("compare", "propose", "registered_models", "run", "runs", "train"):
        return getattr(importlib.import_module("dlcore.api"), name)
    if name == "search":
        return importlib.import_module("dlcore.search")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
