"""DL Studio's engine: from a dataset to a trained, evaluated deep-learning model."""

__version__ = "0.1.0"
