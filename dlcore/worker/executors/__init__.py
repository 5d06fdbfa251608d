"""Where run processes come from."""
