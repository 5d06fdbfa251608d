"""A filter of one line over runs: `accuracy > 0.95 and template = "cnn" and tag:baseline and created > -7d`."""

from dlcore.store.filters.asking import RunQuestion
from dlcore.store.filters.errors import FilterError
from dlcore.store.filters.parser import parse_filter
from dlcore.store.filters.sql import RunQuery
from dlcore.store.filters.tree import Condition, fields_of

__all__ = ["Condition", "FilterError", "RunQuery", "RunQuestion", "fields_of", "parse_filter"]
