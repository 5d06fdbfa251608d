"""Models in a visitor's browser."""
