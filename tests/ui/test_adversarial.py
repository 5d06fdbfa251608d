"""Adversarial training is a switch of the training form, where samples can be attacked."""

import pytest

from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.queue.ready import example
from dlcore.spec import ExperimentSpec
from dlcore.spec.adversarial import AdversarialTraining
from tests.datasets import makers
from tests.ui.conftest import found


@pytest.fixture
def opened(open_page, here):
    def opened(spec):
        return open_page("train", draft=here.store.drafts.create(spec.to_dict(), owner="local").id)

    return opened


def switches(page):
    return [one for one in page.toggle if one.label == "Adversarial training"]


def test_it_is_switched_on_with_half_of_each_batch_and_off_again(opened, here):
    def saved():
        return ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec).training.adversarial

    page = opened(example())
    (switch,) = switches(page)
    switch.set_value(True).run()
    assert saved() == AdversarialTraining() and not page.exception
    # Empty, it is what is usual for the data, not none.
    assert found(page.number_input, "strength").placeholder == "automatic"
    found(page.number_input, "share").set_value(0.25).run()
    assert saved().share == 0.25
    switches(page)[0].set_value(False).run()
    assert saved() is None


def test_for_tables_there_is_no_such_switch(opened, here, tmp_path):
    known = ingest(
        makers.shops(tmp_path / "shops.csv"), here.settings, Choices(name="shops"), owner="local"
    ).facts
    assert switches(opened(proposal(known))) == []
