"""The textbook: one module for each topic."""
