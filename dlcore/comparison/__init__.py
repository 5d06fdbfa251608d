"""Runs side by side: what they score and how sure that is, what differs in their settings and networks."""

from dlcore.comparison.comparing import (
    Comparison,
    Difference,
    RunScores,
    Score,
    SeedSpread,
    Verdict,
    compare_runs,
    find_runs,
)
from dlcore.comparison.intervals import Interval
from dlcore.comparison.settings import LayerRow, SettingRow

__all__ = [
    "Comparison",
    "Difference",
    "Interval",
    "LayerRow",
    "RunScores",
    "Score",
    "SeedSpread",
    "SettingRow",
    "Verdict",
    "compare_runs",
    "find_runs",
]
