"""The evidence of a finding: lines over the epochs, or a bar for each of some things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.diagnosis import Bars, Evidence, Lines
from dlcore.errors import N_, Message
from dlcore.plots.layout import REFERENCE, Translate, category_axis, figure, figure_text, value_axis
from dlcore.plots.lines import lines_info
from dlcore.text import short_text

HEIGHT = 240
SINCE = "rgba(128,134,150,0.7)"


@dataclass(frozen=True, eq=False)
class EvidenceInfo:
    """What is drawn of a piece of evidence.

    Attributes:
        names: of the lines, or of the bars.
        x: of each line its epochs; empty of bars.
        y: of each line its values; of bars all of them in one.
        limit: where what is drawn begins to be a problem.
        since: the epoch since which it is one.
        log: whether the axis of the values is logarithmic.
        is_share: whether the values are shares.
    """

    names: tuple[str, ...]
    x: tuple[npt.NDArray[Any], ...]
    y: tuple[npt.NDArray[np.float64], ...]
    limit: float | None = None
    since: int | None = None
    log: bool = False
    is_share: bool = False

    @property
    def is_bars(self) -> bool:
        """Whether it is bars that are drawn."""
        return not self.x


def evidence_info(evidence: Evidence, translate: Translate = str) -> EvidenceInfo:
    """Returns a piece of evidence ready to draw, its lines with few points.

    Args:
        evidence: of a finding.
        translate: for the words among the names.
    """

    def name(of: Message | str) -> str:
        return of.text(translate) if isinstance(of, Message) else of

    match evidence:
        case Lines():
            thin = [lines_info(x, {name(of): y}) for of, x, y in evidence.lines]
            return EvidenceInfo(
                tuple(one.names[0] for one in thin),
                tuple(one.x[0] for one in thin),
                tuple(one.y[0] for one in thin),
                evidence.limit,
                evidence.since,
                evidence.log,
                evidence.is_share,
            )
        case Bars():
            names = tuple(map(name, evidence.names))
            return EvidenceInfo(
                names, (), (evidence.values,), evidence.limit, None, evidence.log, evidence.is_share
            )


def evidence_figure(info: EvidenceInfo, *, translate: Translate = str) -> go.Figure:
    """Draws a piece of evidence in the theme's colours."""
    # Else a scale of magnitudes shows digits alone: 2 5 2 5.
    numbers = ".2~g" if info.log else ""
    values = value_axis(
        "",
        type="log" if info.log else "linear",
        tickformat="~%" if info.is_share else numbers,
        nticks=3 if info.log else None,
    )
    names = [figure_text(short_text(name, 28)) for name in info.names]
    if info.is_bars:
        # From top to bottom, so that long names can be read.
        bars = go.Bar(x=info.y[0], y=names, orientation="h", hovertemplate="%{y}: %{x:.4g}<extra></extra>")
        drawn = figure(
            [bars],
            height=max(HEIGHT, 60 + 22 * len(names)),
            xaxis=values,
            yaxis=category_axis("", autorange="reversed"),
        )
    else:
        lines = [
            go.Scatter(x=x, y=y, name=name, mode="lines" if len(x) > 1 else "markers", line={"width": 1.8})
            for name, x, y in zip(names, info.x, info.y, strict=True)
        ]
        drawn = figure(
            lines,
            height=HEIGHT,
            legend=len(lines) > 1,
            hovermode="x unified",
            xaxis=value_axis(translate(N_("Epoch"))),
            yaxis=values,
        )
    if info.limit is not None:
        line = REFERENCE | {"dash": "dash"}
        (drawn.add_vline if info.is_bars else drawn.add_hline)(info.limit, line=line)
    if info.since is not None:
        drawn.add_vline(info.since, line={"color": SINCE, "dash": "dot", "width": 1.5})
    return drawn
