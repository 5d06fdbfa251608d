"""The built-in datasets: the catalogue, their downloads, and their readers."""
