"""Timings beside their targets: `python -m benchmarks`."""
