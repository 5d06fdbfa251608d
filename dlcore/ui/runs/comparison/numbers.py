"""What the compared runs score on the test part, how sure that is, and how they differ from the baseline."""

from __future__ import annotations

import streamlit as st

from dlcore.comparison import Interval, RunScores, Score
from dlcore.plots.scores import ScoreRow, scores_figure, scores_info
from dlcore.spec.metrics import METRICS
from dlcore.ui.runs.comparison.choice import ComparedRuns, escaped_names
from dlcore.ui.shared import format as show
from dlcore.ui.shared.address import begin, tell
from dlcore.ui.shared.hues import hue, marker
from dlcore.ui.shared.i18n import _, say

METRIC = "metric"


def numbers(chosen: ComparedRuns) -> None:
    """Shows one metric of all runs with its intervals, and what is said of each difference."""
    metrics = chosen.found.metrics
    if not metrics:
        st.markdown(f"**{_('Test')}**")
        st.info(_("None of these runs has been tested yet."), icon=":material/hourglass_empty:")
        return
    metric = _choose_metric(metrics)
    share = metric in METRICS and METRICS[metric].is_share
    tested = [one for one in chosen.found.results if metric in one.scores]
    base = chosen.found.of(chosen.found.baseline).scores.get(metric)
    rows = [
        ScoreRow(
            chosen.names[one.run.id],
            one.scores[metric].value,
            *_range(one.scores[metric]),
            score_text(metric, one.scores[metric]),
            hue(chosen.place(one.run.id)),
        )
        for one in tested
    ]
    info = scores_info(rows, reference=base.value if base and len(rows) > 1 else None, is_share=share)
    st.plotly_chart(scores_figure(info), key="scores", config={"displayModeBar": False})
    _say_differences(chosen, metric)
    _say_seeds(chosen, metric)


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


def _range(score: Score) -> tuple[float | None, float | None]:
    return (None, None) if score.interval is None else (score.interval.low, score.interval.high)


def score_text(metric: str, score: Score) -> str:
    """Returns a score with its margin: "97.0 ± 1.4 %"."""
    if metric in METRICS and METRICS[metric].is_share:
        value = f"{100 * score.value:.1f}"
        return f"{value} %" if score.interval is None else f"{value} ± {100 * score.interval.margin:.1f} %"
    value = f"{score.value:.4g}"
    return value if score.interval is None else f"{value} ± {score.interval.margin:.2g}"


def _say_differences(chosen: ComparedRuns, metric: str) -> None:
    names, found = escaped_names(chosen), chosen.found
    others = [one for one in found.results if one.run.id != found.baseline]
    if not others:
        return
    st.markdown(
        f":small[:gray[{_('Against {name}:').format(name=names[found.baseline])}]]",
        help=_(
            "Both answered the same test samples. These are drawn again {n} times with replacement; a difference "
            "counts when 95 of 100 draws agree and, of shares, McNemar's test does too."
        ).format(n="2,000"),
    )
    lines: list[str] = []
    reasons: dict[str, None] = {}
    for one in others:
        text = _sentence(one, metric)
        lines.append(f"{marker(chosen.place(one.run.id))} {names[one.run.id]}: {text}")
        score = one.scores.get(metric)
        if score is not None and score.difference is not None and score.difference.reason is not None:
            reasons[say(score.difference.reason)] = None
    st.markdown("  \n".join(lines))
    for reason in reasons:
        st.markdown(f":small[:gray[{reason}]]")


def _say_seeds(chosen: ComparedRuns, metric: str) -> None:
    """Says how far runs of one setting lie apart: a difference that is no larger is none of the settings."""
    names = escaped_names(chosen)
    lines = []
    for spread in chosen.found.seeds:
        if metric in spread.means:
            # Written as a score with a margin is.
            mean, margin = spread.means[metric], spread.deviations[metric]
            text = score_text(metric, Score(mean, Interval(mean - margin, mean + margin)))
            place = chosen.place(spread.ids[0])
            words = _("{name} and its other seeds, {n} in all: **{mean}**")
            sentence = words.format(name=names[spread.ids[0]], n=len(spread.ids), mean=text)
            lines.append(f"{marker(place)} {sentence}")
    if lines:
        st.markdown(
            f":small[:gray[{_('From seed to seed:')}]]",
            help=_("The mean over the seeds of one setting, and their standard deviation, which is chance."),
        )
        st.markdown("  \n".join(lines))


def _sentence(one: RunScores, metric: str) -> str:
    score = one.scores.get(metric)
    if score is not None and score.difference is not None:
        return f"**{score.difference.sentence(metric).text(_)}**"
    if one.problem is not None:
        return f":gray[{say(one.problem)}]"
    return f":gray[{_('not measured')}]"
