"""Edits of a model keep its links whole."""

import pytest

from dlcore.design.edits import (
    duplicate_layer,
    insert_block,
    insert_layer,
    move_layer,
    remove_layer,
    replace_layer,
)
from dlcore.design.templates import template
from dlcore.errors import SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.blocks import Auxiliary, Residual, TransformerEncoder
from dlcore.spec.graph import infer

SHAPE = (8, 8, 4)


def stack(*layers):
    return ExperimentSpec.from_dict({"model": {"layers": list(layers)}})


@pytest.fixture
def resnet():
    model = template("resnet").build(SHAPE)
    return ExperimentSpec().model_copy(update={"model": model})


def names(spec):
    return [layer.name for layer in spec.model.layers]


def links(spec):
    return {layer.name: spec.model.sources(index) for index, layer in enumerate(spec.model.layers)}


def fits(spec):
    return infer(spec.model, SHAPE, 10).problem is None


def test_a_layer_is_put_into_a_stack():
    spec = insert_layer(stack("Flatten", "Dense"), 1, "Dropout")

    assert names(spec) == ["flatten", "dropout", "dense"]
    assert fits(spec)


def test_whatever_took_the_layer_before_takes_the_new_one(resnet):
    index = names(resnet).index("stem_out") + 1
    spec = insert_layer(resnet, index, "Dropout")

    assert links(spec)["dropout"] == ("stem_out",)
    assert links(spec)["block1_conv1"] == ("dropout",)
    assert links(spec)["block1_add"] == ("block1_norm2", "dropout")
    assert fits(spec)


def test_a_layer_that_joins_takes_the_two_before_it():
    spec = insert_layer(stack("Flatten", {"kind": "Dropout"}, "Dense"), 2, "Add")

    assert links(spec)["add"] == ("flatten", "dropout")
    assert fits(spec)


@pytest.mark.parametrize("place", ["stem_out", "block1_out", "block2_norm1", "block3_skip", "dense"])
def test_a_block_fits_wherever_its_shape_does(resnet, place):
    index = names(resnet).index(place) + 1
    report = infer(resnet.model, SHAPE, 10)
    shape = {row.name: row.output_shape for row in report.rows}[place]
    if place == "dense":
        with pytest.raises(SpecError, match="expected an image"):
            insert_block(resnet, index, Residual(), shape)
        return
    spec = insert_block(resnet, index, Residual(), shape)

    assert fits(spec)
    assert links(spec)["residual_1_conv1"] == (place,)
    takers = [name for name, taken in links(resnet).items() if place in taken]
    assert takers
    assert all("residual_1_out" in links(spec)[name] for name in takers)
    assert len(spec.model.layers) == len(resnet.model.layers) + 7


def test_a_block_put_in_twice_gets_names_of_its_own():
    shape = (6, 4)
    spec = stack("Flatten", "Dense")
    for _ in range(2):
        spec = insert_block(spec, 0, TransformerEncoder(), shape)

    assert names(spec)[0] == "transformer_encoder_2_attention"
    assert names(spec)[9] == "transformer_encoder_1_attention"
    assert links(spec)["transformer_encoder_1_attention"] == ("transformer_encoder_2_out",)
    assert infer(spec.model, shape, 10).problem is None


def test_a_copy_takes_what_the_original_gives():
    spec = duplicate_layer(stack({"kind": "Dense", "units": 4}, "Dense"), 0)

    assert names(spec) == ["dense", "dense_2", "dense_1"]
    assert links(spec)["dense_2"] == ("dense",)


def test_those_that_took_a_removed_layer_take_what_it_took(resnet):
    spec = remove_layer(resnet, names(resnet).index("block1_out"))

    assert links(spec)["block2_conv1"] == ("block1_add",)
    assert fits(spec)


def test_a_layer_moves_only_where_its_links_allow():
    spec = stack("Flatten", {"kind": "Dropout", "name": "a"}, {"kind": "Dense", "inputs": ["a"]})

    assert names(move_layer(spec, 1, 0)) == ["a", "flatten", "dense"]
    with pytest.raises(SpecError, match="'dense' takes the output of 'a'"):
        move_layer(spec, 1, 2)


def test_a_new_name_is_followed_by_those_that_named_the_old_one(resnet):
    index = names(resnet).index("stem_out")
    renamed = resnet.model.layers[index].model_copy(update={"name": "trunk"})
    spec = replace_layer(resnet, index, renamed)

    assert links(spec)["block1_add"] == ("block1_norm2", "trunk")
    assert fits(spec)


def test_what_calls_a_renamed_layer_again_follows_it():
    layers = ["Flatten", {"kind": "Dense", "units": 64}, {"kind": "Shared", "of": "dense"}, {"kind": "Dense"}]
    spec = ExperimentSpec.from_dict({"model": {"layers": layers}})

    renamed = replace_layer(spec, 1, spec.model.layers[1].updated(name="code"))

    assert renamed.model.layers[2].of == "code"


def test_a_model_with_several_inputs_keeps_them_through_every_edit():
    rows = [
        {"kind": "Embedding", "name": "one", "inputs": ["user"]},
        {"kind": "Embedding", "name": "other", "inputs": ["item"]},
        {"kind": "Dot", "inputs": ["one", "other"]},
        "Flatten",
        "Dense",
    ]
    spec = ExperimentSpec.from_dict({"model": {"inputs": ["user", "item"], "layers": rows}})

    first = insert_layer(spec, 0, "Dropout")
    edits = [
        first, insert_layer(spec, 4, "Dropout"), duplicate_layer(spec, 3), move_layer(spec, 0, 1),
        replace_layer(spec, 3, spec.model.layers[3].updated(name="flat")), remove_layer(spec, 3),
    ]  # fmt: skip
    assert {one.model.inputs for one in edits} == {("user", "item")}
    assert first.model.sources(0) == ("user",)


def test_an_auxiliary_output_is_put_beside_the_layers_that_follow(resnet):
    index = names(resnet).index("stem_out") + 1
    report = infer(resnet.model, SHAPE, 10)
    shape = {row.name: row.output_shape for row in report.rows}["stem_out"]

    spec = insert_block(resnet, index, Auxiliary(), shape)

    assert links(spec)["auxiliary_1_pool"] == links(spec)["block1_conv1"] == ("stem_out",)
    assert links(spec)["auxiliary_1_out"] == ("auxiliary_1_answer",)
    assert fits(spec)
    assert {row.name: row.output_shape for row in infer(spec.model, SHAPE, 10).rows}["auxiliary_1_out"] == (
        10,
    )


def test_an_auxiliary_output_before_a_layer_without_inputs_leaves_it_what_it_took():
    spec = insert_block(stack("Flatten", "Dense"), 1, Auxiliary(), (256,))

    assert links(spec)["dense"] == links(spec)["auxiliary_1_answer"] == ("flatten",)
    assert fits(spec)
