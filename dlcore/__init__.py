"""DL Studio's engine: from a dataset to a trained, evaluated deep-learning model.

Example:
    >>> import dlcore
    >>> result = dlcore.train("examples/mnist_cnn.yaml")  # doctest: +SKIP
    >>> result.metrics["test"]["accuracy"]  # doctest: +SKIP
    0.9877
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcore.version import __version__

if TYPE_CHECKING:
    from dlcore import search as search
    from dlcore.queue.client import train as train

__all__ = ["__version__", "search", "train"]


def __getattr__(name: str) -> Any:
    # Not at import time: pandas, Optuna and the store would be loaded with any module of the package.
    if name == "train":
        from dlcore.queue.client import train

        return train
    if name == "search":
        import importlib

        return importlib.import_module("dlcore.search")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
