"""Explanations of an answer: over a picture, by word or column, along a series.

Orange raised the answer, blue lowered it, in both themes; what did neither shows the picture beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from dlcore.errors import N_
from dlcore.plots.layout import Translate, category_axis, figure, figure_names, value_axis
from dlcore.text import number_text

RAISES, LOWERS = "#D55E00", "#0072B2"
"""Deep enough to be seen on a light page and on a dark one; told apart by the colour-blind (Okabe and Ito, 2008)."""

_RAISES, _LOWERS = (213, 94, 0), (0, 114, 178)
MOST_BARS = 20
BLANK = "␣"
"""What stands for a blank, where it is a part of its own."""
_SIDE = 128
"""Pixels of a picture within a figure: each is a number that the browser is sent."""
_FRAMES = 512
"""Of a spectrogram, whose bands are few: made smaller by its frames, they would be lost."""
_STRENGTHS = (0.15, 0.5)
"""Shares of the strongest word from which a word is marked lightly, and strongly."""

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class PictureInfo:
    """What raised and lowered an answer over a picture.

    Attributes:
        picture: uint8 (height, width, 3).
        heat: (height, width) from −1, what lowered it most, to 1.
        most: what 1 stands for.
    """

    picture: npt.NDArray[np.uint8]
    heat: Floats
    most: float


@dataclass(frozen=True)
class BarsInfo:
    """How much each of several named things raised an answer, the strongest first.

    Attributes:
        names, values: of them.
        details: what stands beside a name, such as the value of a column.
        others: how many more there are.
        rest: their sum.
        spreads: of each, how far it varies; or none.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    details: tuple[str, ...]
    others: int
    rest: float
    spreads: tuple[float, ...] = ()


def picture_info(sample: npt.NDArray[Any], attribution: Floats, *, side: int = _SIDE) -> PictureInfo:
    """Returns an explanation over a picture, ready to draw.

    Args:
        sample: (height, width, channels) bytes, or other numbers, which go from black to white.
        attribution: (rows, columns) over the whole picture, maybe coarser.
        side: pixels of the longer side at most.
    """
    height, width = sample.shape[:2]
    shrink = min(1.0, side / max(height, width))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    picture = np.rint(resized(_as_bytes(sample).astype(np.float64), size)).astype(np.uint8)
    heat = resized(attribution.astype(np.float64), size)
    most = float(np.abs(heat).max(initial=0.0))
    return PictureInfo(picture, heat / most if most else heat, most)


def spectrogram_info(sample: npt.NDArray[Any], attribution: Floats) -> PictureInfo:
    """Returns an explanation over a spectrogram, time from left to right, frequency upwards.

    Args:
        sample: (frames, bands).
        attribution: (rows, columns) over it, maybe coarser.
    """
    return picture_info(sample.T[::-1, :, None], attribution.T[::-1], side=_FRAMES)


def _as_bytes(sample: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """(height, width, 3)"""
    if sample.dtype != np.uint8:
        low, high = float(sample.min()), float(sample.max())
        sample = np.rint((sample - low) / max(high - low, 1e-12) * 255).astype(np.uint8)
    colours = sample[..., :3] if sample.shape[-1] >= 3 else np.repeat(sample[..., :1], 3, axis=-1)
    found: npt.NDArray[np.uint8] = colours
    return found


def resized(values: Floats, size: tuple[int, int]) -> Floats:
    """Returns a plane of numbers in another size, bilinearly; the middles of its cells stay where they are.

    Example:
        >>> resized(np.array([[0.0, 1.0]]), (1, 4)).tolist()
        [[0.0, 0.25, 0.75, 1.0]]
    """
    for axis, wanted in enumerate(size):
        count = values.shape[axis]
        if count == wanted:
            continue
        if count > wanted:  # the mean of what falls together, or thin lines would be skipped
            bounds = np.linspace(0, count, wanted + 1).astype(int)
            values = np.add.reduceat(values, bounds[:-1], axis=axis) / np.diff(bounds).reshape(
                [-1 if place == axis else 1 for place in range(values.ndim)]
            )
            continue
        places = np.clip((np.arange(wanted) + 0.5) * count / wanted - 0.5, 0, count - 1)
        lower = np.floor(places).astype(int)
        upper = np.minimum(lower + 1, count - 1)
        share = (places - lower).reshape([-1 if place == axis else 1 for place in range(values.ndim)])
        values = values.take(lower, axis) * (1 - share) + values.take(upper, axis) * share
    return values


def overlay(info: PictureInfo) -> npt.NDArray[np.uint8]:
    """Returns the picture in grey with what raised and lowered the answer over it: uint8 (height, width, 3)."""
    grey = info.picture.astype(np.float64).mean(axis=-1, keepdims=True)
    strength = 0.8 * np.abs(info.heat)[..., None]
    colour = np.where(info.heat[..., None] > 0, np.array(_RAISES), np.array(_LOWERS))
    blended: npt.NDArray[np.uint8] = np.rint(grey * (1 - strength) + colour * strength).astype(np.uint8)
    return blended


def picture_figure(info: PictureInfo, *, translate: Translate = str) -> go.Figure:
    """Draws the picture, and beside it in grey with its explanation over it."""
    plain = go.Image(z=info.picture, hoverinfo="skip")
    marked = go.Image(
        z=overlay(info),
        customdata=info.heat * info.most,
        hovertemplate="%{customdata:.3g}<extra></extra>",
        xaxis="x2",
        yaxis="y2",
    )
    hidden = {"visible": False, "constrain": "domain"}
    drawn = figure(
        [plain, marked],
        height=340,
        xaxis={**hidden, "domain": [0, 0.49]},
        yaxis={**hidden, "autorange": "reversed", "scaleanchor": "x"},
        xaxis2={**hidden, "domain": [0.51, 1]},
        yaxis2={**hidden, "autorange": "reversed", "scaleanchor": "x2", "anchor": "x2"},
    )
    for axis, title in (("x domain", N_("Sample")), ("x2 domain", N_("What the answer rests on"))):
        drawn.add_annotation(
            x=0.5,
            y=1.0,
            xref=axis,
            yref="paper",
            yanchor="bottom",
            text=translate(title),
            showarrow=False,
        )
    return drawn.update_layout(margin={"l": 8, "r": 8, "t": 32, "b": 8})


def spectrogram_figure(
    info: PictureInfo, *, bands: int, seconds: float, translate: Translate = str
) -> go.Figure:
    """Draws the spectrogram, and below it in grey with its explanation over it.

    Args:
        info: high bands on top.
        bands: how many there are.
        seconds: how much sound it shows; 0 where that is not known.
        translate: for the texts.
    """
    height, width = info.heat.shape
    step, band = (seconds or width) / width, bands / height
    # From the lowest band on, for an axis that goes upwards.
    place = {"x0": step / 2, "dx": step, "y0": (band - 1) / 2, "dy": band}
    plain = go.Image(z=info.picture[::-1], hoverinfo="skip", **place)
    marked = go.Image(
        z=overlay(info)[::-1],
        customdata=(info.heat * info.most)[::-1],
        hovertemplate="%{x:.2f} s, %{y:.0f}: %{customdata:.3g}<extra></extra>",
        yaxis="y2",
        **place,
    )
    # Pictures keep square pixels unless they are told otherwise.
    upwards = {"scaleanchor": False, "range": [-0.5, bands - 0.5], "showgrid": False}
    named = value_axis(translate(N_("Band")))
    drawn = figure(
        [plain, marked],
        height=400,
        xaxis=value_axis(
            translate(N_("Seconds") if seconds else N_("Frame")),
            range=[0, seconds or width],
            showgrid=False,
            anchor="y2",
        ),
        yaxis={**named, **upwards, "domain": [0.55, 1]},
        yaxis2={**named, **upwards, "domain": [0, 0.45]},
    )
    for axis, title in (("y domain", N_("Sample")), ("y2 domain", N_("What the answer rests on"))):
        drawn.add_annotation(
            x=0, y=1, xref="paper", yref=axis, xanchor="left", yanchor="bottom", text=translate(title), showarrow=False
        )  # fmt: skip
    return drawn.update_layout(margin_t=32)


def bars_info(
    names: Sequence[str], values: Floats, details: Sequence[str] = (), spreads: Sequence[float] = ()
) -> BarsInfo:
    """Returns the strongest of several named things, ready to draw.

    Args:
        names: as many as values.
        values: how much each raised the answer.
        details: as many, or none.
        spreads: likewise.
    """
    order = np.argsort(-np.abs(values), kind="stable")
    first, rest = order[:MOST_BARS], order[MOST_BARS:]
    return BarsInfo(
        tuple(names[place] for place in first),
        tuple(float(values[place]) for place in first),
        tuple(details[place] if details else "" for place in first),
        len(rest),
        float(values[rest].sum()),
        tuple(spreads[place] for place in first) if spreads else (),
    )


def bars_figure(info: BarsInfo, *, title: str = "", translate: Translate = str) -> go.Figure:
    """Draws a bar for each, the strongest on top, and one for the sum of all others.

    Args:
        info: what is drawn.
        title: of the axis of values; by default what they are in an explanation.
        translate: for the texts.
    """
    names = [
        f"{name} = {detail}" if detail else name
        for name, detail in zip(info.names, info.details, strict=True)
    ]
    values = list(info.values)
    if info.others:
        names.append(translate(N_("others: {count}")).format(count=info.others))
        values.append(info.rest)
    # Numbered, for the same word can come several times.
    places = list(range(len(names)))
    texts = figure_names(_told_apart(names), 32)
    bars = go.Bar(
        x=np.array(values),
        y=places,
        orientation="h",
        error_x={"array": [*info.spreads, *[0.0] * bool(info.others)], "color": "#8A90A2"}
        if info.spreads
        else None,
        marker={"color": [RAISES if value >= 0 else LOWERS for value in values]},
        # A whisker would strike the number through.
        text=None
        if info.spreads
        else [number_text(value, 3, signed=True).replace("-", "−") for value in values],
        textposition="auto",
        customdata=texts,
        hovertemplate="%{customdata}: %{x:.4g}<extra></extra>",
    )
    return figure(
        [bars],
        height=80 + 24 * len(values),
        bargap=0.25,
        xaxis=value_axis(title or translate(N_("How much it raises the answer")), zeroline=True),
        yaxis={
            "tickvals": places,
            "ticktext": texts,
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
        },
    )


def _told_apart(names: Sequence[str]) -> list[str]:
    """Returns names of which no two are alike: the same word may come several times."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def word_strengths(values: Floats) -> tuple[int, ...]:
    """Returns for each word how strongly it is marked: from −2, lowers the answer much, to 2, raises it much.

    Example:
        >>> word_strengths(np.array([0.1, 1.0, -0.3]))
        (0, 2, -1)
    """
    most = float(np.abs(values).max(initial=0.0))
    if not most:
        return (0,) * len(values)
    shares = np.abs(values) / most
    levels = np.searchsorted(np.array(_STRENGTHS), shares, side="right") * np.sign(values)
    return tuple(int(level) for level in levels)


def steps_figure(
    sample: Floats, attribution: Floats, columns: Sequence[str], *, translate: Translate = str
) -> go.Figure:
    """Draws the column that matters most as a line, each step in the colour of what it does, above all columns.

    Args:
        sample: (steps, columns) the series.
        attribution: (steps, columns).
        columns: their names.
        translate: for the texts.
    """
    names = figure_names(columns)
    chosen = int(np.abs(attribution).sum(axis=0).argmax())
    most = float(np.abs(attribution).max(initial=0.0)) or 1.0
    steps = np.arange(len(sample)) - len(sample) + 1
    scale = [[0, LOWERS], [0.5, "rgba(128,134,150,0.25)"], [1, RAISES]]
    coloured = {"colorscale": scale, "cmin": -most, "cmax": most}
    line = go.Scatter(
        x=steps,
        y=sample[:, chosen],
        mode="lines+markers",
        line={"color": "#8A90A2", "width": 1},
        marker={"color": attribution[:, chosen], "size": 8, **coloured},
        customdata=attribution[:, chosen],
        hovertemplate="%{x}: %{y:.4g}, %{customdata:+.3g}<extra></extra>",
    )
    heat = go.Heatmap(
        x=steps,
        y=names,
        z=attribution.T,
        zmin=-most,
        zmax=most,
        colorscale=scale,
        colorbar={"title": {"text": translate(N_("Raises"))}, "thickness": 12, "len": 0.5, "y": 0.25},
        yaxis="y2",
        hovertemplate="%{y}, %{x}: %{z:+.3g}<extra></extra>",
    )
    return figure(
        [line, heat],
        height=300 + 24 * min(len(names), 20),
        xaxis=value_axis(translate(N_("Steps before the last one")), anchor="y2", showgrid=False),
        yaxis=value_axis(names[chosen], domain=[0.55, 1]),
        yaxis2=category_axis("", domain=[0, 0.45], showgrid=False),
    )
