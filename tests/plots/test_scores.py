"""Scores with their intervals."""

from dlcore.plots.scores import ScoreRow, scores_figure, scores_info


def test_each_score_has_a_dot_and_its_own_interval():
    rows = [
        ScoreRow("a", 0.9, 0.85, 0.93, "90.0 ± 4.0 %", "#0072B2"),
        ScoreRow("b", 0.8, None, None, "80.0 %", "#C44E00"),
    ]
    drawn = scores_figure(scores_info(rows, reference=0.9, is_share=True))
    assert [trace.x[0] for trace in drawn.data] == [0.9, 0.8]
    assert [round(drawn.data[0].error_x[name][0], 4) for name in ("array", "arrayminus")] == [0.03, 0.05]
    assert drawn.data[1].error_x.array is None
    assert [note.text for note in drawn.layout.annotations] == ["90.0 ± 4.0 %", "80.0 %"]
