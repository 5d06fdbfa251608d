"""The HDF5 file that Keras wrote before `.keras`: only its config is read."""

from __future__ import annotations

from typing import BinaryIO

import h5py

from dlcore.design.keras_import.objects import MAX_CONFIG_BYTES
from dlcore.errors import N_, SpecError

_CONFIG = "model_config"


def read_hdf5_config(source: BinaryIO) -> str | bytes:
    """Returns the JSON config of the model in an HDF5 file.

    Raises:
        SpecError: the file is damaged, or holds no model but only weights.
    """
    try:
        with h5py.File(source, "r") as file:
            text = file.attrs.get(_CONFIG)
    # What h5py raises depends on where the file is damaged.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise SpecError(
            N_("this HDF5 file is damaged."), hint=N_("Copy the whole file, or save the model again.")
        ) from error
    if not isinstance(text, (str, bytes)):
        raise SpecError(
            N_("this HDF5 file holds no model, perhaps only its weights."),
            hint=N_("Save the whole model as a `.keras` file: `model.save('model.keras')`."),
        )
    return text[: MAX_CONFIG_BYTES + 1]


def weights_error() -> SpecError:
    """Returns the error for the weights in such a file."""
    return SpecError(
        N_("the weights of Keras' old HDF5 format are not read."),
        hint=N_("Load it in Keras 3 and save it again as a `.keras` file."),
    )
