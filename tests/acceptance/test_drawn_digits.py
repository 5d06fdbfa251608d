"""Digits drawn with a mouse are recognised after two epochs of MNIST."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dlcore.datasets import facts
from dlcore.datasets.drawing import drawn_pixels
from dlcore.datasets.drawing_style import DrawingStyle, style_of
from dlcore.design.templates import proposal
from dlcore.engine.entry import train
from dlcore.engine.handle import MemoryHandle
from dlcore.engine.predictor import Predictor
from dlcore.settings import Settings

pytestmark = [pytest.mark.keras, pytest.mark.acceptance, pytest.mark.timeout(1800)]

Stroke = list[tuple[int, int]]

SIDE, WIDTH = 272, 24
"""The sheet of the page, and how wide its pen draws."""

DRAWN: list[tuple[str, list[Stroke]]] = [
    ("0", [[(136, 50), (95, 75), (80, 136), (92, 200), (136, 225), (180, 200), (192, 140), (178, 75), (136, 50)]]),
    ("0", [[(120, 90), (100, 115), (98, 150), (115, 178), (140, 180), (160, 155), (160, 118), (145, 92), (120, 90)]]),
    ("1", [[(138, 40), (136, 100), (134, 160), (131, 230)]]),
    ("1", [[(110, 90), (145, 55), (143, 120), (140, 215)]]),
    ("2", [[(85, 85), (105, 55), (150, 50), (180, 80), (170, 120), (130, 165), (85, 215), (190, 212)]]),
    ("2", [[(95, 100), (120, 72), (155, 80), (160, 112), (130, 150), (96, 186), (94, 192), (175, 186)]]),
    ("3", [[(90, 65), (130, 45), (172, 62), (172, 100), (130, 128), (176, 150), (180, 195), (140, 225), (88, 208)]]),
    ("3", [[(92, 60), (176, 58), (130, 118), (172, 140), (176, 190), (138, 216), (90, 200)]]),
    ("4", [[(95, 50), (85, 140), (190, 138)], [(170, 50), (166, 130), (162, 230)]]),
    ("4", [[(150, 50), (80, 160), (196, 160)], [(156, 110), (152, 226)]]),
    ("5", [[(178, 52), (100, 55), (94, 120), (140, 112), (180, 145), (176, 195), (135, 222), (86, 205)]]),
    ("5", [[(108, 60), (100, 122), (145, 115), (172, 145), (165, 192), (125, 212), (90, 196)], [(108, 60), (180, 56)]]),
    ("6", [[(165, 45), (118, 90), (92, 150), (98, 205), (138, 226), (178, 200), (172, 160), (132, 148), (98, 175)]]),
    ("6", [[(140, 70), (112, 110), (100, 160), (112, 192), (142, 196), (160, 172), (146, 150), (118, 152), (104, 170)]]),
    ("7", [[(80, 60), (190, 58), (160, 120), (130, 225)]]),
    ("7", [[(90, 72), (178, 66), (168, 100), (146, 150), (128, 214)]]),
    ("8", [[(170, 75), (135, 50), (98, 72), (104, 105), (168, 150), (182, 195), (138, 226), (92, 196), (104, 156), (160, 110), (170, 75)]]),
    ("8", [[(136, 60), (105, 80), (112, 112), (136, 130), (164, 160), (160, 200), (130, 212), (104, 192), (110, 160), (136, 130), (162, 104), (160, 74), (136, 60)]]),
    ("9", [[(172, 80), (138, 52), (98, 76), (98, 118), (138, 134), (172, 108), (174, 76), (172, 140), (160, 228)]]),
    ("9", [[(166, 92), (140, 70), (110, 88), (108, 120), (134, 136), (164, 116), (168, 88), (166, 150), (150, 218)]]),
]  # fmt: skip
"""The way of the mouse, twice for each digit: large and small, upright and slanted."""


def drawn(strokes: list[Stroke]) -> bytes:
    """The sheet as the page sends it: each stroke smooth, with round ends."""
    image = Image.new("RGB", (SIDE, SIDE), "#14172b")
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        smooth = _smooth(np.array(stroke, float))
        pen.line([tuple(point) for point in smooth], fill="#ffffff", width=WIDTH, joint="curve")
        for x, y in smooth:
            pen.ellipse((x - WIDTH / 2, y - WIDTH / 2, x + WIDTH / 2, y + WIDTH / 2), fill="#ffffff")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _smooth(points: np.ndarray) -> np.ndarray:
    """A curve through points, with a hand's small tremor."""
    steps = np.linspace(0, len(points) - 1, 8 * len(points))
    places = np.arange(len(points))
    curve = np.stack([np.interp(steps, places, points[:, axis]) for axis in (0, 1)], axis=1)
    kernel = np.ones(5) / 5
    padded = np.pad(curve, ((2, 2), (0, 0)), mode="edge")
    curve = np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
    return curve + np.random.default_rng(len(points)).normal(0, 0.8, curve.shape)


def test_twenty_drawn_digits_are_recognised_after_two_epochs(shared_data: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", KERAS_HOME=tmp_path / "keras")
    settings.datasets_dir.mkdir(parents=True)
    shutil.copy(shared_data / "mnist.npz", settings.datasets_dir)
    spec = proposal(facts("mnist", settings)).with_values({"training.epochs": 2})
    train(spec, MemoryHandle(tmp_path), settings=settings)
    predictor = Predictor.open(tmp_path, settings)
    assert len(DRAWN) == 20
    pixels = [
        drawn_pixels(drawn(strokes), DrawingStyle(), predictor.preparation.facts) for _, strokes in DRAWN
    ]
    answers = [one.chosen[0] for one in predictor.predict(pixels)]
    right = [given == wanted for given, (wanted, _) in zip(answers, DRAWN, strict=True)]
    assert np.mean(right) >= 0.85, [*zip(answers, (wanted for wanted, _ in DRAWN), strict=True)]


def test_mnist_itself_says_how_it_is_drawn(shared_data: Path) -> None:
    with np.load(shared_data / "mnist.npz") as file:
        style = style_of(file["x_train"][:200, :, :, None])
    assert style.box * 28 == pytest.approx(20, abs=1) and not style.dark_on_light
