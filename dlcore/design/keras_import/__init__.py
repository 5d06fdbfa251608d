"""Keras models read from their configs: data only, against the registered layers; Keras is not needed."""

from dlcore.design.keras_import.flat import ImportedInput
from dlcore.design.keras_import.imported import ImportedModel, import_config, import_json
from dlcore.design.keras_import.older import newer_config

__all__ = ["ImportedInput", "ImportedModel", "import_config", "import_json", "newer_config"]
