"""Runs side by side: what they score and how sure that is, what differs in their settings and networks."""

from dlcore.analysis.intervals import Interval
from dlcore.comparison.comparing import Comparison, compare_runs, compare_selected
from dlcore.comparison.difference import Difference, Verdict
from dlcore.comparison.groups import GroupScore, ScoredGroup
from dlcore.comparison.scores import RunScores, Score
from dlcore.comparison.selection import MOST_RUNS, Selection, select_runs
from dlcore.comparison.settings import LayerRow, SettingRow

__all__ = [
    "MOST_RUNS",
    "Comparison",
    "Difference",
    "GroupScore",
    "Interval",
    "LayerRow",
    "RunScores",
    "Score",
    "ScoredGroup",
    "Selection",
    "SettingRow",
    "Verdict",
    "compare_runs",
    "compare_selected",
    "select_runs",
]
