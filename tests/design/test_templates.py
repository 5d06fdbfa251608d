import pytest

from dlcore.design.templates import TEMPLATES, template, templates_for
from dlcore.errors import SpecError
from dlcore.spec.data import DataKind
from dlcore.spec.graph import infer
from dlcore.spec.signature import InputSpec, Signature

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (15, 8, 3), (224, 224, 3)]


def test_the_first_cnn_on_mnist_has_693_962_parameters():
    found = infer(template("cnn").build((28, 28, 1)), (28, 28, 1), 10)

    # 3·3·1·32 + 32; the image shrinks to 26 and then 13; 13·13·32 · 128 + 128; 128·10 + 10.
    assert [row.parameters.total for row in found.rows] == [320, 0, 0, 692_352, 1_290]
    assert [row.output_shape for row in found.rows] == [(26, 26, 32), (13, 13, 32), (5408,), (128,), (10,)]
    assert found.parameters.total == 693_962
    assert found.problem is None


def test_lenet_on_32_pixels_is_the_published_one():
    found = infer(template("lenet5").build((32, 32, 1)), (32, 32, 1), 10)

    # 156 + 2,416 in the convolutions; LeCun's 5 × 5 second map becomes 6 × 6, for the first keeps its size.
    assert [row.parameters.total for row in found.rows if row.parameters.total] == [
        156, 2_416, 6 * 6 * 16 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10,
    ]  # fmt: skip


def test_the_resnet_has_three_blocks_and_halves_the_image_twice():
    model = template("resnet").build((32, 32, 3))
    shapes = {row.name: row.output_shape for row in infer(model, (32, 32, 3), 10).rows}

    assert not model.is_stack
    assert [shapes[f"block{number}_out"] for number in (1, 2, 3)] == [(32, 32, 16), (16, 16, 32), (8, 8, 64)]


SIGHTS = {
    DataKind.TEXT: Signature({"input": InputSpec((40,), "int32", 500)}, 3),
    DataKind.AUDIO: Signature({"input": InputSpec((61, 40, 1))}, 10),
    DataKind.SERIES: Signature({"input": InputSpec((24, 2))}, 6),
    DataKind.TABLE: Signature(
        {"input": InputSpec((5,)), "city": InputSpec((1,), "int32", 300), "job": InputSpec((1,), "int32", 9)},
        1,
    ),
    DataKind.RATINGS: Signature(
        {"user": InputSpec((1,), "int32", 31), "item": InputSpec((1,), "int32", 21)}, 1
    ),
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, one.name) for kind in SIGHTS for one in templates_for(kind) if one.name != "empty"],
)
def test_every_template_fits_what_its_kind_of_data_gives(kind, name):
    found = infer(template(name).build(SIGHTS[kind]), SIGHTS[kind])

    assert found.problem is None
    assert found.output_shape == (SIGHTS[kind].outputs,)


def test_columns_may_be_called_like_layers():
    ids = InputSpec((1,), "int32", 9)
    names = ("all", "dense", "embedding", "x", "x_vector", "x_flat")
    data = Signature(dict.fromkeys(names, ids), 1)

    assert infer(template("table_mlp").build(data), data).problem is None


def test_a_table_of_numbers_alone_needs_no_vectors():
    model = template("table_mlp").build(Signature({"input": InputSpec((5,))}, 1))

    assert [layer.kind for layer in model.layers] == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]


def test_counts_of_words_need_no_word_vectors():
    data = Signature({"input": InputSpec((500,))}, 2)

    assert infer(template("text_conv1d").build(data), data).problem is None


@pytest.mark.parametrize("name", [one.name for one in templates_for(DataKind.IMAGE) if one.name != "empty"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_template_fits_every_image(name, shape):
    found = infer(template(name).build(shape), shape, 7)

    assert found.problem is None
    assert found.output_shape == (7,)


def test_the_empty_template_is_empty():
    assert template("empty").build((8, 8, 1)).layers == ()


def test_every_template_has_a_title_and_one_line_of_help():
    for one in TEMPLATES.values():
        assert one.title
        assert one.summary.endswith(".")


def test_an_unknown_template_lists_the_nearest():
    with pytest.raises(SpecError, match=r"there is no template 'resnet50'\. Nearest: resnet"):
        template("resnet50")
