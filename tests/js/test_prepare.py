"""What a browser makes of a drawing or a picture is, number for number, what the server makes of it."""

import base64
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dlcore.browser.plan import browser_plan
from dlcore.datasets import facts
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.fresh import fresh_inputs
from dlcore.datasets.prepare.saved import Preparation
from dlcore.design.templates import proposal
from tests.datasets import makers
from tests.js.test_modules import NODE

pytestmark = pytest.mark.skipif(
    NODE is None, reason="needs node (version 20 or newer), which runs the tests of our JavaScript"
)
STROKES = {
    "one": [[(130, 40), (136, 230)]],
    "seven": [[(60, 50), (210, 55), (120, 240)]],
    "dash": [[(20, 140), (250, 128)]],
    "dot": [[(200, 30), (201, 31)]],
    "edge": [[(0, 0), (271, 271)]],
    "two strokes": [[(80, 60), (80, 140), (190, 140)], [(160, 40), (150, 260)]],
}


def prepared(known, steps=()):
    spec = proposal(known).with_values({"preprocessing": list(steps)})
    return Preparation(spec, known, {}, {"cleaning": []}, {})


def in_browser(*questions):
    """(height, width, channels) for each question, or None."""
    lines = [
        json.dumps(
            {
                "kind": kind,
                "width": rgba.shape[1],
                "height": rgba.shape[0],
                "data": base64.b64encode(rgba.tobytes()).decode(),
                "plan": browser_plan(how, style),
            }
        )
        for kind, rgba, how, style in questions
    ]
    done = subprocess.run(
        [NODE, str(Path(__file__).with_name("prepare.js"))],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [one and np.array(one["values"]).reshape(one["shape"]) for one in found]


def png_of(rgba):
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "PNG")
    return file.getvalue()


def on_server(raw, how, settings):
    (group,) = fresh_inputs(raw, how, settings)
    return group.inputs["input"][0]


def drawn(strokes):
    """(272, 272, 4) as the sheet draws: light, with soft edges, on its dark ground."""
    large = Image.new("RGB", (1088, 1088), "#14172b")
    pen = ImageDraw.Draw(large)
    for stroke in strokes:
        places = [(4 * x, 4 * y) for x, y in stroke]
        pen.line(places, fill="#ffffff", width=96, joint="curve")
        for x, y in places:
            pen.ellipse((x - 48, y - 48, x + 48, y + 48), fill="#ffffff")
    return np.array(large.resize((272, 272), Image.Resampling.LANCZOS).convert("RGBA"))


@pytest.mark.parametrize("dataset", ["mnist", "digits"])
def test_strokes_become_the_same_picture(settings, dataset):
    how = prepared(facts(dataset, settings))
    styles = [DrawingStyle(), DrawingStyle(box=1.0, dark_on_light=True)]
    asked = [("drawing", drawn(strokes), how, style) for strokes in STROKES.values() for style in styles]
    for (_, rgba, _, style), seen in zip(asked, in_browser(*asked), strict=True):
        expected = on_server(drawn_pixels(png_of(rgba), style, how.facts), how, settings)
        np.testing.assert_array_equal(seen, expected)


def test_an_empty_sheet_is_nothing(settings):
    how = prepared(facts("mnist", settings))
    assert in_browser(("drawing", np.full((272, 272, 4), 20, np.uint8), how, DrawingStyle())) == [None]


RESIZING = [
    {"kind": "Resizing", "height": 20, "width": 30, "interpolation": name}
    for name in ("bilinear", "nearest", "bicubic", "area", "lanczos3")
]
FITS = [
    {"kind": "Resizing", "height": 24, "width": 16, fit: True}
    for fit in ("crop_to_aspect_ratio", "pad_to_aspect_ratio")
]
GREY = {"kind": "ColorMode", "mode": "grayscale"}


@pytest.mark.parametrize(
    "steps",
    [[], *([one] for one in (*RESIZING, *FITS)), [GREY], [FITS[1], GREY]],
    ids=lambda steps: " ".join(str(one.get("interpolation", [*one][-1])) for one in steps) or "none",
)
def test_pictures_are_resized_and_coloured_alike(settings, tmp_path, steps):
    dice = np.random.default_rng(3)
    files = {
        f"{name}/{n}.png": makers.png(dice.integers(0, 256, (18, 22, 3), np.uint8))
        for name in "ab"
        for n in range(6)
    }
    known = makers.stored(makers.zipped(tmp_path / "it.zip", files), settings).facts
    how = prepared(known, steps)
    pictures = [
        np.dstack([dice.integers(0, 256, (*shape, 3)), np.full(shape, 255)]).astype(np.uint8)
        for shape in ((18, 22), (7, 90), (61, 13), (20, 30), (64, 64))
    ]
    asked = [("picture", rgba, how, DrawingStyle()) for rgba in pictures]
    for rgba, seen in zip(pictures, in_browser(*asked), strict=True):
        np.testing.assert_array_equal(seen, on_server(png_of(rgba), how, settings))


def test_a_transparent_picture_lies_on_white(settings):
    how = prepared(facts("cifar10", settings))
    rgba = np.random.default_rng(1).integers(0, 256, (32, 32, 4), np.uint8)
    (seen,) = in_browser(("picture", rgba, how, DrawingStyle()))
    np.testing.assert_array_equal(seen, on_server(png_of(rgba), how, settings))
