"""What a person built is not replaced silently when another dataset is chosen, or when one is gone."""

import base64
import json

import numpy as np
import pytest

from dlcore.access.actors import Actor
from dlcore.datasets.ingest import Choices
from dlcore.datasets.ingest.intake import ingest
from dlcore.design.templates import proposal
from dlcore.queue.ready import example
from dlcore.spec import ExperimentSpec
from dlcore.spec.data import DataKind
from tests.datasets import makers
from tests.ui.conftest import found, texts

BUILT = [{"kind": "Conv2D", "filters": 5}, "Flatten", {"kind": "Dense", "units": 77}, "Dense"]


@pytest.fixture
def shops(here, tmp_path):
    return ingest(
        makers.shops(tmp_path / "shops.csv"), here.settings, Choices(name="shops"), owner="local"
    ).facts


@pytest.fixture
def opened(open_page, here):
    def opened(spec):
        return open_page("data", draft=here.store.drafts.create(spec.to_dict(), owner="local").id)

    return opened


@pytest.fixture
def saved(here):
    return lambda: ExperimentSpec.from_dict(here.store.drafts.latest(owner="local").spec)


def choose(page, name):
    found(page.selectbox, ".dataset").set_value(name).run()
    assert not page.exception


def test_a_network_that_fits_is_kept_and_nothing_is_said(opened, saved):
    spec = example().with_values({"model.layers": BUILT, "training.epochs": 77})
    page = opened(spec)
    choose(page, "mnist")
    assert saved() == spec.with_values({"dataset.name": "mnist"})
    assert "Changed to fit" not in texts(page)


def test_what_was_replaced_is_said_and_undo_brings_it_back(opened, saved, shops):
    spec = example().with_values({"model.layers": BUILT, "training.epochs": 77})
    page = opened(spec)
    choose(page, "shops")
    assert "Changed to fit shops: Preprocessing, Model. All else is as you left it." in texts(page)
    assert saved().training.epochs == 77
    page.button(key="undo_dataset").click().run()
    assert saved() == spec
    assert found(page.selectbox, ".dataset").value == "digits"
    assert "Changed to fit" not in texts(page)


def test_once_something_else_is_changed_the_way_back_is_no_longer_offered_here(opened, saved, shops):
    page = opened(example())
    choose(page, "shops")
    found(page.number_input, "validation_fraction").set_value(0.3).run()
    assert "undo_dataset" not in [button.key for button in page.button]
    assert saved().dataset.name == "shops"


def test_a_dataset_that_is_gone_takes_no_network_with_it(opened, open_page, saved, here, shops):
    built = proposal(shops).with_values({"training.epochs": 77, "model.layers[dense].units": 99})
    gone = built.with_values({"dataset.name": "gone", "dataset.version": ""})
    page = opened(gone)
    assert "gone" in " ".join(one.value for one in page.warning)
    assert saved() == gone, "a look changes nothing"

    choose(page, "shops")
    assert saved().model == built.model
    assert saved().training == built.training


def test_an_edit_where_the_dataset_is_gone_can_be_undone(opened, saved):
    gone = example().with_values({"dataset.name": "gone", "model.layers": BUILT})
    page = opened(gone)
    found(page.number_input, "validation_fraction").set_value(0.3).run()
    assert saved().dataset.name == "digits"
    assert saved().model == gone.model
    page.switch_page("../../pages/build.py").run()
    page.button(key="undo").click().run()
    assert saved() == gone


def test_a_draft_of_another_version_is_left_as_it_is(open_page, here):
    strange = {**example().to_dict(), "schema_version": 99}
    old = here.store.drafts.create(strange, owner="local")
    page = open_page("data", draft=old.id)
    assert page.warning
    found(page.number_input, "validation_fraction").set_value(0.3).run()
    assert here.store.drafts.get(old.id, actor=Actor("local")).spec == strange


def test_of_several_series_the_chosen_one_is_drawn(opened, here, tmp_path):
    facts = ingest(
        makers.panel(tmp_path / "panel.csv"), here.settings, Choices(name="panel"), owner="local"
    ).facts
    page = opened(proposal(facts))
    assert list(page.dataframe[0].value["shop"].unique()) == ["a"]
    page.selectbox(key="series_of").set_value("b").run()
    assert page.dataframe[0].value["level"].unique().tolist() == [100]


def test_a_series_of_any_century_is_drawn(opened, here, tmp_path):
    path = makers.old_series(tmp_path / "old.csv")
    kept = ingest(path, here.settings, Choices(name="old", kind=DataKind.SERIES), owner="local")
    page = opened(proposal(kept.facts))
    assert page.dataframe[0].value["day"].iloc[0].isoformat()[:10] == "1600-01-01"


def test_whole_series_are_drawn_by_class_and_feature(opened, here, tmp_path):
    facts = ingest(
        makers.whole_series(tmp_path / "it.npz"), here.settings, Choices(name="signals"), owner="local"
    ).facts
    page = opened(proposal(facts))
    assert names_of(page, "arrays") != []
    page.selectbox(key="series_class").set_value(facts.classes.index("high")).run()
    assert {name.split(" · ")[1] for name in names_of(page, "arrays")} == {"high"}
    first = values_of(page, "arrays")
    page.number_input(key="feature").set_value(2).run()
    # The second channel is noise around 100; the first is a wave between −1 and 1.
    assert max(map(abs, first)) <= 1
    assert min(values_of(page, "arrays")) > 20


def lines_of(page, key):
    (chart,) = [one for one in page.get("plotly_chart") if key in one.proto.id]
    return json.loads(chart.proto.spec)["data"]


def names_of(page, key):
    return [line["name"] for line in lines_of(page, key)]


def values_of(page, key):
    sent = lines_of(page, key)[0]["y"]
    return np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"]).tolist()


def test_of_each_video_its_middle_image_is_shown(opened, here, tmp_path):
    x = np.zeros((12, 5, 6, 8, 1), np.float32)
    x[:, 2] = 1
    np.savez(tmp_path / "videos.npz", x=x, y=np.arange(12) % 2)
    facts = ingest(tmp_path / "videos.npz", here.settings, Choices(name="videos"), owner="local").facts

    page = opened(proposal(facts))

    assert not page.exception
    assert "The middle image of each sample." in texts(page)
    assert proposal(facts).model.layers[0].kind == "Conv3D"
