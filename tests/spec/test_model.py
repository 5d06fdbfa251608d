import pytest

from dlcore.errors import SpecError
from dlcore.spec.graph import infer
from dlcore.spec.model import ModelSpec, snake_case
from dlcore.spec.problems import parse
from dlcore.spec.signature import Signature


def model(*layers):
    return parse(ModelSpec, {"layers": list(layers)})


def names(*layers):
    return [layer.name for layer in model(*layers).layers]


def problem(*layers):
    with pytest.raises(SpecError) as caught:
        model(*layers)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Conv2D", "conv2d"),
        ("MaxPooling2D", "max_pooling2d"),
        ("SeparableConv2D", "separable_conv2d"),
        ("LeakyReLU", "leaky_re_lu"),
        ("Dense", "dense"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
    ],
)
def test_a_layer_without_a_name_gets_the_one_that_keras_would_choose(kind, name):
    assert snake_case(kind) == name
    assert names(kind) == [name]


def test_names_chosen_for_layers_are_counted():
    assert names("Dense", "Dense", "Flatten", "Dense") == ["dense", "dense_1", "flatten", "dense_2"]


def test_a_name_that_a_person_chose_is_never_given_to_another_layer():
    assert names("Dense", "Dense", {"kind": "Dense", "name": "dense"}) == ["dense_1", "dense_2", "dense"]


def test_a_name_can_be_used_once():
    twice = {"kind": "Dense", "name": "head"}

    assert problem(twice, twice) == "layers[1].name: the name 'head' is taken. Choose another name."


def test_no_layer_can_be_called_input():
    assert problem({"kind": "Dense", "name": "input"}).startswith(
        "layers[0].name: the name 'input' is taken."
    )


def test_an_input_must_exist():
    assert (
        problem("Flatten", {"kind": "Dense", "inputs": ["flaten"]})
        == "layers[1].inputs[0]: there is no layer 'flaten'. Choose one of: input, flatten, dense."
    )


def test_an_input_must_come_earlier():
    assert (
        problem({"kind": "Dense", "name": "a", "inputs": ["b"]}, {"kind": "Dense", "name": "b"})
        == "layers[0].inputs[0]: 'b' comes later, or is this layer itself. "
        "Move it before this layer, or take another input."
    )


def test_a_layer_cannot_take_from_itself():
    assert "comes later, or is this layer itself" in problem(
        {"kind": "Add", "name": "a", "inputs": ["a", "a"]}
    )


def test_without_inputs_a_layer_takes_from_the_one_before():
    graph = model("Conv2D", "Flatten", {"kind": "Dense", "inputs": ["input"]})

    assert [graph.sources(index) for index in range(3)] == [("input",), ("conv2d",), ("input",)]


def test_a_plain_list_is_a_stack_and_so_is_one_with_its_links_spelled_out():
    assert model("Flatten", "Dense").is_stack
    assert model({"kind": "Flatten", "inputs": ["input"]}, {"kind": "Dense", "inputs": ["flatten"]}).is_stack
    assert model().is_stack
    assert not model("Flatten", {"kind": "Dense", "inputs": ["input"]}).is_stack


def test_open_units_become_the_number_of_classes():
    resolved = model("Flatten", {"kind": "Dense", "units": 3}, "Dense").resolved(Signature.of((8,), 10))

    assert [getattr(layer, "units", None) for layer in resolved.layers] == [None, 3, 10]


def test_without_a_dataset_units_stay_open():
    open_model = model("Flatten", "Dense")

    assert open_model.resolved(Signature.of((8,))) == open_model


def test_a_model_has_at_most_1200_layers():
    assert len(model(*["Dropout"] * 1200).layers) == 1200
    assert problem(*["Dropout"] * 1201).startswith("layers: too many values: expected at most 1200, got 1201")


@pytest.mark.parametrize("name", ["a b", "<b>", "1st", "__class__", "Größe", "a\n", "a.b", "x" * 65, "层"])
def test_a_name_that_keras_or_a_page_could_stumble_over_is_refused(name):
    assert problem({"kind": "Dense", "name": name}).startswith("layers[0].name: expected ")


@pytest.mark.parametrize("name", ["a", "Block1_conv2", "x" * 64])
def test_letters_digits_and_underscores_are_fine_in_a_name(name):
    assert names({"kind": "Dense", "name": name}) == [name]


def test_an_earlier_layer_is_called_again_by_its_name():
    model = ModelSpec(layers=({"kind": "Dense", "units": 4}, {"kind": "Shared", "of": "dense"}))

    assert model.called(1) is model.layers[0]
    assert [layer.name for layer in model.own_layers] == ["dense"]
    assert [row.parameters.total for row in infer(model, (4,)).rows] == [20, 0]


@pytest.mark.parametrize("of", ["", "dense_1", "shared", "tokens"])
def test_what_is_called_again_must_be_an_earlier_layer_of_one_call(of):
    layers = (
        "Dense",
        {"kind": "PositionEmbedding", "name": "tokens"},
        {"kind": "Shared", "of": of},
        {"kind": "Dense"},
    )

    found = infer(ModelSpec(layers=layers), (5, 4), 4)

    assert str(found.problem).startswith(
        f"layers[2].of: there is no earlier layer '{of}' that can be called again."
    )
