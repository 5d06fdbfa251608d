"""A report: one HTML file with curves, results and settings, which opens from the disk and asks no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import ClassVar

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from dlcore.datasets.parts import Array
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, ExportedRun, Format
from dlcore.plots.confusion import confusion_figure, confusion_info
from dlcore.plots.lines import LinesInfo, lines_figure, lines_info
from dlcore.plots.predictions import pairs_figure, pairs_info
from dlcore.records import Axis, Evaluation, Scope, SeriesKey
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.records.verdict import verdicts
from dlcore.spec.graph import infer
from dlcore.spec.metrics import METRICS
from dlcore.store.run_files import read_arrays, read_evaluation

FEW = 30
"""Up to so many points each has a mark: a line of one point could not be seen."""

MOST_TARGETS = 4
"""Numbers whose predictions are drawn."""

_COLOURS = ["#4F46E5", "#E8590C", "#0CA678", "#D6336C"]
# Whatever a name within holds, the file can load nothing and send nothing.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #14172B; max-width: 1080px; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.7rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; }
.about { color: #5b6078; } .cards, .charts { display: grid; gap: 1rem; margin: .8rem 0; }
.cards { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.card, .chart { border: 1px solid #DFE2EC; border-radius: 8px; padding: .7rem .9rem; min-width: 0; }
.card b { display: block; font-size: 1.5rem; font-weight: 650; } .wide { overflow-x: auto; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid #DFE2EC; }
pre { background: #F4F5F9; border-radius: 8px; padding: 1rem; overflow-x: auto; }
"""


@EXPORTS.register
class Report(Format):
    """What can be sent to someone who has nothing but a browser."""

    name: ClassVar[str] = "report"
    title: ClassVar[str] = N_("Report")
    summary: ClassVar[str] = N_(
        "Curves, results and settings in one HTML file, which opens without a network."
    )
    suffix: ClassVar[str] = ".report.html"

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it with Plotly within."""
        with path.open("w", encoding="utf-8") as file:
            file.write("<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n")
            file.write(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n')
            file.write("<meta name='viewport' content='width=device-width, initial-scale=1'>\n")
            file.write(f"<title>{escape(source.run.name)}</title>\n<style>{_STYLE}</style>\n")
            file.write(f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n")
            for piece in _body(source):
                file.write(f"{piece}\n")
            file.write("</body>\n</html>\n")


def _body(source: ExportedRun) -> Iterator[str]:
    run, how, found = source.run, source.preparation, read_evaluation(source.folder)
    parts = (how.facts.name, how.facts.task.value, f"{run.created_at:%Y-%m-%d %H:%M} UTC", f"run {run.id}")
    yield f"<h1>{escape(run.name)}</h1>"
    yield f"<p class='about'>{escape(' · '.join(parts))}</p>"
    if found is not None:
        yield from _results(found)
    yield from _curves(source)
    if found is not None:
        yield from _details(source, found)
    yield from _network(source)
    yield "<h2>Settings</h2>"
    yield f"<pre>{escape(how.spec.to_yaml())}</pre>"


def _results(found: Evaluation) -> Iterator[str]:
    yield "<h2>Results on the test part</h2>"
    cards = (
        f"<div class='card'>{escape(_title(name))}<b>{value:.4g}</b></div>"
        for name, value in found.metrics.items()
    )
    yield f"<div class='cards'>{''.join(cards)}</div>"
    for verdict in verdicts(found):
        yield f"<p>{escape(verdict.sentence.text())}</p>"


def _curves(source: ExportedRun) -> Iterator[str]:
    names = list(
        dict.fromkeys(key.name for key in source.points if key.axis is Axis.EPOCH and key.scope in _PARTS)
    )
    charts = [_chart(_curve(source, name), _title(name)) for name in sorted(names, key=_place)]
    if charts:
        yield "<h2>Curves</h2>"
        yield f"<div class='charts'>{''.join(charts)}</div>"


def _curve(source: ExportedRun, name: str) -> go.Figure:
    """Returns a metric over the epochs, a line for each part."""
    infos = [
        lines_info(*_line(source, SeriesKey(name, scope, Axis.EPOCH)))
        for scope in _PARTS
        if SeriesKey(name, scope, Axis.EPOCH) in source.points
    ]
    info = LinesInfo(
        tuple(name for one in infos for name in one.names),
        tuple(x for one in infos for x in one.x),
        tuple(y for one in infos for y in one.y),
    )
    drawn = lines_figure(info, x_title="Epoch")
    if all(len(x) <= FEW for x in info.x):
        drawn.update_traces(mode="lines+markers")
    return drawn


def _line(source: ExportedRun, key: SeriesKey) -> tuple[Array, dict[str, Array]]:
    x, y = source.points[key]
    return x, {_PARTS[key.scope]: y}


_PARTS = {Scope.TRAIN: "Training", Scope.VALIDATION: "Validation"}


def _details(source: ExportedRun, found: Evaluation) -> Iterator[str]:
    """Yields where it errs, as the task has it, and what it is compared with."""
    charts = []
    if found.confusion:
        drawn = confusion_figure(confusion_info(found.confusion, found.classes))
        charts.append(_chart(drawn, "Predicted and true classes"))
    elif found.errors and (source.folder / PREDICTIONS_FILE).is_file():
        said = read_arrays(source.folder / PREDICTIONS_FILE)
        for place, error in enumerate(found.errors[:MOST_TARGETS]):
            pairs = pairs_info(said["targets"][:, place], said["answers"][:, place])
            charts.append(_chart(pairs_figure(pairs), error.name))
    if charts:
        yield "<h2>Predictions</h2>"
        yield f"<div class='charts'>{''.join(charts)}</div>"
    if found.scores:
        yield _table(
            ("Class", "Precision", "Recall", "F1", "Samples"),
            (
                (one.name, f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}", f"{one.support:,}")
                for one in found.scores
            ),
        )
    if found.baselines:
        names = [name for name in found.metrics if any(name in one.metrics for one in found.baselines)]
        rows = [("This run", *(f"{found.metrics[name]:.4g}" for name in names))]
        rows += [
            (one.name.text(), *(_number(one.metrics.get(name)) for name in names)) for one in found.baselines
        ]
        yield "<h2>Compared with</h2>"
        yield _table(("", *map(_title, names)), rows)


def _network(source: ExportedRun) -> Iterator[str]:
    found = infer(source.preparation.spec.model, source.preparation.signature)
    yield "<h2>Network</h2>"
    yield f"<p>{found.parameters.total:,} parameters</p>"
    yield _table(
        ("Layer", "Output shape", "Parameters"),
        (
            (row.kind, " × ".join(map(str, row.output_shape)), f"{row.parameters.total:,}")
            for row in found.rows
        ),
    )


def _chart(drawn: go.Figure, title: str) -> str:
    drawn.update_layout(template="plotly_white", colorway=_COLOURS, font={"family": "system-ui, sans-serif"})
    html = drawn.to_html(
        full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True}
    )
    return f"<div class='chart'><b>{escape(title)}</b>{html}</div>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    return f"<div class='wide'><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></div>"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _title(name: str) -> str:
    return METRICS[name].title if name in METRICS else name.replace("_", " ").capitalize()


def _place(name: str) -> tuple[bool, bool, str]:
    """The loss first, then what a run is judged by."""
    return name != "loss", name not in METRICS, name
