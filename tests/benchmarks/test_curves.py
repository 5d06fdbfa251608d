"""The arithmetic of the benchmark of curves, and the rows that both sides get."""

from benchmarks.curves import Figures
from benchmarks.curves_side import SPIKE, table_rows, values


def test_a_line_has_medians_the_range_of_the_rounds_and_the_ratio():
    figures = Figures("opened", target="100 ms")
    for ours, theirs in ((0.001, 0.1), (0.004, 0.3), (0.002, 0.2)):
        figures.add("ours", {"seconds": ours, "cpu": ours / 2, "bytes": 5_000, "spike": True})
        figures.add("mlflow", {"seconds": theirs, "cpu": theirs, "bytes": 7_000, "spike": False})
    line = " ".join(figures.line().split())
    assert line == (
        "opened 2.00 ms (1.00–4.00; CPU 1.00) 5 kB 200.00 ms (100.00–300.00; CPU 200.00) 7 kB, spike lost "
        "100.0 times as fast (target: 100 ms)"
    )


def test_what_is_added_is_said_in_rows_a_second():
    figures = Figures("added", rows=1_000)
    for seconds in (0.1, 0.2, 0.4):
        figures.add("ours", {"seconds": seconds, "cpu": 0.125})
    assert " ".join(figures.line().split()) == "added 5,000 rows/s (2,500–10,000; 8,000 a second of CPU)"


def test_both_sides_get_the_same_rows():
    assert values(100, 3) == values(100, 3)
    assert values(100, 3).count(SPIKE) == 1
    assert list(table_rows(50)) == list(table_rows(50))
