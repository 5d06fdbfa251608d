"""Trying a run's model on something of your own."""
