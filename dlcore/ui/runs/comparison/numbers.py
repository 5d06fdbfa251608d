"""What the compared runs score on the test part, how sure that is, and how they differ from the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from dlcore.comparison import Comparison, Difference, Interval, RunScores, ScoredGroup
from dlcore.errors import Message
from dlcore.plots.scores import ScoreRow, scores_figure, scores_info
from dlcore.spec.metrics import METRICS
from dlcore.ui.runs.comparison.choice import ComparedRuns
from dlcore.ui.runs.comparison.lines import MOST_LINES, Line
from dlcore.ui.shared import format as show
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.hues import hue, marker
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.markdown import escape_markdown

METRIC = "metric"


@dataclass(frozen=True)
class LineScore:
    """One metric of a line.

    Attributes:
        value: of its run, or the mean of its runs; None where none was tested.
        interval: of the value.
        difference: from the baseline's line.
        problem: why there is no value.
    """

    line: Line
    value: float | None
    interval: Interval | None = None
    difference: Difference | None = None
    problem: Message | None = None


def numbers(chosen: ComparedRuns) -> None:
    """Shows one metric of all lines with its intervals, and what is said of each difference."""
    metrics = chosen.found.metrics
    if not metrics:
        st.markdown(f"**{_('Test')}**")
        st.info(_("None of these runs has been tested yet."), icon=":material/hourglass_empty:")
        return
    metric = _choose_metric(metrics)
    scores = line_scores(chosen, metric)
    # As high as some of them, and scrolled: the settings stand below.
    with st.container(height="content" if len(scores) <= MOST_LINES else 460, border=False):
        _figure(scores, metric, chosen)
    with st.container(height="content" if len(scores) <= MOST_LINES else 260, border=False):
        _say_differences(scores, metric, chosen)
        if not chosen.together:
            _say_seeds(chosen, metric)


def line_scores(chosen: ComparedRuns, metric: str) -> list[LineScore]:
    """Returns a metric of each line: of its run, or of its group."""
    if chosen.together:
        pairs = zip(chosen.lines, chosen.found.groups, strict=True)
        return [_of_group(line, group, metric, chosen.found) for line, group in pairs]
    return [_of_run(line, one, metric) for line, one in zip(chosen.lines, chosen.found.results, strict=True)]


def _of_run(line: Line, one: RunScores, metric: str) -> LineScore:
    score = one.scores.get(metric)
    if score is None:
        return LineScore(line, None, problem=one.problem)
    return LineScore(line, score.value, score.interval, score.difference)


def _of_group(line: Line, group: ScoredGroup, metric: str, found: Comparison) -> LineScore:
    score = group.scores.get(metric)
    if score is None:
        problems = (found.of(run_id).problem for run_id in group.ids)
        return LineScore(line, None, problem=next(filter(None, problems), None))
    return LineScore(line, score.mean, score.interval, score.difference)


def _figure(scores: list[LineScore], metric: str, chosen: ComparedRuns) -> None:
    base = next(one.value for one in scores if one.line == chosen.baseline)
    rows = [
        ScoreRow(
            one.line.name,
            one.value,
            one.interval.low if one.interval else None,
            one.interval.high if one.interval else None,
            score_text(metric, one.value, one.interval),
            hue(one.line.place),
        )
        for one in scores
        if one.value is not None
    ]
    info = scores_info(rows, reference=base if len(rows) > 1 else None, is_share=_is_share(metric))
    st.plotly_chart(scores_figure(info), key="scores", config={"displayModeBar": False})


def _choose_metric(metrics: tuple[str, ...]) -> str:
    titles = {name: show.labels().get(name, name) for name in metrics}
    begin(METRIC, titles)
    if st.session_state.get(METRIC) not in titles:
        st.session_state.pop(METRIC, None)
    chosen = metrics[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_('Test')}** :gray[{_('with intervals of 95 %')}]", width="stretch")
        if len(metrics) > 1:
            chosen = st.selectbox(
                _("Metric"), list(titles), format_func=titles.__getitem__, key=METRIC, label_visibility="collapsed",
                width=150,
            )  # fmt: skip
            tell(METRIC, chosen, first=metrics[0])
        else:
            st.markdown(titles[chosen], width="content")
    return chosen


def score_text(metric: str, value: float, interval: Interval | None) -> str:
    """Returns a score with its margin: "97.0 ± 1.4 %"."""
    margin = None if interval is None else interval.margin
    if _is_share(metric):
        return f"{100 * value:.1f} %" if margin is None else f"{100 * value:.1f} ± {100 * margin:.1f} %"
    return f"{value:.4g}" if margin is None else f"{value:.4g} ± {margin:.2g}"


def _is_share(metric: str) -> bool:
    return metric in METRICS and METRICS[metric].is_share


def _say_differences(scores: list[LineScore], metric: str, chosen: ComparedRuns) -> None:
    others = [one for one in scores if one.line != chosen.baseline]
    if not others:
        return
    name = escape_markdown(chosen.baseline.name)
    st.markdown(f":small[:gray[{_('Against {name}:').format(name=name)}]]", help=_how(chosen))
    lines = [
        f"{marker(one.line.place)} {escape_markdown(one.line.name)}: {_sentence(one, metric)}"
        for one in others
    ]
    st.markdown("  \n".join(lines))
    for reason in dict.fromkeys(_reasons(others)):
        st.markdown(f":small[:gray[{reason}]]")


def _how(chosen: ComparedRuns) -> str:
    """Returns how a difference is judged."""
    if chosen.together:
        return _(
            "Each run of a group counts once. The interval of the difference of two means is Welch's: Student's t "
            "times √(s₁²/n₁ + s₂²/n₂), with the degrees of freedom of Satterthwaite. It is the wider the fewer runs "
            "there are; a difference counts when it leaves out 0."
        )
    return _(
        "Both answered the same test samples. These are drawn again {n} times with replacement; a difference "
        "counts when 95 of 100 draws agree and, of shares, McNemar's test does too."
    ).format(n="2,000")


def _reasons(scores: list[LineScore]) -> Iterator[str]:
    for one in scores:
        if one.difference is not None and one.difference.reason is not None:
            yield say(one.difference.reason)


def _say_seeds(chosen: ComparedRuns, metric: str) -> None:
    """Says how far runs of one setting lie apart: a difference that is no larger is none of the settings."""
    lines = [
        line for group in chosen.found.groups if (line := _seeds_line(chosen, group, metric)) is not None
    ]
    if lines:
        st.markdown(
            f":small[:gray[{_('From seed to seed:')}]]",
            help=_("The mean over the seeds of one setting, and their standard deviation, which is chance."),
        )
        st.markdown("  \n".join(lines))


def _seeds_line(chosen: ComparedRuns, group: ScoredGroup, metric: str) -> str | None:
    score = group.scores.get(metric)
    if chosen.found.by or score is None or score.deviation is None:
        return None
    first, spread = group.ids[0], score.deviation
    # Written as a score with a margin is.
    text = score_text(metric, score.mean, Interval(score.mean - spread, score.mean + spread))
    sentence = _("{name} and its other seeds, {n} in all: **{mean}**").format(
        name=escape_markdown(chosen.names[first]), n=len(score.values), mean=text
    )
    return f"{marker(chosen.line_of(first).place)} {sentence}"


def _sentence(one: LineScore, metric: str) -> str:
    if one.difference is not None:
        return f"**{one.difference.sentence(metric).text(_)}**"
    if one.problem is not None:
        return f":gray[{say(one.problem)}]"
    return f":gray[{_('not measured')}]"
