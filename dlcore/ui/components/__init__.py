"""The parts that are drawn in the browser, each with its script beside it."""
