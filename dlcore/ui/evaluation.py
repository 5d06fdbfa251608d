"""What a run does on the test part, and where it errs."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.plots.confusion import confusion_figure, confusion_info
from dlcore.records import Evaluation, Mistake, Run
from dlcore.ui import format as show
from dlcore.ui.context import context
from dlcore.ui.i18n import _
from dlcore.ui.images import SIDE, crisp
from dlcore.ui.live_chart import labels

SHOWN_MISTAKES = 24
SHOWN_CLASSES = 12


def evaluation(run: Run) -> None:
    """Test metrics, the confusion matrix, scores by class, and the most confident mistakes."""
    folder = context().store.artifacts.folder(run.id)
    path = folder / "evaluation.json"
    if not path.exists():
        st.info(_("The evaluation appears when the run has ended."), icon=":material/info:")
        return
    found = Evaluation.from_dict(json.loads(path.read_text(encoding="utf-8")))
    with st.grid(4, min_column_width=show.CARD, gap="small"):
        for name, value in found.metrics.items():
            st.metric(
                f"{labels().get(name, name)} · {labels()['test']}", show.metric(name, value), border=True
            )
    left, right = st.columns(2, gap="large")
    with left:
        _confusion(found)
    with right:
        _scores(found)
    images = folder / "mistakes.npz"
    if found.mistakes and images.exists():
        with np.load(images, allow_pickle=False) as archive:
            _mistakes(found, archive["images"])


def _confusion(found: Evaluation) -> None:
    st.subheader(_("Confusion matrix"))
    share = st.toggle(_("As shares of each true class"), key="confusion_share", persist_state="session")
    info = confusion_info(found.confusion, found.classes, normalised=bool(share))
    st.plotly_chart(confusion_figure(info, translate=_), key="confusion")


def _scores(found: Evaluation) -> None:
    st.subheader(_("By class"))
    percent = st.column_config.ProgressColumn
    table = pd.DataFrame(
        {
            "class": [score.name for score in found.scores],
            "precision": [score.precision for score in found.scores],
            "recall": [score.recall for score in found.scores],
            "f1": [score.f1 for score in found.scores],
            "support": [score.support for score in found.scores],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key="scores",
        height="content" if len(table) <= SHOWN_CLASSES else 460,
        column_config={
            "class": st.column_config.TextColumn(_("Class"), pinned=True),
            "precision": percent(
                _("Precision"), width="small", min_value=0, max_value=1, format="percent",
                help=_("Of those called this class, the share that is."),
            ),
            "recall": percent(
                _("Recall"), width="small", min_value=0, max_value=1, format="percent",
                help=_("Of those that are this class, the share that was found."),
            ),
            "f1": percent("F1", width="small", min_value=0, max_value=1, format="percent", help=_("Their harmonic mean.")),
            "support": st.column_config.NumberColumn(_("Samples"), width="small"),
        },
    )  # fmt: skip


def _mistakes(found: Evaluation, images: np.ndarray) -> None:
    st.subheader(_("Most confident mistakes"))
    st.caption(_("What the network is surest of, and wrong about."))
    with st.container(horizontal=True, gap="small"):
        for mistake, image in zip(found.mistakes[:SHOWN_MISTAKES], images, strict=False):
            with st.container(border=True, gap="small", width=SIDE + 40):
                st.image(crisp(image), width=SIDE)
                st.caption(_caption(found, mistake))


def _caption(found: Evaluation, mistake: Mistake) -> str:
    return _("**{predicted}** {confidence}, is **{true}**").format(
        predicted=found.classes[mistake.predicted],
        true=found.classes[mistake.true],
        confidence=f"{mistake.confidence:.0%}",
    )
