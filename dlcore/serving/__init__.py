"""A run's model as a service of its own: JSON in, JSON out, with the preprocessing of the run."""
