"""The parts of the page Administration."""
