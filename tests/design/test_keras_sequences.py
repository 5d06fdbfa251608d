"""What Keras writes for positions, parts and patches: found again as the layers that compute the same."""

from dataclasses import replace
from math import cos, pi, sin
from typing import Any

import pytest

from dlcore.design.keras_import import import_config
from dlcore.design.keras_import.composites import composite_of
from dlcore.design.keras_import.objects import KerasObject
from dlcore.errors import SpecError
from dlcore.spec.layers import PositionEmbedding, RotaryEmbedding, SinePositionEncoding
from tests.models.samples import called, functional, layer, tensor

NUMPY, IMAGE = "keras.src.ops.numpy", "keras.src.ops.image"


def given(*sizes: int | None) -> dict[str, Any]:
    return {**tensor("pixels"), "config": {**tensor("pixels")["config"], "shape": [None, *sizes]}}


def imported(entry: dict[str, Any], *args: Any) -> Any:
    """A model of one entry that is called once, on the first argument."""
    config = functional(called(entry, *args), output=["it", 0, 0])
    sizes = next(one["config"]["shape"] for one in args if one.get("class_name") == "__keras_tensor__")
    config["config"]["layers"][0]["config"]["batch_shape"] = sizes
    return import_config(config)


def operation(kind: str, module: str = NUMPY, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": {"name": "it", **config}, "registered_name": kind}


def fixed(rows: Any, kind: str = "__numpy__") -> dict[str, Any]:
    return {"class_name": kind, "config": {"value": rows, "dtype": "float32"}}


def waves(steps: int, channels: int) -> list[list[float]]:
    """Vaswani et al., 2017: sines at even channels, cosines at odd ones."""
    return [
        [(cos if n % 2 else sin)(step / 10_000 ** (2 * (n // 2) / channels)) for n in range(channels)]
        for step in range(steps)
    ]


@pytest.mark.parametrize(
    ("entry", "rows"),
    [
        (operation("Add"), waves(3, 4)),
        (operation("Add"), [waves(3, 4)]),
        (layer("Add", name="it"), waves(3, 4)),
    ],
    ids=["operation", "batch", "layer"],
)
@pytest.mark.parametrize("kind", ["__numpy__", "__tensor__"])
def test_waves_that_are_added_to_each_step_are_positions(entry, rows, kind):
    args = (
        [[given(3, 4), fixed(rows, kind)]]
        if entry["module"] == "keras.layers"
        else [given(3, 4), fixed(rows, kind)]
    )
    config = functional(called(entry, *args), output=["it", 0, 0])
    config["config"]["layers"][0]["config"]["batch_shape"] = [None, 3, 4]
    found = import_config(config)
    assert [one.kind for one in found.model.layers] == ["SinePositionEncoding"]
    assert found.tables == {}


def test_other_numbers_that_are_added_to_each_step_are_a_table_that_does_not_learn():
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    found = imported(operation("Add"), given(3, 2), fixed(rows))
    (only,) = found.model.layers
    assert (only.kind, only.trainable) == ("PositionEmbedding", False)
    assert found.tables == {"it": ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))}
    near = waves(3, 4)
    near[2][3] += 0.01
    assert list(imported(operation("Add"), given(3, 4), fixed(near)).tables) == ["it"]


@pytest.mark.parametrize(
    "rows",
    [
        waves(2, 4), waves(4, 4), waves(3, 3), waves(3, 5), [[1.0] * 4] * 2 + [[1.0] * 3], [[1] * 4] * 3,
        [[float("nan")] * 4] * 3, [[float("inf")] * 4] * 3, [waves(3, 4)] * 2, [], [[]], [1.0, 2.0, 3.0], "text",
    ],
)  # fmt: skip
def test_numbers_that_are_not_one_for_each_step_and_channel_are_refused(rows):
    with pytest.raises(SpecError, match=r"^it: "):
        imported(operation("Add"), given(3, 4), fixed(rows))


def cut(start: int | None = None, stop: int | None = None, step: int | None = None) -> dict[str, Any]:
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


@pytest.mark.parametrize(
    ("key", "cropping", "shape"),
    [
        (cut(1, 3), (1, 2), (2, 4)),
        (cut(-2), (3, 0), (2, 4)),
        (cut(None, -1), (0, 1), (4, 4)),
        (cut(), (0, 0), (5, 4)),
        (0, (0, 4), (4,)),
        (2, (2, 2), (4,)),
        (-1, (4, 0), (4,)),
        (-5, (0, 4), (4,)),
    ],
)
def test_steps_that_are_taken_from_a_sequence_are_what_is_left_of_it(key, cropping, shape):
    found = imported(operation("GetItem"), given(5, 4), cut(), key)
    crop, *rest = found.model.layers
    assert (crop.kind, crop.cropping) == ("Cropping1D", cropping)
    assert [one.kind for one in rest] == (["Reshape"] if type(key) is int else [])
    assert found.report.output_shape == shape


@pytest.mark.parametrize(
    "keys",
    [
        [cut()], [0, cut()], [cut(), cut(None, None, 2)], [cut(), cut(None, None, -1)], [cut(), 5], [cut(), -6],
        [cut(), cut(3, 3)], [cut(), 0, 1], [cut(), 0, cut(1)], [cut(1), 0], [cut(), "0"], [cut(), cut("1")],
    ],
)  # fmt: skip
def test_other_parts_of_a_sequence_are_refused(keys):
    with pytest.raises(SpecError, match=r"^it: "):
        imported(operation("GetItem"), given(5, 4), *keys)


def patches(size: Any, **more: Any) -> dict[str, Any]:
    return operation("ExtractPatches", IMAGE, **{"size": size, "strides": size, "dilation_rate": 1, **more})


def test_an_image_in_patches_is_split_and_brought_together():
    found = imported(patches([2, 3]), given(4, 6, 5))
    split, turned, together = found.model.layers
    # Two rows and two columns of patches of 2 × 3 pixels of five channels.
    assert split.target_shape == (2, 2, 2, 3, 5)
    assert turned.dims == (1, 3, 2, 4, 5)
    assert together.target_shape == found.report.output_shape == (2, 2, 30)


@pytest.mark.parametrize(
    ("entry", "shape"),
    [
        (patches([3, 3]), (4, 6, 5)),
        (patches([2, 4]), (4, 6, 5)),
        (patches([2, 3]), (None, 6, 5)),
        (patches([2, 3]), (4, 6)),
        (patches([2, 3], strides=[1, 1]), (4, 6, 5)),
        (patches([2, 3], dilation_rate=2), (4, 6, 5)),
        (patches([2, 3], data_format="channels_first"), (4, 6, 5)),
        (patches([2, 0]), (4, 6, 5)),
        (patches([2]), (4, 6, 5)),
        (patches(2), (4, 6, 5)),
    ],
)
def test_patches_that_overlap_or_do_not_fit_are_refused(entry, shape):
    with pytest.raises(SpecError, match=r"^it: "):
        imported(entry, given(*shape))


def entries(kind: Any, shape: tuple[int, ...]) -> list[KerasObject]:
    """The nested model of a layer, as this product writes it and Keras saves it; its parts backwards."""
    first = KerasObject("InputLayer", {"batch_shape": [None, *shape]}, "given")
    found = []
    for part in kind.recipe([shape]):
        name = part.call.path.rpartition(".")[2]
        numbers = [part.call.arguments[one] for one in ("x2", "indices") if one in part.call.arguments]
        takes = [tensor(one if one != kind.recipe([shape])[0].takes[0] else "given") for one in part.takes]
        args = [takes] if part.joins else [*takes, *(list(n) if isinstance(n, tuple) else n for n in numbers)]
        found.append(
            KerasObject(
                "".join(word.capitalize() for word in name.split("_")) if part.is_function else name,
                dict(part.call.arguments),
                part.name,
                ({"args": args, "kwargs": {}},),
                is_layer=not part.is_function,
            )
        )
    return [first, *reversed(found)]


NESTED = KerasObject("Functional", {}, "where")


@pytest.mark.parametrize(
    ("kind", "shape", "fields"),
    [
        (PositionEmbedding(), (5, 4), {"sequence_length": None}),
        (PositionEmbedding(sequence_length=9), (5, 4), {"sequence_length": 9}),
        (SinePositionEncoding(), (5, 4), {"max_wavelength": 10_000}),
        (SinePositionEncoding(max_wavelength=300), (5, 7), {"max_wavelength": 300}),
        (RotaryEmbedding(max_wavelength=500), (5, 6), {"max_wavelength": 500}),
    ],
)
def test_a_nested_model_that_is_a_layer_of_positions_is_that_layer(kind, shape, fields):
    found = composite_of(NESTED, entries(kind, shape))
    assert found is not None
    assert (found.class_name, found.config["name"]) == (type(kind).__name__, "where")
    assert fields.items() <= found.config.items()


def test_a_nested_model_that_differs_in_one_number_stays_a_model():
    model = entries(SinePositionEncoding(), (5, 4))
    place = next(n for n, one in enumerate(model) if one.class_name == "Rescaling")

    def changed(**config: Any) -> list[KerasObject]:
        return [
            *model[:place],
            replace(model[place], config={**model[place].config, **config}),
            *model[place + 1 :],
        ]

    scale, offset = (model[place].config[name] for name in ("scale", "offset"))
    assert composite_of(NESTED, changed()) is not None
    assert composite_of(NESTED, changed(offset=[one + 1e-3 for one in offset])) is None
    assert composite_of(NESTED, changed(scale=[scale[0] * 1.1, *scale[1:]])) is None
    assert composite_of(NESTED, changed(scale=scale[:3])) is None
    assert composite_of(NESTED, changed(offset="none")) is None
    assert composite_of(NESTED, model[:-1]) is None
    assert (
        composite_of(NESTED, [replace(model[0], config={"batch_shape": [None, None, 4]}), *model[1:]]) is None
    )


def test_the_waves_of_positions_are_those_of_the_papers():
    angles = {
        part.name: part.call.arguments for part in SinePositionEncoding(max_wavelength=100).recipe([(5, 4)])
    }
    assert angles["angles"]["scale"] == pytest.approx([1, 1, 0.1, 0.1])
    assert angles["angles"]["offset"] == pytest.approx([0, pi / 2, 0, pi / 2])
    turns = {part.name: part.call.arguments for part in RotaryEmbedding(max_wavelength=100).recipe([(5, 4)])}
    # Cosines at every channel; the sine of the first half is that of the other way round.
    assert turns["angles"]["scale"] == pytest.approx([1, 0.1, 1, 0.1])
    assert turns["angles"]["offset"] == pytest.approx([pi / 2] * 4)
    assert turns["turns"]["scale"] == pytest.approx([-1, -0.1, 1, 0.1])
    assert turns["turns"]["offset"] == [0] * 4
    assert turns["swapped"] == {"shift": 2, "axis": -1}
