"""Guided lessons: files that a teacher writes, and checks over what a person has done."""
