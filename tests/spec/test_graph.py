import pytest

from dlcore.spec.graph import infer
from dlcore.spec.layers import ParameterCount
from dlcore.spec.model import ModelSpec
from dlcore.spec.problems import parse

SHAPE = (8, 8, 3)


def report(*layers, shape=SHAPE, outputs=10):
    return infer(parse(ModelSpec, {"layers": list(layers)}), shape, outputs)


def layer(kind, name="", inputs=(), **arguments):
    return {"kind": kind, "name": name, "inputs": list(inputs), **arguments}


RESIDUAL = [
    layer("Conv2D", "stem", filters=4, padding="same"),
    layer("Conv2D", "left", filters=4, padding="same"),
    layer("Add", "joint", ["stem", "left"]),
    layer("GlobalAveragePooling2D", "pool"),
    layer("Dense", "head"),
]


def test_a_residual_block_is_inferred_layer_by_layer():
    found = report(*RESIDUAL)

    assert found.problem is None
    assert [(row.name, row.sources, row.output_shape) for row in found.rows] == [
        ("stem", ("input",), (8, 8, 4)),
        ("left", ("stem",), (8, 8, 4)),
        ("joint", ("stem", "left"), (8, 8, 4)),
        ("pool", ("joint",), (4,)),
        ("head", ("pool",), (10,)),
    ]
    # 3 · 9 · 4 + 4, then 4 · 9 · 4 + 4, then 4 · 10 + 10.
    assert [row.parameters.total for row in found.rows] == [112, 148, 0, 0, 50]
    assert found.parameters == ParameterCount(310, 0)
    assert [row.flops for row in found.rows] == [55 * 256, 73 * 256, 256, 256, 90]
    assert found.flops == 128 * 256 + 2 * 256 + 90
    assert [row.activations for row in found.rows] == [256, 256, 256, 4, 10]
    assert found.activations == 192 + 782
    assert found.output_shape == (10,)


def test_branches_of_different_width_can_be_put_side_by_side():
    found = report(
        layer("Conv2D", "small", ["input"], filters=4, kernel_size=1),
        layer("Conv2D", "large", ["input"], filters=6, kernel_size=5, padding="same"),
        layer("Concatenate", "both", ["small", "large", "input"]),
        layer("Flatten"),
        layer("Dense"),
    )

    assert found.problem is None
    assert found.rows[2].output_shape == (8, 8, 13)


def test_parameters_that_are_not_learned_are_counted_apart():
    found = report("BatchNormalization", "Flatten", "Dense")

    assert found.parameters == ParameterCount(6 + 192 * 10 + 10, 6)
    assert found.parameters.total == 1942


PROBLEMS = [
    ([], "layers: the model has no layers. Add one, or pick a template."),
    (
        ["Flatten", "Conv2D", "Dense"],
        "layers[1]: expected an image (height, width, channels), got shape (192,). "
        "Move it before the layer that flattens.",
    ),
    (
        ["MaxPooling2D", "MaxPooling2D", layer("Conv2D", strides=1), "Flatten", "Dense"],
        "layers[2].kernel_size: the window of 3 is larger than its input of 2. "
        "Lower kernel_size, set padding to 'same', or remove a pooling layer before it.",
    ),
    (
        ["Flatten", "Add", "Dense"],
        "layers[1].inputs: this layer needs two or more inputs, got 1. Name the layers to join in inputs.",
    ),
    (
        ["Flatten", layer("Dense", inputs=["input", "flatten"])],
        "layers[1].inputs: this layer takes one input, got 2. Join them first, with Add or Concatenate.",
    ),
    (
        ["Conv2D", layer("Add", inputs=["input", "conv2d"]), "Flatten", "Dense"],
        "layers[1].inputs: the inputs have different shapes: (8, 8, 3), (6, 6, 32). "
        "Give each branch the same size and channels, or a size of 1: a 1×1 Conv2D changes them.",
    ),
    (
        ["Conv2D", layer("Flatten", inputs=["input"]), "Dense"],
        "layers[0].name: the output of 'conv2d' is not used. "
        "Use it as an input of a later layer, or remove it.",
    ),
    (
        ["Conv2D", "GlobalAveragePooling2D"],
        "layers[1]: wrong number of outputs: the model gives 32, the dataset needs 10. "
        "Let the last layer be a Dense with empty units.",
    ),
    (
        ["Flatten", layer("Dense", units=3)],
        "layers[1].units: wrong number of outputs: the model gives 3, the dataset needs 10. "
        "Let the last layer be a Dense with empty units.",
    ),
    (
        ["Conv2D"],
        "layers[0]: the output has shape (6, 6, 32), the dataset needs (10,). "
        "Add Flatten or a global pooling, then a Dense layer with empty units.",
    ),
    (
        ["Flatten", layer("Dense", units=1_000_000), layer("Dense", units=1_000_000), "Dense"],
        "layers: the model has 1,000,204,000,010 parameters, more than 2,000,000,000. "
        "Make its largest layer smaller.",
    ),
    (
        [layer("DepthwiseConv2D", depth_multiplier=1_000_000, padding="same")] * 500,
        "layers[1]: this layer outputs more than 1,000,000,000 values per sample. "
        "Lower its channels or units, or pool before it.",
    ),
]


@pytest.mark.parametrize(("layers", "sentence"), PROBLEMS)
def test_the_first_problem_is_located_and_comes_with_its_mend(layers, sentence):
    assert str(report(*layers).problem) == sentence


def test_rows_before_the_first_problem_are_still_shown():
    found = report("Conv2D", "Flatten", "MaxPooling2D", "Dense")

    assert [row.name for row in found.rows] == ["conv2d", "flatten"]
    assert found.output_shape == (6 * 6 * 32,)
    assert str(found.problem.path) == "layers[2]"


def test_without_a_dataset_open_units_are_the_first_problem():
    assert str(report("Flatten", "Dense", outputs=None).problem.path) == "layers[1].units"


def test_without_a_dataset_any_output_will_do():
    assert report("Flatten", layer("Dense", units=3), outputs=None).problem is None


def test_an_empty_model_gives_what_it_takes():
    found = report()

    assert found.output_shape == SHAPE
    assert found.parameters.total == 0
    assert found.flops == 0
