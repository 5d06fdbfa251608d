"""Which models a browser can run, and what it is told of them."""

import dataclasses

import numpy as np
import pytest

from dlcore.browser.plan import browser_plan, why_not_in_browser
from dlcore.datasets import facts
from dlcore.datasets.drawing_style import DrawingStyle
from dlcore.datasets.prepare.saved import Preparation
from dlcore.datasets.reading import HIGHEST
from dlcore.design.templates import proposal
from dlcore.spec.data import Task
from tests.datasets import makers


def prepared(known, **values):
    return Preparation(proposal(known).with_values(values), known, {}, {"cleaning": []}, {})


def reason(how):
    return why_not_in_browser(how).text()


def test_models_for_pictures_can_answer_in_a_browser(settings):
    for name in ("digits", "mnist", "cifar10"):
        assert why_not_in_browser(prepared(facts(name, settings))) is None


def test_why_others_cannot_is_said(settings, tmp_path):
    digits = prepared(facts("digits", settings))
    table = makers.stored(makers.shops(tmp_path / "shops.csv"), settings).facts
    assert reason(prepared(table)) == "Only models for images can run in a browser."
    deep = dataclasses.replace(digits, reading={HIGHEST: {"PNG": 4095}})
    assert "more than 8 bits" in reason(deep)
    units = [{"kind": "Flatten"}, {"kind": "Dense", "units": 400_000}, {"kind": "Dense"}]
    large = prepared(facts("digits", settings), **{"model.layers": units})
    assert reason(large) == "The model has 120 MB of weights, and at most 100 MB are sent to a browser."


def test_the_plan_says_how_a_drawing_and_a_picture_become_what_the_model_sees(settings):
    how = prepared(
        facts("digits", settings), preprocessing=[{"kind": "ColorMode", "mode": "rgb"}, "Rescaling"]
    )
    plan = browser_plan(how, DrawingStyle(box=1.0))
    assert plan["drawing"] == {"height": 8, "width": 8, "box": 1.0, "dark_on_light": False}
    assert plan["shape"] == [8, 8, 3]
    assert plan["steps"] == [
        {"does": "resize", "height": 8, "width": 8, "filter": "bilinear", "fit": "stretch"},
        {"does": "channels", "count": 1},
        {"does": "channels", "count": 3},
    ]
    assert plan["names"] == [str(digit) for digit in range(10)]
    assert (plan["classifies"], plan["is_single"], plan["is_binary"]) == (True, True, False)


def test_coloured_and_large_pictures_are_not_drawn(settings):
    assert browser_plan(prepared(facts("cifar10", settings)), DrawingStyle())["drawing"] is None


@pytest.mark.parametrize(("classes", "is_binary"), [("ab", True), ("abc", False)])
def test_a_model_for_two_classes_is_told_apart(settings, tmp_path, classes, is_binary):
    files = {
        f"{name}/{n}.png": makers.png(np.full((9, 9), n, np.uint8)) for name in classes for n in range(6)
    }
    known = makers.stored(makers.zipped(tmp_path / "it.zip", files), settings).facts
    plan = browser_plan(prepared(known), DrawingStyle())
    assert plan["is_binary"] is is_binary and plan["names"] == list(classes)
    assert (known.task is Task.BINARY) is is_binary
