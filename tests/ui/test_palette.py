"""The palette of layers: what fits the place comes first, and each thing is added once."""

import pytest

from dlcore.queue.ready import READY
from tests.ui.conftest import add, found, named


def palette(page):
    return found(page.selectbox, "new_layer.add")


def kinds(page):
    """What the palette offers, in its order, as classes are called."""
    return [option.partition(" · ")[0] for option in palette(page).options]


@pytest.mark.parametrize(
    ("behind", "first"),
    [
        ("conv2d", ["Conv2D", "MaxPooling2D", "BatchNormalization", "Dropout"]),
        ("flatten", ["Dense", "Dropout", "BatchNormalization", "Activation"]),
    ],
)
def test_what_is_mostly_put_there_comes_first(open_page, behind, first):
    page = open_page("build")
    page.button(key=f"layer_{behind}").click().run()
    assert kinds(page)[:4] == first


def test_everything_is_offered_once(open_page):
    offered = kinds(open_page("build"))
    assert len(offered) == len(set(offered))
    assert {"Conv1D", "Embedding", "Residual", "ResNet50"} <= set(offered)


def test_backbones_come_last_from_the_smallest_to_the_largest(open_page):
    options = palette(open_page("build")).options
    backbones = [option for option in options if "Backbone" in option]
    assert options[-40:] == backbones
    assert backbones[0] == "MobileNetV3Small · Backbone · 939 k parameters"
    assert backbones[-1] == "ConvNeXtXLarge · Backbone · 348 M parameters"


def test_ids_are_embedded_first(open_page, here):
    words = READY["language-of-words"].prepared(here.settings, owner="local")
    empty = words.with_values({"model.layers": []})
    draft = here.store.drafts.create(empty.to_dict(), owner="local").id
    assert kinds(open_page("build", draft=draft))[:3] == ["Embedding", "TokenAndPosition", "Dense"]


def test_a_layer_is_added_once_and_the_palette_is_empty_again(open_page):
    page = open_page("build")
    page.button(key="layer_dense").click().run()
    add(page, "new_layer", "Dropout")
    assert page.metric[0].value == "6"
    assert palette(page).value is None
    page.run()
    assert page.metric[0].value == "6"


def test_a_block_waits_for_its_options(open_page):
    page = open_page("build")
    page.button(key="layer_conv2d").click().run()
    add(page, "new_layer", "Residual")
    assert page.metric[0].value == "5"
    named(page, "Add block").click().run()
    assert page.metric[0].value == "12"


def test_an_auxiliary_output_is_added_beside_the_layers_that_follow_and_has_a_loss_of_its_own(open_page):
    page = open_page("build")
    page.button(key="layer_conv2d").click().run()
    add(page, "new_layer", "Auxiliary")
    named(page, "Add block").click().run()
    assert page.metric[0].value == "8"
    assert not page.error
    page.button(key="layer_auxiliary_1_out").click().run()
    losses = found(page.selectbox, "auxiliary_1_out.Output.loss").options
    assert "CategoricalCrossentropy" in losses
    assert "BinaryFocalCrossentropy" not in losses


def test_layers_are_found_by_what_they_are_called_in_chinese(open_page):
    (option,) = [
        one for one in palette(open_page("build", language="zh_CN")).options if one.startswith("MaxPooling2D")
    ]
    assert option == "MaxPooling2D · 二维最大池化"
