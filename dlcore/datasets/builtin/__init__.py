"""The datasets that come along: the catalogue, their downloads, and their readers."""
