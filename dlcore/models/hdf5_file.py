"""The HDF5 file that Keras wrote before `.keras`: only its config is read."""

from __future__ import annotations

from typing import BinaryIO

import h5py

from dlcore.design.keras_import.objects import MAX_CONFIG_BYTES
from dlcore.errors import N_, SpecError

_CONFIG = "model_config"
_WEIGHTS = ("layer_names", "layers", "_layer_checkpoint_dependencies")
"""What `save_weights` of Keras 2 and 3 leaves in a file: an attribute, or a group."""


def read_hdf5_config(source: BinaryIO) -> str | bytes:
    """Returns the JSON config of the model in an HDF5 file.

    Raises:
        SpecError: the file is damaged, or holds no model but only weights.
    """
    try:
        with h5py.File(source, "r") as file:
            text = file.attrs.get(_CONFIG)
            only_weights = any(name in file.attrs or name in file for name in _WEIGHTS)
    # What h5py raises depends on where the file is damaged.
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise SpecError(
            N_("this HDF5 file is damaged."), hint=N_("Copy the whole file, or save the model again.")
        ) from error
    if not isinstance(text, (str, bytes)):
        raise _no_model(only_weights=only_weights)
    return text[: MAX_CONFIG_BYTES + 1]


def _no_model(*, only_weights: bool) -> SpecError:
    if only_weights:
        return SpecError(
            N_("this HDF5 file holds only weights, and not the layers that they belong to."),
            hint=N_(
                "Build the model in Keras, load the file with `model.load_weights`, and save the whole:"
                " `model.save('model.keras')`."
            ),
        )
    return SpecError(
        N_("this HDF5 file holds no model."),
        hint=N_("Choose a `.keras` file: `model.save('model.keras')`."),
    )


def weights_error() -> SpecError:
    """Returns the error for the weights in such a file."""
    return SpecError(
        N_("the weights of Keras' old HDF5 format are not read."),
        hint=N_("Load it in Keras 3 and save it again as a `.keras` file."),
    )
