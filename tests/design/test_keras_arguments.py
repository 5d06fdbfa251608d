"""Numbers and axes of a Keras config: taken over as a person would write them, or refused where ours differ."""

import pytest

from dlcore.design.keras_import import import_config
from dlcore.errors import SpecError
from tests.models.samples import layer, sequential, small


@pytest.mark.parametrize(
    ("number", "written"),
    [
        # What Keras keeps in float32 of 0.01, 1e-4, 0.1, and of 2.3.
        (0.009999999776482582, 0.01),
        (9.999999747378752e-05, 1e-4),
        (0.10000000149011612, 0.1),
        (2.299999952316284, 2.3),
        # Whole in both, never in float32, and beyond it.
        (0.25, 0.25),
        (0.01, 0.01),
        (0.0123456789012345, 0.0123456789012345),
        (1e39, 1e39),
    ],
)
def test_a_factor_that_keras_rounded_to_float32_is_what_the_person_wrote(number, written):
    l2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": number}}

    assert import_config(small(kernel_regularizer=l2)).model.layers[1].kernel_regularizer.l2 == written


def normalized(axis, kind="BatchNormalization", shape=(4, 4, 3), **more):
    entry = {**layer(kind, axis=axis), "build_config": {"input_shape": [None, *shape]}, **more}
    return sequential(entry, shape=shape)


@pytest.mark.parametrize("axis", [-1, 3, [-1], [3]])
def test_the_last_axis_may_be_counted_from_either_end(axis):
    (found,) = import_config(normalized(axis)).model.layers

    assert found.kind == "BatchNormalization"


@pytest.mark.parametrize("axis", [0, 1, 2, 4, -2, [1], [1, 2], None])
def test_a_normalization_along_another_axis_is_refused(axis):
    with pytest.raises(SpecError, match=r"axis: BatchNormalization can have only -1 here, got"):
        import_config(normalized(axis))
