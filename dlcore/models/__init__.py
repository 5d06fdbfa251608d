"""Models from outside: `.keras` files, kept under the hash of their content.

What is imported here reads only what we wrote. The readers of strangers' files are `keras_file` and
`weights`, and `storing`, which uses both: only processes with limits import them.
"""

from dlcore.models.inspected import InspectedModel
from dlcore.models.stored import StoredModel, model_ids, remove, stored_model, stored_models

__all__ = ["InspectedModel", "StoredModel", "model_ids", "remove", "stored_model", "stored_models"]
