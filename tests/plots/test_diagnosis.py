"""Evidence of findings, as it is drawn."""

import numpy as np
import pytest

from dlcore.diagnosis import Bars, Lines
from dlcore.errors import Message
from dlcore.plots.diagnosis import evidence_figure, evidence_info

EPOCHS = np.array([1.0, 2.0, 3.0])


def test_lines_keep_their_names_their_limit_and_since_when_it_is_so():
    lines = (
        (Message("Training"), EPOCHS, np.array([3.0, 2.0, 1.0])),
        ("<b>", EPOCHS, np.array([3.0, 3.0, 3.0])),
    )
    info = evidence_info(Lines(Message("Loss"), lines, limit=0.5, since=2), lambda text: text.upper())
    assert info.names == ("TRAINING", "<b>")
    assert [one.tolist() for one in info.y] == [[3, 2, 1], [3, 3, 3]]
    assert (info.limit, info.since, info.is_bars) == (0.5, 2, False)
    figure = evidence_figure(info)
    assert [trace.name for trace in figure.data] == ["TRAINING", "&lt;b&gt;"]
    assert len(figure.layout.shapes) == 2


@pytest.mark.parametrize("share, form", [(True, "~%"), (False, "")])
def test_bars_stand_from_top_to_bottom(share, form):
    info = evidence_info(Bars(Message("Recall"), ("a", "b"), np.array([0.2, 0.9]), limit=0.5, is_share=share))
    figure = evidence_figure(info)
    assert (info.is_bars, info.y[0].tolist()) == (True, [0.2, 0.9])
    assert figure.layout.xaxis.tickformat == form
    assert figure.layout.yaxis.autorange == "reversed"


def test_long_lines_are_drawn_from_few_points():
    many = np.arange(10_000.0)
    info = evidence_info(Lines(Message("Loss"), ((Message("Training"), many, many),)))
    assert len(info.x[0]) <= 2_000
