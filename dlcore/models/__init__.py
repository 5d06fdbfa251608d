"""Models from outside: `.keras` files, read as data, and kept.

Reading the config needs the standard library alone. Only `weights` imports h5py, whose parser is C code:
the dashboard leaves that to other processes (see `checking`).
"""

from dlcore.models.keras_file import read_model_file
from dlcore.models.stored import StoredModel, add, model_ids, remove, stored_model, stored_models

__all__ = ["StoredModel", "add", "model_ids", "read_model_file", "remove", "stored_model", "stored_models"]
