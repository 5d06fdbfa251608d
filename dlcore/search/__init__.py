"""Searches for good hyperparameters, on Optuna."""

from dlcore.search.client import Searched, search
from dlcore.search.spec import SearchSpec

__all__ = ["SearchSpec", "Searched", "search"]
