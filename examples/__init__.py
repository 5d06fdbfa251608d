"""Experiments that run as they are, and the small tables some of them need."""
