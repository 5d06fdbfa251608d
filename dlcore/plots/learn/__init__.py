"""The figures of the textbook."""
