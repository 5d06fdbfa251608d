"""Searches for good hyperparameters: what can be searched, and how. On Optuna.

The module can be called: `dlcore.search("search.yaml")` starts a search as `dlcore.train` starts a run. It is a
module and a function at once because Python sets a package's attribute to the submodule of that name.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from dlcore.search.spec import SearchSpec

__all__ = ["SearchSpec"]


class _CallableModule(ModuleType):
    def __call__(self, spec: Any, **options: Any) -> Any:
        """Starts a search and waits for its end: `dlcore.queue.client.search`."""
        from dlcore.queue.client import search

        return search(spec, **options)


sys.modules[__name__].__class__ = _CallableModule
