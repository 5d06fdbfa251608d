"""The figures of a search: trials in, Plotly figures out.

Each comes in two steps: `…_info` chooses and computes what is shown, `…_figure` draws it. What the trials
are judged by is a `Goal`. Every point carries the number of its trial in `customdata[0]`;
`trial_of` reads it from a selection.
"""

from dlcore.plots.studies.axes import Distributions, ParamAxis, paths_of
from dlcore.plots.studies.curves import (
    MOST_CURVES,
    Curve,
    CurvesInfo,
    TrialCurve,
    chosen_trials,
    curves_figure,
    curves_info,
)
from dlcore.plots.studies.edf import EdfLine, edf_figure, edf_info
from dlcore.plots.studies.goals import STATE_COLOURS, STATE_NAMES, Goal, goal_of
from dlcore.plots.studies.history import HistoryInfo, Marks, history_figure, history_info
from dlcore.plots.studies.importance import (
    FEWEST_TRIALS,
    ImportanceInfo,
    importance_figure,
    importance_info,
)
from dlcore.plots.studies.labels import short_names, trial_of
from dlcore.plots.studies.pairs import (
    LandscapeInfo,
    PairInfo,
    PairPoints,
    contour_figure,
    contour_info,
    rank_figure,
    rank_info,
)
from dlcore.plots.studies.parallel import LinesAxis, ParallelInfo, parallel_info
from dlcore.plots.studies.pareto import ParetoInfo, ParetoPoints, front_of, pareto_figure, pareto_info
from dlcore.plots.studies.slices import Points, SliceInfo, SlicePanel, slice_figure, slice_info
from dlcore.plots.studies.timeline import Span, TimelineInfo, timeline_figure, timeline_info

__all__ = [
    "FEWEST_TRIALS",
    "MOST_CURVES",
    "STATE_COLOURS",
    "STATE_NAMES",
    "Curve",
    "CurvesInfo",
    "Distributions",
    "EdfLine",
    "Goal",
    "HistoryInfo",
    "ImportanceInfo",
    "LandscapeInfo",
    "LinesAxis",
    "Marks",
    "PairInfo",
    "PairPoints",
    "ParallelInfo",
    "ParamAxis",
    "ParetoInfo",
    "ParetoPoints",
    "Points",
    "SliceInfo",
    "SlicePanel",
    "Span",
    "TimelineInfo",
    "TrialCurve",
    "chosen_trials",
    "contour_figure",
    "contour_info",
    "curves_figure",
    "curves_info",
    "edf_figure",
    "edf_info",
    "front_of",
    "goal_of",
    "history_figure",
    "history_info",
    "importance_figure",
    "importance_info",
    "parallel_info",
    "pareto_figure",
    "pareto_info",
    "paths_of",
    "rank_figure",
    "rank_info",
    "short_names",
    "slice_figure",
    "slice_info",
    "timeline_figure",
    "timeline_info",
    "trial_of",
]
