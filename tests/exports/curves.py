"""Curves of runs that no process trains."""

from dlcore.records import Metric
from dlcore.store.metrics import add_points


def add_curves(store, run_id, curves):
    """Adds points: by curve, the value at each step."""
    points = [Metric(key, x, y) for key in curves for x, y in curves[key].items()]
    with store.database.write() as connection:
        add_points(connection, run_id, 1, points)
