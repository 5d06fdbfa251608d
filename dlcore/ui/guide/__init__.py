"""The guide of a lesson, which stays in view on every page."""
