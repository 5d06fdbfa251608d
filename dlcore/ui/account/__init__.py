"""The page of what is yours, and what is left of your budget."""
