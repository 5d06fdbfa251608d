"""What is done to the data before the model sees it; importing this registers all steps."""

from dlcore.spec.preprocessing.audio import (
    MFCC,
    FixedLength,
    MelSpectrogram,
    Resampling,
    seconds_seen,
)
from dlcore.spec.preprocessing.base import STEPS, AnyStep, Step, ValueStep, form_after, signature
from dlcore.spec.preprocessing.images import ColorMode, Resizing
from dlcore.spec.preprocessing.tables import (
    ColdStart,
    Hashing,
    PiecewiseLinearEncoding,
    StringLookup,
    Windows,
    input_name,
)
from dlcore.spec.preprocessing.text import TextVectorization
from dlcore.spec.preprocessing.values import (
    LogTransform,
    MinMaxScaler,
    Normalization,
    Rescaling,
    RobustScaler,
)

__all__ = [
    "MFCC",
    "STEPS",
    "AnyStep",
    "ColdStart",
    "ColorMode",
    "FixedLength",
    "Hashing",
    "LogTransform",
    "MelSpectrogram",
    "MinMaxScaler",
    "Normalization",
    "PiecewiseLinearEncoding",
    "Resampling",
    "Rescaling",
    "Resizing",
    "RobustScaler",
    "Step",
    "StringLookup",
    "TextVectorization",
    "ValueStep",
    "Windows",
    "form_after",
    "input_name",
    "seconds_seen",
    "signature",
]
