"""A report: one HTML file with curves, results and settings, which opens from the disk and asks no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from dlcore.browser.bundle import bundled_style
from dlcore.datasets.parts import Array
from dlcore.errors import N_
from dlcore.exports.base import EXPORTS, Ask, ExportedRun, Format, Group
from dlcore.exports.report_model import POLICY, check_can_be_tried, model_part, open_model
from dlcore.exports.wording import (
    RATE,
    Table,
    Translate,
    layer_table,
    metric_title,
    score_tables,
    sentences,
    training_facts,
)
from dlcore.plots.confusion import confusion_figure, confusion_info
from dlcore.plots.lines import LinesInfo, lines_figure, lines_info
from dlcore.plots.predictions import pairs_figure, pairs_info
from dlcore.records import Axis, Evaluation, Scope, SeriesKey
from dlcore.records.artifacts import PREDICTIONS_FILE
from dlcore.spec.graph import infer
from dlcore.spec.metrics import METRICS, metric_text
from dlcore.store.run_files import read_arrays, read_evaluation
from dlcore.text import html_text

FEW = 30
"""Up to so many points each has a mark: a line of one point could not be seen."""

MOST_TARGETS = 4
"""Numbers whose predictions are drawn."""

_COLOURS = ["#4F46E5", "#E8590C", "#0CA678", "#D6336C"]
_SHADES = ["#EEF2FF", "#C7D2FE", "#A5B4FC", "#818CF8", "#6366F1", "#4F46E5", "#4338CA"]
# Whatever a name within holds, the file can load nothing and send nothing.
_POLICY = "default-src 'none'; {scripts}; style-src 'unsafe-inline'; img-src data: blob:"
_SCRIPTS = "script-src 'unsafe-inline'"
# At the end: before, a chart would be as wide as the page without those that follow it.
_DRAW = """
for (const place of document.querySelectorAll(".plot")) {
  const { data, layout } = JSON.parse(place.dataset.figure);
  Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
}
"""
_STYLE = (Path(__file__).with_name("report.css")).read_text(encoding="utf-8")


@EXPORTS.register
class Report(Format):
    """What can be sent to someone who has nothing but a browser."""

    name: ClassVar[str] = "report"
    title: ClassVar[str] = N_("Report")
    summary: ClassVar[str] = N_(
        "Curves, results and settings in one HTML file, which opens without a network."
    )
    suffix: ClassVar[str] = ".report.html"
    group: ClassVar[Group] = Group.RESULTS
    speaks: ClassVar[bool] = True
    can_hold_model: ClassVar[bool] = True

    def write(self, source: ExportedRun, path: Path) -> None:
        """Writes it with Plotly within, and the model to try if that is wanted."""
        if source.holds_model:
            check_can_be_tried(source)
        policy = _POLICY.format(scripts=POLICY if source.holds_model else _SCRIPTS)
        style = f"{_STYLE}{bundled_style()}" if source.holds_model else _STYLE
        with path.open("w", encoding="utf-8") as file:
            file.write(f"<!doctype html>\n<html lang='{source.language.replace('_', '-')}'>\n<head>\n")
            file.write("<meta charset='utf-8'>\n")
            file.write(f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n')
            file.write("<meta name='viewport' content='width=device-width, initial-scale=1'>\n")
            file.write(f"<title>{html_text(source.run.name)}</title>\n<style>{style}</style>\n")
            file.write(f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n")
            for piece in _body(source, source.translate):
                file.write(f"{piece}\n")
            file.write(f"<script>{_DRAW}</script>\n</body>\n</html>\n")

    def open(self, source: ExportedRun, path: Path) -> Ask | None:
        """Returns what the model in it answers, if it holds one."""
        return open_model(path) if source.holds_model else None


def _body(source: ExportedRun, say: Translate) -> Iterator[str]:
    run, how, found = source.run, source.preparation, read_evaluation(source.folder)
    moment = f"{run.created_at:%Y-%m-%d %H:%M} UTC"
    parts = (how.facts.name, say(how.facts.task.value), moment, run.id)
    yield f"<h1>{html_text(run.name)}</h1>"
    yield f"<p class='about'>{html_text(' · '.join(parts))}</p>"
    if found is not None:
        yield from _results(found, say)
    if source.holds_model:
        yield from model_part(source)
    yield from _curves(source, say)
    if found is not None:
        yield from _details(source, found, say)
    yield f"<h2>{html_text(say(N_('Training')))}</h2>"
    yield _cards(training_facts(run, how, say))
    network = infer(how.spec.model, how.signature)
    yield f"<h2>{html_text(say(N_('Network')))}</h2>"
    yield f"<p>{html_text(say(N_('Parameters')))}: {network.parameters.total:,}</p>"
    yield _table(layer_table(network, say))
    yield f"<h2>{html_text(say(N_('Settings')))}</h2>"
    yield f"<pre>{html_text(how.spec.to_yaml())}</pre>"


def _results(found: Evaluation, say: Translate) -> Iterator[str]:
    yield f"<h2>{html_text(say(N_('Results on the test part')))}</h2>"
    yield _cards((metric_title(name, say), metric_text(name, value)) for name, value in found.metrics.items())
    for sentence in sentences(found, say):
        yield f"<p>{html_text(sentence)}</p>"


def _curves(source: ExportedRun, say: Translate) -> Iterator[str]:
    names = dict.fromkeys(
        key.name
        for key, (_, y) in source.points.items()
        if key.axis is Axis.EPOCH and key.scope in _PARTS and (key.name != RATE or len(set(y)) > 1)
    )
    charts = [
        _chart(_curve(source, name, say), metric_title(name, say)) for name in sorted(names, key=_place)
    ]
    if charts:
        yield f"<h2>{html_text(say(N_('Curves')))}</h2>"
        yield f"<div class='charts'>{''.join(charts)}</div>"


def _curve(source: ExportedRun, name: str, say: Translate) -> go.Figure:
    """Returns a metric over the epochs, a line for each part."""
    keys = [SeriesKey(name, scope, Axis.EPOCH) for scope in _PARTS]
    infos = [_line(source, key, say) for key in keys if key in source.points]
    info = LinesInfo(
        tuple(name for one in infos for name in one.names),
        tuple(x for one in infos for x in one.x),
        tuple(y for one in infos for y in one.y),
    )
    drawn = lines_figure(info, x_title=say(N_("Epoch")))
    longest = max(len(x) for x in info.x)
    if longest <= FEW:
        drawn.update_traces(mode="lines+markers")
    if longest <= FEW // 2:
        drawn.update_xaxes(dtick=1)  # no ticks between two epochs
    return drawn


def _line(source: ExportedRun, key: SeriesKey, say: Translate) -> LinesInfo:
    x, y = source.points[key]
    named: dict[str, Array] = {say(_PARTS[key.scope]): y}
    return lines_info(x, named)


_PARTS = {Scope.TRAIN: N_("Training"), Scope.VALIDATION: N_("Validation")}


def _details(source: ExportedRun, found: Evaluation, say: Translate) -> Iterator[str]:
    """Yields where it errs, as the task has it, and what it is compared with."""
    charts = []
    if found.confusion:
        drawn = confusion_figure(confusion_info(found.confusion, found.classes), translate=say)
        charts.append(_chart(drawn, say(N_("Predicted and true classes"))))
    elif found.errors and (source.folder / PREDICTIONS_FILE).is_file():
        said = read_arrays(source.folder / PREDICTIONS_FILE)
        for place, error in enumerate(found.errors[:MOST_TARGETS]):
            pairs = pairs_info(said["targets"][:, place], said["answers"][:, place])
            charts.append(_chart(pairs_figure(pairs, translate=say), error.name))
    tables = [_table(table) for table in score_tables(found, say)]
    if charts or tables:
        yield f"<h2>{html_text(say(N_('Predictions')))}</h2>"
        yield f"<div class='charts'>{''.join(charts + tables)}</div>"
    if found.baselines:
        names = [name for name in found.metrics if any(name in one.metrics for one in found.baselines)]
        rows = [(say(N_("This run")), *(metric_text(name, found.metrics[name]) for name in names))]
        rows += [
            (one.name.text(say), *(_number(name, one.metrics.get(name)) for name in names))
            for one in found.baselines
        ]
        yield f"<h2>{html_text(say(N_('Compared with')))}</h2>"
        yield _table((("", *(metric_title(name, say) for name in names)), rows))


def _chart(drawn: go.Figure, title: str) -> str:
    drawn.update_layout(template="plotly_white", colorway=_COLOURS, font={"family": "system-ui, sans-serif"})
    drawn.update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    drawn.update_traces(colorscale=_SHADES, selector={"type": "heatmap"})
    plot = f"<div class='plot' data-figure='{html_text(drawn.to_json())}'></div>"
    return f"<div class='chart'><b>{html_text(title)}</b>{plot}</div>"


def _cards(facts: Iterator[tuple[str, ...]]) -> str:
    cards = (f"<div class='card'>{html_text(name)}<b>{html_text(value)}</b></div>" for name, value in facts)
    return f"<div class='cards'>{''.join(cards)}</div>"


def _table(table: Table) -> str:
    head, rows = table
    lines = ["".join(f"<th>{html_text(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{html_text(cell)}</td>" for cell in row) for row in rows]
    return f"<div class='wide'><table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table></div>"


def _number(name: str, value: float | None) -> str:
    return "" if value is None else metric_text(name, value)


def _place(name: str) -> tuple[bool, bool, str]:
    """The loss first, then what a run is judged by."""
    return name != "loss", name not in METRICS, name
