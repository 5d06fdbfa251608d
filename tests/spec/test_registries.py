import pytest
from pydantic import ValidationError

from dlcore.errors import SpecError
from dlcore.spec.augmentation import AUGMENTATIONS
from dlcore.spec.base import Kind, Registry, SpecModel
from dlcore.spec.blocks import BLOCKS
from dlcore.spec.cleaning import CLEANING
from dlcore.spec.fields import arg
from dlcore.spec.fine_tuning import SOURCES
from dlcore.spec.layers import APPLICATIONS, LAYERS, RECURRENTS, STEP_LAYERS, Dense
from dlcore.spec.losses import LOSSES
from dlcore.spec.optimizers import OPTIMIZERS, SGD, Adam
from dlcore.spec.preprocessing import STEPS
from dlcore.spec.problems import parse
from dlcore.spec.regularizers import L2, REGULARIZERS
from dlcore.spec.schedules import SCHEDULES

ALL = [
    LAYERS,
    BLOCKS,
    RECURRENTS,
    STEP_LAYERS,
    APPLICATIONS,
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    REGULARIZERS,
    AUGMENTATIONS,
    SOURCES,
]


def test_the_layers_are_those_a_person_expects_in_the_order_of_the_pick_list():
    assert set(LAYERS.names()) == {
        "Conv2D", "Conv1D", "SeparableConv2D", "SeparableConv1D", "DepthwiseConv2D", "DepthwiseConv1D", "PReLU", "RMSNormalization",
        "Conv2DTranspose",
        "Conv1DTranspose", "MaxPooling2D", "AveragePooling2D", "MaxPooling1D", "AveragePooling1D",
        "GlobalAveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling1D", "GlobalMaxPooling1D",
        "BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "Normalization",
        "LayerScale",
        "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Dropout", "SpatialDropout2D",
        "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Flatten", "Dense", "Embedding", "Add", "Subtract", "Multiply",
        "Average", "Maximum", "Minimum", "Concatenate", "Dot", "LSTM", "GRU", "SimpleRNN", "Bidirectional",
        "TimeDistributed", "MultiHeadAttention", "Reshape", "Permute", "RepeatVector", "UpSampling2D",
        "UpSampling1D", "ZeroPadding2D", "ZeroPadding1D", "Cropping2D", "Cropping1D", "Resizing", "Rescaling",
        *APPLICATIONS.names(), "PositionEmbedding", "SinePositionEncoding", "RotaryEmbedding",
        "Shared", "SpectralNormalization", "EinsumDense", "Masking", "Discretization", "CategoryEncoding", "ActivityRegularization", "SpatialDropout3D",
        "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D",
        "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D",
        "GroupQueryAttention", "Attention", "AdditiveAttention", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
        "Conv3D", "Conv3DTranspose", "MaxPooling3D", "AveragePooling3D", "GlobalAveragePooling3D",
        "GlobalMaxPooling3D", "UpSampling3D", "ZeroPadding3D", "Cropping3D",
        "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
        "State", "Output",
    }  # fmt: skip


def test_the_backbones_are_the_networks_of_keras_applications():
    assert set(APPLICATIONS.names()) == {
        "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2",
        "InceptionV3", "InceptionResNetV2", "Xception", "DenseNet121", "DenseNet169", "DenseNet201",
        "MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "NASNetMobile", "NASNetLarge",
        "EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4",
        "EfficientNetB5", "EfficientNetB6", "EfficientNetB7", "EfficientNetV2B0", "EfficientNetV2B1",
        "EfficientNetV2B2", "EfficientNetV2B3", "EfficientNetV2S", "EfficientNetV2M", "EfficientNetV2L",
        "ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge",
    }  # fmt: skip


def test_the_optimizers_are_kerass_own():
    assert OPTIMIZERS.names() == ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Nadam", "Lion")


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.what)
def test_every_kind_has_help_for_itself_and_for_each_of_its_fields(registry):
    for cls in registry:
        assert cls.summary.endswith("."), cls
        assert len(cls.summary) < 100, cls
        for name, field in cls.model_fields.items():
            assert (field.description or "").endswith("."), (cls, name)


@pytest.mark.parametrize("registry", [STEPS, AUGMENTATIONS, CLEANING], ids=lambda registry: registry.what)
def test_every_step_has_a_plain_name_of_its_own(registry):
    titles = [cls.title for cls in registry]
    assert all(titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.what)
def test_every_kind_can_be_named_alone_and_comes_back_from_its_own_json(registry):
    for cls in registry:
        one = registry.parse(cls.__name__)

        assert registry.parse(one.model_dump(mode="json")) == one == cls()
        assert one.kind == cls.__name__


def test_a_new_kind_is_known_once_its_class_is_registered():
    class Shape(Kind):
        namespace, summary = "shapes", ""

    shapes = Registry("shape", Shape)

    @shapes.register
    class Circle(Shape):
        radius: float = arg(1.0, "How large.", gt=0)

    assert shapes.names() == ("Circle",)
    assert shapes.get("Circle") is Circle
    assert shapes.parse({"kind": "Circle", "radius": 2}).model_dump() == {"kind": "Circle", "radius": 2.0}
    assert Registry.of(Shape) is shapes
    assert list(shapes) == [Circle]


def test_a_kind_is_also_known_where_a_narrower_class_of_it_is_registered():
    assert RECURRENTS.names() == ("LSTM", "GRU", "SimpleRNN")
    assert set(RECURRENTS.names()) < set(STEP_LAYERS.names()) < set(LAYERS.names())
    assert "TimeDistributed" not in STEP_LAYERS.names()


def test_a_kind_that_is_there_already_stays_itself():
    dense = Dense(units=3)

    assert LAYERS.parse(dense) is dense


def test_an_unknown_kind_lists_the_nearest():
    with pytest.raises(SpecError) as caught:
        OPTIMIZERS.get("Adamw")

    assert str(caught.value) == "there is no optimizer 'Adamw'. Nearest: Adam, AdamW, Nadam."


def test_the_arguments_of_a_kind_are_those_of_kerass_constructor():
    dense = Dense(units=3, inputs=("flatten",), kernel_regularizer=L2(l2=0.5))

    assert "inputs" not in dense.arguments()
    assert dense.arguments()["units"] == 3
    assert dense.arguments()["kernel_regularizer"] == L2(l2=0.5)


def test_a_kind_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Adam().learning_rate = 0.1


def test_an_updated_copy_is_checked():
    assert SGD().updated(momentum=0.9) == SGD(momentum=0.9)
    with pytest.raises(SpecError) as caught:
        SGD().updated(momentum=1.0)
    assert str(caught.value.path) == "momentum"


def test_a_kind_of_another_sort_is_refused():
    with pytest.raises(SpecError) as caught:
        parse(Dense, {"kernel_regularizer": {"kind": "Adam"}})

    assert str(caught.value.path) == "kernel_regularizer.kind"
    assert caught.value.message.params["near"] == "L1, L1L2, L2"


def test_no_kind_has_an_annotation_that_is_evaluated_again_for_each_that_inherits_it():
    kinds = [SpecModel]
    for kind in kinds:
        kinds += kind.__subclasses__()
    ours = [kind for kind in kinds if kind.__module__.startswith("dlcore.")]

    assert len(ours) > 250
    for kind in ours:
        assert not [one for one in vars(kind).get("__annotations__", {}).values() if isinstance(one, str)], (
            kind
        )
