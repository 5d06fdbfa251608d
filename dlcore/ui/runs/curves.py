"""How a run learns: its curves, the numbers that they came to, and what the machine did meanwhile."""

from __future__ import annotations

import streamlit as st

from dlcore.comparison import Interval, compare_runs
from dlcore.records import Axis, Evaluation, Run
from dlcore.records.alerts import AlertKind
from dlcore.records.verdict import verdicts
from dlcore.spec.layers import Output
from dlcore.spec.measure_name import MeasureName
from dlcore.spec.metrics import METRICS, higher_is_better
from dlcore.store.run_files import DamagedArtifactError, read_evaluation
from dlcore.ui.components.live_chart import Judge, Replay, live_chart
from dlcore.ui.components.live_view import Card
from dlcore.ui.runs.view import main_metric
from dlcore.ui.shared import format as show
from dlcore.ui.shared.i18n import _, say
from dlcore.ui.shared.sharing import may_share
from dlcore.web.context import context


def curves(run: Run) -> None:
    """Shows the live curves with their numbers; below them what they are drawn over, smoothing and the scale."""
    charts = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        axis = _axis(run)
        smoothing = st.slider(
            _("Smoothing"), 0.0, 0.99, 0.0, 0.01, key="smoothing", persist_state="session", width=220,
            help=_("An exponential mean over earlier points; the raw curve stays faintly visible."),
        )  # fmt: skip
        log_scale = st.toggle(_("Log scale"), key="log_scale", persist_state="session")
    with charts:
        live_chart(
            run.id,
            axis=axis,
            main=tuple(dict.fromkeys(("loss", main_metric(run)))),
            judge=judge_of(run),
            epochs=run.epochs,
            test=_test(run),
            numbers=(*_baseline(run), *_overfitting(run)),
            smoothing=float(smoothing),
            log=bool(log_scale),
            outputs=outputs_of(run),
            replay=Replay(run.seconds) if may_share() and run.state.final and run.seconds else None,
            key="curves",
            empty=_("It ended before its first batch: there are no curves.")
            if run.state.final
            else _("The curves appear with the first trained batch."),
        )


def outputs_of(run: Run) -> tuple[str, ...]:
    """Returns the names of the outputs of a model with several."""
    layers = run.spec["model"]["layers"]
    further = [layer["name"] for layer in layers if layer["kind"] == Output.__name__]
    return (layers[-1]["name"], *further) if further else ()


def _axis(run: Run) -> Axis:
    """Returns what the curves are drawn over: what was chosen, else batches until the run has ended,
    then epochs.

    A run that ended in its first epochs has no curve over them.
    """
    usual = Axis.EPOCH if run.state.final and run.epoch > 1 else Axis.BATCH
    choice, key = f"axis_{run.id}", f"axis_{run.id}_{usual}"
    st.session_state.setdefault(key, st.session_state.get(choice, usual.value))

    def remember() -> None:
        st.session_state[choice] = st.session_state[key]

    chosen = st.segmented_control(
        _("Per"),
        [Axis.EPOCH.value, Axis.BATCH.value],
        format_func={"epoch": _("Epoch"), "batch": _("Batch")}.__getitem__,
        key=key,
        on_change=remember,
        required=True,
    )
    return Axis(chosen or usual)


def judge_of(run: Run) -> Judge:
    """Returns by which curve an epoch is the best: by the one whose best weights are kept, else the main metric."""
    if _keeps_best(run):
        name = MeasureName.parse(run.spec["training"]["early_stopping"].get("monitor", "val_loss")).metric
    else:
        name = main_metric(run)
    return Judge(name, higher=name in METRICS and higher_is_better(name))


def _test(run: Run) -> Card | None:
    """Returns what was measured on the test part, and how sure that is."""
    name = main_metric(run)
    value = run.summary.get("test", {}).get(name)
    if value is None:
        return None
    interval = _interval(run.id, run.attempt, name)
    return Card(
        f"{show.labels()[name]} · {show.labels()['test']}",
        show.metric(name, value),
        help=_("With the interval of 95 % over the test samples.") if interval else "",
        under=_margin(name, interval) if interval else "",
    )


def _overfitting(run: Run) -> tuple[Card, ...]:
    for alert in context().store.alerts.of_run(run.id):
        if alert.sign.kind is AlertKind.OVERFITTING:
            return (
                Card(
                    _("Overfits since"),
                    _("epoch {n}").format(n=alert.sign.epoch),
                    help=say(alert.sign.sentence),
                    under=_("best weights kept") if _keeps_best(run) else "",
                ),
            )
    return ()


def _keeps_best(run: Run) -> bool:
    stopping = run.spec["training"].get("early_stopping")
    return bool(stopping) and bool(stopping.get("restore_best_weights", True))


def _margin(name: str, interval: Interval) -> str:
    if name in METRICS and METRICS[name].is_share:
        return _("± {margin} points").format(margin=f"{100 * interval.margin:.1f}")
    return f"± {interval.margin:.2g}"


@st.cache_data(max_entries=256, show_spinner=False)
def _interval(run_id: str, attempt: int, name: str) -> Interval | None:
    """Returns how sure a metric of the test part is; kept, since drawing samples again takes up to half a second."""
    store = context().store
    (result,) = compare_runs(store, [store.runs.get(run_id)]).results
    score = result.scores.get(name)
    return score.interval if score else None


def _baseline(run: Run) -> tuple[Card, ...]:
    found = _evaluation(run)
    given = verdicts(found) if found else ()
    if not given:
        return ()
    best = given[0]
    return (
        Card(
            _("Baseline"),
            show.metric(best.metric, best.baseline.metrics[best.metric]),
            help=say(best.sentence),
            under=say(best.baseline.name),
        ),
    )


def _evaluation(run: Run) -> Evaluation | None:
    try:
        return read_evaluation(context().store.artifacts.results(run.id))
    except DamagedArtifactError:  # the tab that shows it says so
        return None
