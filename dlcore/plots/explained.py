"""An explanation as the figure that suits its kind of sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.plots.explanations import (
    BLANK,
    PictureInfo,
    bars_figure,
    bars_info,
    picture_figure,
    picture_info,
    spectrogram_figure,
    spectrogram_info,
    steps_figure,
)
from dlcore.plots.layout import Translate
from dlcore.records.explanation_methods import Form
from dlcore.records.explanations import ATTRIBUTION, SAMPLE, Explanation

Arrays = Mapping[str, npt.NDArray[Any]]


def explanation_figure(found: Explanation, arrays: Arrays, *, translate: Translate = str) -> go.Figure:
    """Draws an explanation: over the picture or spectrogram, as bars, or along the series.

    Args:
        found: the explanation.
        arrays: of it.
        translate: for the texts.
    """
    attribution = arrays[ATTRIBUTION]
    match found.form:
        case Form.PICTURE:
            return picture_figure(explained_picture(found, arrays), translate=translate)
        case Form.SPECTROGRAM:
            info, bands = explained_picture(found, arrays), arrays[SAMPLE].shape[1]
            return spectrogram_figure(info, bands=bands, seconds=found.seconds, translate=translate)
        case Form.STEPS:
            return steps_figure(arrays[SAMPLE], attribution, found.labels, translate=translate)
    labels = [label.strip() or BLANK for label in found.labels]
    return bars_figure(bars_info(labels, attribution, found.values), translate=translate)


def explained_picture(found: Explanation, arrays: Arrays, **options: Any) -> PictureInfo:
    """Returns the picture or spectrogram of an explanation with what it rests on; options as `picture_info` has them."""
    sample, attribution = arrays[SAMPLE], arrays[ATTRIBUTION]
    if found.form is Form.SPECTROGRAM:
        return spectrogram_info(sample, attribution)
    return picture_info(sample, attribution, **options)
