"""Searches for good hyperparameters, on Optuna."""
