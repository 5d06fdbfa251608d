"""Searches for good hyperparameters: what can be searched, and how. On Optuna."""

from dlcore.search.spec import SearchSpec

__all__ = ["SearchSpec"]
