"""Experiments: the list of them, and the pages of a draft; both are made of what the other pages have."""
