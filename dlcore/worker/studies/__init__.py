"""The studies of a store at work: the driver, one study's loop, and Optuna's side."""
