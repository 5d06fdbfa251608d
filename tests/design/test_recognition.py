"""Which template a network comes from."""

import pytest

from dlcore.datasets import CATALOGUE
from dlcore.design.recognition import CUSTOM, template_of
from dlcore.design.templates import proposal, templates_of
from dlcore.spec.layers import Dense

DIGITS = CATALOGUE.get("digits").facts


@pytest.mark.parametrize("name", [one.name for one in templates_of(DIGITS)])
def test_each_template_is_recognized(name):
    assert template_of(proposal(DIGITS, name), DIGITS) == name


def test_sizes_do_not_matter_and_another_layer_does():
    spec = proposal(DIGITS, "cnn")
    first, *others = spec.model.layers
    wider = spec.updated(model=spec.model.updated(layers=(first.updated(filters=77), *others)))
    assert template_of(wider, DIGITS) == "cnn"
    longer = spec.updated(model=spec.model.updated(layers=(first, Dense(name="more"), *others)))
    assert template_of(longer, DIGITS) == CUSTOM
