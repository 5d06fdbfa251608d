import pytest

from dlcore.spec import DatasetSpec, ExperimentSpec, ModelSpec, TrainingSpec
from dlcore.spec.base import Registry
from dlcore.spec.blocks import BLOCKS
from dlcore.spec.describe import Sort, describe
from dlcore.spec.fields import Scale
from dlcore.spec.fine_tuning import FineTuning
from dlcore.spec.layers import LAYERS, Conv2D, Dense, Dropout, Layer, MultiHeadAttention
from dlcore.spec.losses import LOSSES
from dlcore.spec.model import ModelSpec as Model
from dlcore.spec.optimizers import OPTIMIZERS, SGD
from dlcore.spec.preprocessing import STEPS, Rescaling
from dlcore.spec.regularizers import REGULARIZERS
from dlcore.spec.schedules import SCHEDULES, CosineDecay, PiecewiseConstantDecay
from dlcore.spec.training import CLASS_WEIGHTS, EarlyStopping, PerClass


def field(cls, name):
    return next(field for field in describe(cls) if field.name == name)


@pytest.mark.parametrize(
    ("cls", "name", "sort"),
    [
        (Conv2D, "filters", Sort.INT),
        (Conv2D, "kernel_size", Sort.PAIR),
        (Conv2D, "padding", Sort.CHOICE),
        (Conv2D, "use_bias", Sort.BOOL),
        (Conv2D, "kernel_regularizer", Sort.KIND),
        (Conv2D, "inputs", Sort.NAMES),
        (Conv2D, "name", Sort.TEXT),
        (Dropout, "rate", Sort.FLOAT),
        (PiecewiseConstantDecay, "boundaries", Sort.NUMBERS),
        (PerClass, "weights", Sort.WEIGHTS),
        (TrainingSpec, "metrics", Sort.CHOICES),
        (TrainingSpec, "early_stopping", Sort.MODEL),
        (ExperimentSpec, "preprocessing", Sort.KINDS),
        (ModelSpec, "layers", Sort.KINDS),
    ],
)
def test_the_sort_of_a_field_follows_from_its_type(cls, name, sort):
    assert field(cls, name).sort is sort


@pytest.mark.parametrize(
    ("cls", "name", "text"),
    [
        (Conv2D, "filters", "1 ≤ … ≤ 1,000,000"),
        (Conv2D, "kernel_size", "1 ≤ … ≤ 255"),
        (Dropout, "rate", "0 ≤ … < 1"),
        (SGD, "learning_rate", "0 < … ≤ 100"),
        (SGD, "clipnorm", "0 < …"),
        (Rescaling, "scale", ""),
        (PiecewiseConstantDecay, "boundaries", "0 < …"),
        (ExperimentSpec, "seed", "0 ≤ … < 2,147,483,648"),
    ],
)
def test_the_range_of_a_field_is_what_the_spec_checks(cls, name, text):
    assert field(cls, name).range_text() == text


def test_a_field_that_may_be_empty_says_so():
    assert field(Dense, "units").optional
    assert field(CosineDecay, "decay_epochs").optional
    assert field(TrainingSpec, "loss").optional
    assert not field(TrainingSpec, "optimizer").optional


def test_a_choice_lists_its_words_and_a_kind_its_registry():
    assert field(Conv2D, "padding").choices == ("valid", "same")
    assert field(TrainingSpec, "optimizer").registry is OPTIMIZERS
    assert field(TrainingSpec, "loss").registry is LOSSES
    assert field(Dense, "kernel_regularizer").registry is REGULARIZERS
    assert field(ExperimentSpec, "preprocessing").registry is STEPS
    assert field(TrainingSpec, "early_stopping").model is EarlyStopping
    assert field(ExperimentSpec, "model").model is Model


def test_a_form_begins_with_what_matters_and_folds_the_rest_away():
    names = [field.name for field in describe(Conv2D)]

    assert names[0] == "filters"
    assert [field.advanced for field in describe(Conv2D)] == sorted(f.advanced for f in describe(Conv2D))
    assert names.index("kernel_size") < names.index("use_bias")


def test_every_field_of_every_spec_has_a_form_help_and_a_default():
    parts = [ExperimentSpec, DatasetSpec, ModelSpec, FineTuning, TrainingSpec, EarlyStopping]
    kinds = [cls for registry in (LAYERS, BLOCKS, LOSSES, OPTIMIZERS, SCHEDULES, REGULARIZERS, STEPS, CLASS_WEIGHTS)
             for cls in registry]  # fmt: skip
    for cls in [*parts, *kinds]:
        for one in describe(cls):
            assert one.help, (cls, one.name)
            assert one.default is not ..., (cls, one.name)
            assert one.label[0].isupper()


def test_the_registry_of_layers_is_found_by_the_class_they_share():
    assert Registry.of(Layer) is LAYERS


@pytest.mark.parametrize(
    ("cls", "name", "label"),
    [
        (Conv2D, "kernel_size", "Kernel size"),
        (MultiHeadAttention, "num_heads", "Heads"),
        (TrainingSpec, "precision", "Number format"),
    ],
)
def test_a_label_is_the_name_unless_the_field_has_another(cls, name, label):
    assert field(cls, name).label == label


@pytest.mark.parametrize(
    ("cls", "name", "scale"),
    [
        (Dense, "units", Scale.POWERS),
        (SGD, "learning_rate", Scale.MAGNITUDES),
        (SGD, "momentum", Scale.PLAIN),
        (Conv2D, "kernel_size", Scale.WINDOWS),
        (DatasetSpec, "validation_fraction", Scale.PARTS),
        (ExperimentSpec, "seed", Scale.FIXED),
    ],
)
def test_a_field_says_how_a_search_spreads_its_values(cls, name, scale):
    assert field(cls, name).search is scale


def test_what_is_left_to_the_data_says_so():
    derived = {
        f"{cls.__name__}.{one.name}"
        for cls in (*LAYERS, DatasetSpec, TrainingSpec)
        for one in describe(cls)
        if one.derived
    }

    assert derived == {
        "Dense.units",
        "Embedding.input_dim",
        "DatasetSpec.split",
        "TrainingSpec.loss",
        "Output.loss",
    }
