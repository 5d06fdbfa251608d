"""The supervisor, its slots, its executors and its studies."""
